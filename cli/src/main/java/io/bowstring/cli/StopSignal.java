package io.bowstring.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in order when the process is asked to stop (Ctrl-C, SIGTERM): runs an action, then holds the
 * process until the command is through, for ten seconds at most. Thread-safe.
 */
final class StopSignal implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 10;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean isRaised;

    /** Waits for the signal from now on; {@code action} runs on a thread of its own and must make the command end. */
    StopSignal(Runnable action) {
        hook = new Thread(() -> onStop(action), "bowstring-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void onStop(Runnable action) {
        isRaised = true;
        action.run();
        try {
            if (!ended.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("bowstring: did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the process has been asked to stop. */
    boolean isRaised() {
        return isRaised;
    }

    /** Says that the command is through. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: the process is stopping.
        }
    }
}
