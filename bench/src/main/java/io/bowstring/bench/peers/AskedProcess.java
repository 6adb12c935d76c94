package io.bowstring.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A relay that prints its port, then its CPU time in nanoseconds for each line that it is sent, and ends with its input. */
final class AskedProcess implements RelayProcess {
    private static final Pattern ANSWER = Pattern.compile("^bench ([0-9]+)$");

    private final Child child;

    private AskedProcess(List<String> command) throws IOException, InterruptedException {
        child = new Child(ANSWER, command);
    }

    /** Starts {@link RelayProgram} for a lane, with a folder for what that writes to disk. */
    static AskedProcess java(String lane, Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--")) // modules that Arrow's memory needs open
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RelayProgram.class.getName()));
        command.addAll(List.of(lane, folder.toString()));
        return new AskedProcess(command);
    }

    /** Starts an interpreter on a script, which is a resource beside this class. */
    static AskedProcess script(String interpreter, String resource) throws IOException, InterruptedException {
        Path script = Files.createTempFile("bowstring-bench", resource);
        try (InputStream source = AskedProcess.class.getResourceAsStream(resource)) {
            if (source == null) {
                throw new IOException("resource: " + resource + " (expected: on the class path)");
            }
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
            return new AskedProcess(List.of(interpreter, script.toString()));
        } finally {
            Files.delete(script); // it has been read when the process has said its port
        }
    }

    @Override
    public int port() {
        return child.port();
    }

    @Override
    public double cpuSeconds() throws IOException, InterruptedException {
        return child.ask() / 1e9;
    }

    @Override
    public List<String> log() {
        return child.log();
    }

    /** Kills the process by SIGKILL, and waits for its end; only {@link #close} may follow. */
    void kill() {
        child.kill();
    }

    @Override
    public void close() {
        child.close();
    }
}
