package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cases of Python that are forked end as processes do that are started. */
class PythonForksIT {
    private static final int PORT = 8816;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @BeforeAll
    static void requireForks() {
        assumeTrue(PythonForks.arePossible(), "no forks on this machine");
    }

    private static String run(String... arguments) {
        return PYTHON.scripts().run(PORT, arguments);
    }

    @Test
    void hasItsOwnFolderVariablesInputAndOutput() {
        assertThat(run("endings", "returns")).isEqualTo(Project.inModule("src/test/python") + " " + PORT + " b''\n");
    }

    @Test
    void tellsWhyItFailed() {
        assertThatThrownBy(() -> run("endings", "raises"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("exit 1: python run_case.py endings raises")
                .hasMessageContaining("AssertionError: as it should");
        assertThatThrownBy(() -> run("endings", "is_killed"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("exit -9");
        assertThatThrownBy(() -> run("endings", "lacks_something")).hasMessageContaining("something");
    }

    /** Also what the case has started, and the next case runs. */
    @Test
    void isGoneWhenItIsClosed() {
        ProcessHandle child;
        ProcessHandle process;
        try (ClientProcess waiting = PYTHON.scripts().start(PORT, "endings", "waits_for_ever")) {
            while (!waiting.output().endsWith("\n")) {
                assertThat(waiting.hasEnded(POLL_INTERVAL)).isFalse();
            }
            process = waiting.process().toHandle();
            child = ProcessHandle.of(Long.parseLong(waiting.output().strip())).orElseThrow();
        }

        assertThat(process.isAlive()).isFalse();
        child.onExit().join();
        hasItsOwnFolderVariablesInputAndOutput();
    }
}
