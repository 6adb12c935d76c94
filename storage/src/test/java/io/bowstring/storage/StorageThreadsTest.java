package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StorageThreadsTest {
    private final List<String> waits = new ArrayList<>();
    private long seconds = Long.MAX_VALUE / 1_000_000_000; // the time may overflow

    /** Threads that end after so many seconds of the test's time. */
    private final class Pool extends AbstractExecutorService {
        private final String name;
        private final long endSeconds;

        Pool(String name, long endsAfterSeconds) {
            this.name = name;
            this.endSeconds = seconds + endsAfterSeconds;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            waits.add(name + " " + unit.toSeconds(timeout));
            seconds = Math.max(seconds, Math.min(endSeconds, seconds + unit.toSeconds(timeout)));
            return isTerminated();
        }

        @Override
        public boolean isTerminated() {
            return seconds >= endSeconds;
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return true;
        }

        @Override
        public void execute(Runnable command) {}
    }

    private void awaitAll(Pool... pools) throws InterruptedException {
        StorageThreads.awaitAll(List.of(pools), Duration.ofSeconds(5), () -> seconds * 1_000_000_000);
    }

    @Test
    void waitsForAllNoLongerThanForOne() throws InterruptedException {
        long start = seconds;

        awaitAll(new Pool("writers", 3), new Pool("backlogs", 4), new Pool("readers", 100));

        assertThat(waits).containsExactly("writers 5", "backlogs 2", "readers 1");
        assertThat(seconds - start).isEqualTo(5);
    }

    @Test
    void waitsForNoneAfterOneThatDoesNotEnd() throws InterruptedException {
        awaitAll(new Pool("writers", 100), new Pool("backlogs", 0));

        assertThat(waits).containsExactly("writers 5");
    }

    @Test
    void looksOnceForThoseThatEndLate() throws InterruptedException {
        awaitAll(new Pool("writers", 5), new Pool("backlogs", 0), new Pool("readers", 0));

        assertThat(waits).containsExactly("writers 5", "backlogs 0", "readers 0");
    }

    @Test
    void looksAgainAfterATickThatFailed() throws InterruptedException {
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        CountDownLatch ticks = new CountDownLatch(2);
        threads.repeat(
                () -> {
                    ticks.countDown();
                    throw new OutOfMemoryError("exhausted by the test");
                },
                Duration.ofMillis(1));

        assertThat(ticks.await(1, TimeUnit.MINUTES)).isTrue();
        threads.close(Duration.ofSeconds(1));
    }
}
