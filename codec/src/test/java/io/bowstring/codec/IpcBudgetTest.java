package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IpcBudgetTest {
    private static final int LIMIT = 400_000;

    private final IpcBudget parent = new IpcBudget(2 * LIMIT);
    private final IpcBudget budget = parent.newChild(LIMIT);
    private int wakes;

    @Test
    void countsInItselfAndInItsParent() {
        IpcBudget other = parent.newChild(LIMIT);
        budget.add(1000);
        other.add(10);

        assertThat(budget.usedBytes()).isEqualTo(1000);
        assertThat(other.usedBytes()).isEqualTo(10);
        assertThat(parent.usedBytes()).isEqualTo(1010);
        budget.remove(1000);
        assertThat(budget.usedBytes()).isZero();
        assertThat(parent.usedBytes()).isEqualTo(10);
    }

    @Test
    void isOverWhereMoreIsUsedThanItsLimit() {
        budget.add(LIMIT);
        assertThat(budget.isOver()).isFalse();

        budget.add(1);
        assertThat(budget.isOver()).isTrue();
        assertThat(parent.isOver()).isFalse();
    }

    @Test
    void isOverWhereMoreIsUsedThanItsParentsLimit() {
        parent.newChild(4 * LIMIT).add(2 * LIMIT + 1);

        assertThat(budget.isOver()).isTrue();
    }

    @Test
    void wakesWhenNoMoreIsUsedThanItsLimit() {
        budget.add(LIMIT + 2);
        budget.await(() -> wakes++);
        assertThat(budget.pausedConnections()).isEqualTo(1);
        assertThat(parent.pausedConnections()).isZero(); // it waits for the child's limit

        budget.remove(1);
        assertThat(wakes).isZero();
        budget.remove(1); // nothing more need ever be released
        assertThat(wakes).isEqualTo(1);
        assertThat(budget.pausedConnections()).isZero();
        assertThat(parent.pausedConnections()).isZero();
        budget.remove(LIMIT);
        assertThat(wakes).isEqualTo(1);
    }

    @Test
    void wakesWhenNoMoreIsUsedThanItsParentsLimit() {
        IpcBudget other = parent.newChild(4 * LIMIT);
        other.add(2 * LIMIT + 1);
        budget.await(() -> wakes++);
        assertThat(other.pausedConnections()).isZero();
        assertThat(parent.pausedConnections()).isEqualTo(1);

        other.remove(1);
        assertThat(wakes).isEqualTo(1);
        assertThat(parent.pausedConnections()).isZero();
    }

    @Test
    void wakesAllWhoWait() {
        IpcBudget other = parent.newChild(LIMIT);
        parent.add(2 * LIMIT + 1);
        budget.await(() -> wakes++);
        other.await(() -> wakes++);

        parent.remove(1);
        assertThat(wakes).isEqualTo(2);
    }

    @Test
    void wakesAtOnceWhereThereIsMemory() {
        budget.add(LIMIT);
        budget.await(() -> wakes++);

        assertThat(wakes).isEqualTo(1);
        assertThat(budget.pausedConnections()).isZero();
    }

    @Test
    void forgetsWhoIsCancelled() {
        Runnable waiter = () -> wakes++;
        budget.add(LIMIT + 1);
        budget.await(waiter);
        budget.cancel(waiter);
        budget.cancel(waiter);
        assertThat(budget.pausedConnections()).isZero();

        budget.remove(LIMIT + 1);
        assertThat(wakes).isZero();
    }

    @Test
    void forgetsWhoWaitsForItsParent() {
        Runnable waiter = () -> wakes++;
        parent.add(2 * LIMIT + 1);
        budget.await(waiter);
        budget.cancel(waiter);

        assertThat(parent.pausedConnections()).isZero();
        parent.remove(2 * LIMIT + 1);
        assertThat(wakes).isZero();
    }

    @Test
    void tellsItsLimit() {
        assertThat(budget.limitBytes()).isEqualTo(LIMIT);
        assertThat(new IpcBudget(IpcBudget.MIN_LIMIT_BYTES).limitBytes()).isEqualTo(131_072);
    }

    @Test
    void refusesLimitBelowTwoReceiveBuffers() {
        String message = "limitBytes: 131071 (expected: >= 131072)";
        assertThatThrownBy(() -> new IpcBudget(131_071))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> budget.newChild(131_071))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void wakesEveryWaiterWhicheverThreadFreesTheMemory() throws Exception {
        int threads = 4;
        int rounds = 20_000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                IpcBudget own = i % 2 == 0 ? budget : parent.newChild(LIMIT);
                tasks.add(() -> addAndWait(own, rounds));
            }
            for (Future<Void> task : executor.invokeAll(tasks)) {
                task.get();
            }
        } finally {
            executor.shutdown();
        }
        assertThat(parent.usedBytes()).isZero();
        assertThat(parent.pausedConnections()).isZero();
    }

    /** Holds too much for a moment at a time, and must then be woken by whoever comes last. */
    private static Void addAndWait(IpcBudget budget, int rounds) throws InterruptedException {
        for (int i = 0; i < rounds; i++) {
            budget.add(3 * LIMIT / 5);
            CountDownLatch woken = new CountDownLatch(1);
            boolean isOver = budget.isOver();
            if (isOver) {
                budget.await(woken::countDown);
            }
            budget.remove(3 * LIMIT / 5);
            assertThat(!isOver || woken.await(20, TimeUnit.SECONDS)).isTrue();
        }
        return null;
    }
}
