package io.bowstring.bench.peers;

import java.util.concurrent.TimeUnit;

/** The end of a process that has been told to end. */
final class Ending {
    private static final int PATIENCE_SECONDS = 20;

    private Ending() {}

    /** Waits for it; kills the process if it takes too long. */
    static void await(Process process) {
        process.onExit()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
