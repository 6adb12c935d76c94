package io.bowstring.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A relay in a process of its own, so that its CPU time is its alone. The process prints its port, then its CPU time in
 * nanoseconds for each line that it is sent, and ends with its input.
 *
 * <p>Owns the process. Confined to the caller's thread.
 */
final class RelayProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream questions;
    private final int port;

    RelayProcess(RelayKind kind) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (kind == RelayKind.FLIGHT) { // Arrow's memory does without flags no more than in this process
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith("--"))
                    .forEach(command::add);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RelayProcess.class.getName()));
        command.add(kind.name());
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        port = Math.toIntExact(answer());
    }

    /** The process. */
    public static void main(String[] args) throws Exception {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        try (Relay relay = RelayKind.valueOf(args[0]).start();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("bench " + relay.port());
            while (in.readLine() != null) {
                System.out.println("bench " + system.getProcessCpuTime());
            }
        }
        System.exit(0);
    }

    int port() {
        return port;
    }

    /** Returns the CPU time that the process has used, in seconds. */
    double cpuSeconds() throws IOException {
        questions.println();
        return answer() / 1e9;
    }

    /** Reads on to the next answer; the log of a relay goes the same way. */
    private long answer() throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith("bench ")) {
                return Long.parseLong(line.substring("bench ".length()));
            }
        }
        throw new IOException("the relay has ended");
    }

    @Override
    public void close() {
        questions.close();
        process.onExit()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
