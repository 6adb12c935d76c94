package io.bowstring.bench.peers;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where other programs are on this machine, by the environment variables of a process. Immutable. */
final class Programs {
    /** The variable that names an interpreter which has pyarrow. */
    static final String PYTHON = "BOWSTRING_PYTHON";

    /** The variable that names the program {@code nats-server}. */
    static final String NATS_SERVER = "BOWSTRING_NATS_SERVER";

    /** Where Debian installs servers, which users seldom have on their path. */
    private static final List<String> SERVER_FOLDERS = List.of("/usr/local/sbin", "/usr/sbin");

    private final Map<String, String> environment;

    Programs(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** Returns the interpreter to try. */
    String python() {
        return environment.getOrDefault(PYTHON, "python3");
    }

    /** Returns the {@code nats-server} to try, or null if there is none. */
    @Nullable
    String natsServer() {
        String named = environment.get(NATS_SERVER);
        if (named != null) {
            return named;
        }
        String path = environment.getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), SERVER_FOLDERS.stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nats-server"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    /** Runs a program and returns the one line that it prints, or null where it cannot run or fails. */
    @Nullable
    String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? line : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Returns the version that the jar of a class says. */
    static String versionOf(Class<?> type) {
        return Objects.requireNonNullElse(type.getPackage().getImplementationVersion(), "of unknown version");
    }
}
