package io.bowstring.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that ends when this one does, also by a signal other than SIGKILL. It prints its port, and answers
 * questions with numbers. The last lines of its other output are kept: they say why it failed. Thread-safe. Owns the process.
 */
final class Child implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;
    private static final int END_SECONDS = 20;
    private static final int KEPT_LINES = 20;

    private final Process process;
    private final Pattern answer;
    private final PrintStream questions;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Thread killer;
    private final int port;

    /**
     * Starts a program, and waits for its port.
     *
     * @param answer what is found in a line that answers; its first group is the number
     */
    Child(Pattern answer, List<String> command) throws IOException, InterruptedException {
        this.answer = answer;
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        killer = new Thread(process::destroyForcibly, "bench-killer");
        questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "bench-relay-log");
        reader.setDaemon(true);
        reader.start();
        try {
            Runtime.getRuntime().addShutdownHook(killer);
            port = Math.toIntExact(answer());
        } catch (IOException | InterruptedException | RuntimeException e) { // also: this JVM is ending
            process.destroyForcibly();
            throw e;
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher matcher = answer.matcher(line);
                if (matcher.find()) {
                    answers.add(matcher.group(1));
                } else {
                    keep(line);
                }
            }
        } catch (IOException e) {
            keep(e.toString());
        }
        answers.add(""); // wakes a caller that waits for an answer
    }

    private synchronized void keep(String line) {
        lastLines.add(line);
        if (lastLines.size() > KEPT_LINES) {
            lastLines.remove();
        }
    }

    int port() {
        return port;
    }

    /** Asks by an empty line, and waits for the answer. */
    long ask() throws IOException, InterruptedException {
        questions.println();
        return answer();
    }

    private long answer() throws IOException, InterruptedException {
        String next = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null || next.isEmpty()) {
            throw new IOException("relay: " + (next == null ? "silent for " + PATIENCE_SECONDS + " s" : "ended")
                    + " (expected: an answer); it printed: " + String.join("; ", log()));
        }
        return Long.parseLong(next);
    }

    /** Returns the last lines that were no answers. */
    synchronized List<String> log() {
        return List.copyOf(lastLines);
    }

    ProcessHandle.Info info() {
        return process.info();
    }

    /** Kills the program, and waits for its end; only {@link #close} may follow. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Tells the program to end, by the end of its input and a signal; kills it if it takes too long. */
    @Override
    public void close() {
        questions.close();
        process.destroy();
        process.onExit()
                .orTimeout(END_SECONDS, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
