package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimableTaskTest {
    private final List<Runnable> kept = new ArrayList<>();
    private final List<String> done = new ArrayList<>();

    private void add() {
        done.add("done");
    }

    @Test
    void runsOnceHoweverOftenAnExecutorRunsIt() {
        ClaimableTask.execute(kept::add, this::add);
        assertThat(done).isEmpty();

        kept.get(0).run();
        kept.get(0).run();

        assertThat(done).hasSize(1);
    }

    @Test
    void neverRunsWhereAnExecutorKeepsItAndThrows() {
        assertThatThrownBy(() -> ClaimableTask.execute(
                        task -> {
                            kept.add(task);
                            throw new OutOfMemoryError("of the test");
                        },
                        this::add))
                .isInstanceOf(OutOfMemoryError.class);

        kept.get(0).run();

        assertThat(done).isEmpty();
    }

    @Test
    void throwsNothingWhereAnExecutorHasRunItAndThrows() {
        ClaimableTask.execute(
                task -> {
                    task.run();
                    throw new OutOfMemoryError("of the test");
                },
                this::add);

        assertThat(done).hasSize(1);
    }
}
