package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A memory of 2,000 bytes, of which 1,000 may be kept; 300 by one connection, 600 by one topic. */
class MemoryShareTest {
    private final Broker broker = new Broker(
            BrokerConfig.DEFAULTS.withMemory(new MemoryConfig(2_000, 300, 600)),
            new ManualExecutor(),
            UnpooledByteBufAllocator.DEFAULT,
            new ManualClock());

    @Test
    void countsWhatIsChargedInTheMemoryUntilItIsReleased() {
        MemoryShare share = broker.newConnectionShare();

        share.charge("columns", 200);
        assertThat(share.usedBytes()).isEqualTo(200);
        assertThat(broker.usedMemoryBytes()).isEqualTo(200);

        share.release(150);
        assertThat(share.usedBytes()).isEqualTo(50);
        assertThat(broker.usedMemoryBytes()).isEqualTo(50);
    }

    @Test
    void releasesWhatIsLeftWhenItIsClosed() {
        MemoryShare share = broker.newConnectionShare();
        share.charge("columns", 200);

        share.close();
        share.close();
        share.release(200);
        share.charge("columns", 1_000_000);

        assertThat(share.usedBytes()).isZero();
        assertThat(broker.usedMemoryBytes()).isZero();
    }

    @Test
    void refusesWhatIsAboveItsLimitAndNamesTheSetting() {
        MemoryShare share = broker.newConnectionShare();
        share.charge("columns", 200);

        assertRefused(() -> share.charge("columns", 101), ErrorCode.LIMIT_REACHED)
                .hasMessage("columns: 101 bytes beside 200 bytes"
                        + " (expected: <= 300 bytes, one connection; max-connection-memory)");
        assertThat(broker.usedMemoryBytes()).isEqualTo(200);
        share.charge("columns", 100);

        assertRefused(() -> broker.newTopicShare().charge("schema", 601), ErrorCode.LIMIT_REACHED)
                .hasMessage("schema: 601 bytes (expected: <= 600 bytes, one topic; max-topic-memory)");
    }

    @Test
    void keepsNoMoreThanIsLeftForOthers() {
        MemoryShare large = broker.newTopicShare();
        large.charge("schema", 500);

        assertRefused(() -> large.charge("schema", 1), ErrorCode.STORAGE_FULL)
                .hasMessage("schema: 1 bytes beside 500 bytes"
                        + " (expected: <= 499 bytes, what is left for others; memory)");
        assertThat(broker.usedMemoryBytes()).isEqualTo(500);

        broker.newTopicShare().charge("schema", 250);
        broker.newTopicShare().charge("schema", 125);
        broker.newTopicShare().charge("schema", 62);
    }

    @Test
    void hasRoomForTheSmallHoweverManyHoldAllThatTheyMay() {
        long keptBytes = 16 << 20;
        Broker large = new Broker(
                BrokerConfig.DEFAULTS.withMemoryBytes(2 * keptBytes),
                new ManualExecutor(),
                UnpooledByteBufAllocator.DEFAULT,
                new ManualClock());
        for (int i = 0; i < 100; i++) {
            fill(large.newTopicShare());
        }
        assertThat(large.usedMemoryBytes()).isBetween(keptBytes - 1_024, keptBytes + 100 * 1_024);

        MemoryShare small = large.newConnectionShare();
        small.charge("columns", 1_024);
        assertRefused(() -> small.charge("columns", 1), ErrorCode.STORAGE_FULL);
    }

    private static void fill(MemoryShare share) {
        for (int bytes = 16 << 20; bytes > 0; bytes /= 2) {
            try {
                share.charge("schema", bytes);
            } catch (ProtocolException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            }
        }
    }

    @Test
    void refusesToReleaseMoreThanWasCharged() {
        MemoryShare share = broker.newConnectionShare();
        share.charge("columns", 1);

        assertThatThrownBy(() -> share.release(2)).isInstanceOf(IllegalArgumentException.class);
        assertThat(broker.usedMemoryBytes()).isEqualTo(1);
    }

    @Test
    void countsExactlyWhateverThreadsChargeAndClose() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        for (int round = 0; round < 1_000; round++) {
            MemoryShare share = broker.newConnectionShare();
            CountDownLatch start = new CountDownLatch(1);
            Future<?> first = threads.submit(() -> chargeSome(share, start));
            Future<?> second = threads.submit(() -> chargeSome(share, start));
            Future<?> closing = threads.submit(() -> {
                start.await();
                share.close();
                return null;
            });
            start.countDown();
            first.get();
            second.get();
            closing.get();

            assertThat(broker.usedMemoryBytes()).isZero();
        }
        threads.shutdown();
    }

    private static Object chargeSome(MemoryShare share, CountDownLatch start) throws InterruptedException {
        start.await();
        for (int i = 0; i < 5; i++) {
            share.charge("columns", 10);
            share.charge("columns", 5);
            share.release(10);
        }
        return share;
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(ThrowingCallable charge, ErrorCode code) {
        return assertThatThrownBy(charge)
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
