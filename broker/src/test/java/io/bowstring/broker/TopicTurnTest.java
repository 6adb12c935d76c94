package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopicTurnTest {
    private static final int MOST_IN_A_ROW = 64;

    private final ManualExecutor loop = new ManualExecutor();
    private final TopicTurn turn = new TopicTurn(loop);
    private final List<Integer> done = new ArrayList<>();

    @Test
    void runsATaskOnTheThreadThatHandsItIn() {
        turn.execute(() -> done.add(1));

        assertThat(done).containsExactly(1);
        assertThat(loop.waitingTasks()).isZero();
    }

    @Test
    void runsWhatATaskHandsInAfterThatTask() {
        turn.execute(() -> {
            turn.execute(() -> done.add(2));
            turn.execute(() -> done.add(3));
            done.add(1);
        });

        assertThat(done).containsExactly(1, 2, 3);
    }

    @Test
    void leavesTheRestOfManyTasksToTheLoop() {
        handInWhileBusy(100);
        assertThat(done).hasSize(MOST_IN_A_ROW - 1); // and the one that they were handed in by

        turn.execute(() -> done.add(100)); // by whatever thread: it is not its turn
        assertThat(done).hasSize(MOST_IN_A_ROW - 1);

        loop.runAll();
        assertThat(done).isEqualTo(IntStream.rangeClosed(0, 100).boxed().toList());
    }

    @Test
    void continuesItselfWhereTheLoopHasNoMemoryForTheRest() {
        loop.failOnce(() -> {
            throw new OutOfMemoryError("by the test");
        });

        handInWhileBusy(100);

        assertThat(done).hasSize(100);
    }

    private void handInWhileBusy(int tasks) {
        turn.execute(() -> {
            for (int i = 0; i < tasks; i++) {
                int number = i;
                turn.execute(() -> done.add(number));
            }
        });
    }

    @Test
    void tellsTheLoopOfAFaultAndContinues() {
        turn.execute(() -> {
            turn.execute(() -> done.add(1));
            throw new IllegalStateException("by the test");
        });

        assertThat(done).containsExactly(1);
        assertThatThrownBy(loop::runAll).hasMessage("by the test");
    }

    @Test
    void runsTasksOfManyThreadsOneAtATimeAndThoseOfEachInOrder() throws InterruptedException {
        int threads = 4;
        int tasks = 20_000;
        int[] last = new int[threads];
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger faults = new AtomicInteger();
        TopicTurn shared = new TopicTurn(new DefaultEventExecutor());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int thread = 0; thread < threads; thread++) {
            int owner = thread;
            pool.execute(() -> {
                for (int i = 1; i <= tasks; i++) {
                    int number = i;
                    shared.execute(() -> {
                        boolean isAlone = atWork.getAndIncrement() == 0;
                        faults.addAndGet(isAlone && last[owner] == number - 1 ? 0 : 1);
                        last[owner] = number;
                        atWork.decrementAndGet();
                    });
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

        CountDownLatch all = new CountDownLatch(1);
        shared.execute(all::countDown);
        assertThat(all.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(faults).hasValue(0);
        assertThat(last).containsOnly(tasks);
        shared.loop().shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
