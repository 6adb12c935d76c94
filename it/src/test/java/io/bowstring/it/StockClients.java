package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Scripts that use an Arrow library of another language and nothing of ours. A script's cases are its own: it lists
 * them, and each runs in a process of its own, so that none can be forgotten or disturb another.
 *
 * <p>Thread-safe.
 */
final class StockClients {
    /** Longer than what a script gives itself, which then says where it hangs. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final Path scripts;
    private final Runner runner;

    /**
     * Creates clients.
     *
     * @param scripts folder of the scripts
     * @param runner starts what lists the cases of a script, by {@code SCRIPT}, or runs one, by {@code SCRIPT CASE}
     */
    StockClients(Path scripts, Runner runner) {
        this.scripts = scripts;
        this.runner = runner;
    }

    /** Returns a test for each case of a script. */
    Stream<DynamicTest> cases(String script, int port) {
        return names(script, port).stream()
                .map(name -> DynamicTest.dynamicTest(name.replace('_', ' '), () -> run(port, script, name)));
    }

    /** Returns the names of a script's cases. */
    List<String> names(String script, int port) {
        List<String> names = run(port, script).lines().toList();
        if (names.isEmpty()) {
            throw new AssertionError("no cases in " + script);
        }
        return names;
    }

    /** Runs a script and returns its standard output; fails with its standard error. */
    String run(int port, String... arguments) {
        try (ClientProcess process = start(port, arguments)) {
            return process.await(TIMEOUT);
        }
    }

    /** Starts a script. */
    ClientProcess start(int port, String... arguments) {
        Map<String, String> environment = new LinkedHashMap<>(LaunchedServer.JVM_OPTIONS);
        environment.put("BOWSTRING_PORT", Integer.toString(port));
        environment.put("BOWSTRING_ROOT", Project.ROOT.toString());
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        try {
            return runner.start(scripts, environment, List.of(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the process of a script. */
    interface Runner {
        /** Returns a runner whose process is a command with the arguments after it. */
        static Runner of(String... command) {
            return (folder, environment, arguments) -> {
                List<String> line = new ArrayList<>(List.of(command));
                line.addAll(arguments);
                return ClientProcess.start(folder, environment, line);
            };
        }

        ClientProcess start(Path folder, Map<String, String> environment, List<String> arguments) throws IOException;
    }
}
