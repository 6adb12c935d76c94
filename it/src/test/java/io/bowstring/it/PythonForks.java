package io.bowstring.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A Python process that has imported pyarrow and forks a process for each case, {@code fork_case.py}: to import takes longer
 * than most cases. One case runs at a time. The process is gone when {@link #close} returns.
 *
 * <p>Confined to the test's thread, but for the answer that tells how a case has ended: the thread that waits for it reads
 * that. {@link ClientProcess#close} waits for this answer, so no two threads read at a time.
 */
final class PythonForks implements AutoCloseable {
    /** Where it is there, Python can tell that no thread would be missing in a fork. */
    private static final Path TASKS = Path.of("/proc/self/task");

    private final Path errors;
    private final Process parent;
    private final Writer requests;
    private final BufferedReader answers;

    /** Starts the process in the folder of the scripts. */
    PythonForks(Path scripts, String interpreter) throws IOException {
        errors = Files.createTempFile("bowstring-it-", ".err");
        ProcessBuilder builder = new ProcessBuilder(interpreter, "fork_case.py")
                .directory(scripts.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        parent = builder.start();
        requests = parent.outputWriter();
        answers = parent.inputReader();
    }

    /** Returns whether this machine can have such a process. */
    static boolean arePossible() {
        return Files.isDirectory(TASKS);
    }

    /**
     * Forks a process.
     *
     * @param folder to run it in
     * @param environment in addition to this process's own
     * @param arguments of {@code run_case.py}
     */
    ClientProcess start(Path folder, Map<String, String> environment, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python", "run_case.py"));
        command.addAll(arguments);
        return new ClientProcess(command, (output, log) -> {
            List<String> fields = new ArrayList<>(List.of(folder.toString(), output.toString(), log.toString()));
            environment.forEach((name, value) -> fields.add(name + "=" + value));
            fields.add("");
            fields.addAll(arguments);
            requests.write(String.join("\t", fields) + "\n");
            requests.flush();
            return new Fork(Long.parseLong(answer()));
        });
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("no answer from fork_case.py: " + Files.readString(errors));
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        parent.destroyForcibly();
        try {
            parent.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(errors);
    }

    /** A process that is not this one's child: its parent tells how it has ended. Thread-safe. */
    private final class Fork extends Process {
        private final long pid;

        /** Empty where it has ended already. */
        private final Optional<ProcessHandle> handle;

        private final CompletableFuture<Integer> exit = new CompletableFuture<>();

        Fork(long pid) {
            this.pid = pid;
            this.handle = ProcessHandle.of(pid);
            Thread waiter = new Thread(this::awaitExit, "exit of " + pid);
            waiter.setDaemon(true);
            waiter.start();
        }

        private void awaitExit() {
            try {
                exit.complete(Integer.parseInt(answer()));
            } catch (IOException | NumberFormatException e) {
                exit.completeExceptionally(e);
            }
        }

        @Override
        public int waitFor() throws InterruptedException {
            waitFor(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
            return exitValue();
        }

        @Override
        public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
            try {
                exit.handle((value, failure) -> true).get(timeout, unit);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public int exitValue() {
            if (!exit.isDone()) {
                throw new IllegalThreadStateException("process " + pid + " has not ended");
            }
            return exit.join();
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public ProcessHandle toHandle() {
            return handle.orElseThrow();
        }

        @Override
        public Stream<ProcessHandle> descendants() {
            return handle.stream().flatMap(ProcessHandle::descendants);
        }

        @Override
        public void destroy() {
            handle.ifPresent(ProcessHandle::destroyForcibly);
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return InputStream.nullInputStream();
        }
    }
}
