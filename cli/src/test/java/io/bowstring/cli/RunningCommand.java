package io.bowstring.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.FutureTask;

/** A run of the command in this JVM that goes on while the test looks at what it has written. Thread-safe. */
final class RunningCommand {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();
    private final FutureTask<Integer> run;

    RunningCommand(String line) {
        StandardStreams streams = new StandardStreams(
                new ByteArrayInputStream(new byte[0]), out, new PrintWriter(err, true), false, false);
        run = new FutureTask<>(() -> Bowstring.run(streams, line.split(" ")));
        Thread thread = new Thread(run, "command");
        thread.setDaemon(true);
        thread.start();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString();
    }

    /** Waits until standard output has a text; the test's timeout ends that. */
    void awaitOut(String text) throws InterruptedException {
        while (!out().contains(text)) {
            pause();
        }
    }

    /** Waits until standard error has a text; the test's timeout ends that. */
    void awaitErr(String text) throws InterruptedException {
        while (!err().contains(text)) {
            pause();
        }
    }

    private void pause() throws InterruptedException {
        if (run.isDone()) {
            throw new AssertionError("it has ended: " + out() + err());
        }
        Thread.onSpinWait();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    int exitCode() throws Exception {
        return run.get();
    }
}
