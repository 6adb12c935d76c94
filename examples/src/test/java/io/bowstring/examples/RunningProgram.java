package io.bowstring.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An example in a JVM of its own, as somebody would start it. Confined to the test's thread. */
final class RunningProgram implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    RunningProgram(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Returns a port on which nobody listens. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until it prints a line. */
    void awaitLine(String line) throws IOException {
        List<String> printed = new ArrayList<>();
        for (String next = output.readLine(); !line.equals(next); next = output.readLine()) {
            if (next == null) {
                throw new AssertionError("it has ended, and has not printed \"" + line + "\" but " + printed);
            }
            printed.add(next);
        }
    }

    /** Waits until it ends; returns its exit code. */
    int await() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
