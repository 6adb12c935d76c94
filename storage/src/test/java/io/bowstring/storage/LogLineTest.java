package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private boolean isClosed;

    private final LogLine line = new LogLine(task -> {
        if (isClosed) {
            throw new RejectedExecutionException("thrown by the test");
        }
        threads.add(task);
    });

    private void add(String name) {
        line.execute(() -> done.add(name));
    }

    @Test
    void runsTasksInOrderAndLeavesSomeToTheNextTurn() {
        for (int i = 0; i < 10; i++) {
            add("task " + i);
        }

        threads.remove().run();
        assertThat(done).hasSize(8).first().isEqualTo("task 0");
        assertThat(threads).hasSize(1); // after the other logs
        threads.remove().run();
        assertThat(done).hasSize(10).last().isEqualTo("task 9");
        assertThat(threads).isEmpty();
    }

    @Test
    void runsAllWhereTheStorageIsBeingClosed() {
        for (int i = 0; i < 20; i++) {
            add("task " + i);
        }
        isClosed = true;

        threads.remove().run();

        assertThat(done).hasSize(20);
    }

    @Test
    void runsTheOthersAfterOneThatThrows() {
        line.execute(() -> {
            throw new OutOfMemoryError("thrown by the test");
        });
        add("second");

        assertThatThrownBy(threads.remove()::run).isInstanceOf(OutOfMemoryError.class);
        threads.remove().run();

        assertThat(done).containsExactly("second");
    }

    @Test
    void runsWithTheNextTaskWhatNoThreadTook() {
        isClosed = true;
        assertThatThrownBy(() -> add("first")).isInstanceOf(RejectedExecutionException.class);
        isClosed = false;

        add("second");
        threads.remove().run();

        assertThat(done).containsExactly("first", "second");
    }
}
