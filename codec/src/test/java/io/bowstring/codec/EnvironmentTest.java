package io.bowstring.codec;

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

    @Test
    void saysWhatIsWrongWithAProgram() {
        Environment environment = new Environment(folder.resolve("language"));

        assertThatThrownBy(
                        () -> environment.make("packages", () -> environment.run("sh", "-c", "echo no room; exit 3")))
                .hasMessageContaining("exit 3: sh -c ")
                .hasMessageEndingWith("no room\n");
        assertThatThrownBy(() -> environment.run("no-such-program")).hasMessageStartingWith("no no-such-program: ");
    }
}
