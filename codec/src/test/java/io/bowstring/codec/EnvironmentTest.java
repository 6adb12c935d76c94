package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
    @TempDir
    private Path folder;

    private int tries;

    private void make() {
        new Environment(folder.resolve("language")).make("packages", () -> {
            tries++;
            Requirement.unmet("no network");
        });
    }

    /** An installation may take minutes to find out that there is no network. */
    @Test
    void isNotTriedAgainWhereItCouldNotBeMade() {
        assertThatThrownBy(this::make).hasMessageContaining("no network");

        assertThatThrownBy(this::make).hasMessageContaining("no network");
        assertThat(tries).isEqualTo(1);
    }
}
