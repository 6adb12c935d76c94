package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ChildTest {
    private static final Pattern PORT = Pattern.compile("^port ([0-9]+)$");

    /** A program that has a child, prints the id of that, and waits for a signal. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] args) throws Exception {
            Child child = new Child(PORT, List.of("sh", "-c", "echo port $$; exec sleep 600"));
            System.out.println(child.port());
            Thread.currentThread().join();
        }
    }

    @Test
    void aChildEndsWhenASignalEndsItsParent() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName())
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();

            parent.destroy(); // SIGTERM

            child.onExit().get(60, TimeUnit.SECONDS);
            assertThat(child.isAlive()).isFalse();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aChildThatEndsSaysItsLastTwentyLines() {
        List<String> command =
                List.of("sh", "-c", "for i in $(seq 30); do echo line $i; done; echo no room >&2; exit 1");

        assertThatIOException()
                .isThrownBy(() -> new Child(PORT, command))
                .withMessageStartingWith("relay: ended (expected: an answer); it printed: line 12; line 13;")
                .withMessageEndingWith("line 30; no room");
    }
}
