package io.bowstring.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A relay that prints its port, then its CPU time in nanoseconds for each line that it is sent, and ends with its input.
 * Each answer is a line that begins with {@code bench}.
 */
final class AskedProcess implements RelayProcess {
    private static final String ANSWER = "bench ";

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream questions;
    private final int port;

    private AskedProcess(List<String> command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        port = Math.toIntExact(answer());
    }

    /** Starts {@link RelayProgram} for a lane. */
    static AskedProcess java(String lane, FlagsOfRelay flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags.list());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RelayProgram.class.getName(), lane));
        return new AskedProcess(command);
    }

    /** Starts an interpreter on a script, which is a resource beside this class. */
    static AskedProcess script(String interpreter, String resource) throws IOException {
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
        return port;
    }

    @Override
    public double cpuSeconds() throws IOException {
        questions.println();
        return answer() / 1e9;
    }

    /** Reads on to the next answer; the log of a relay goes the same way. */
    private long answer() throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(ANSWER)) {
                return Long.parseLong(line.substring(ANSWER.length()));
            }
        }
        throw new IOException("the relay has ended");
    }

    @Override
    public void close() {
        questions.close();
        Ending.await(process);
    }
}
