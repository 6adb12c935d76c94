package io.bowstring.it;

import java.io.IOException;

/** Signals to processes. Not instantiable. */
final class Signals {
    private Signals() {}

    /** Sends a signal by its name without SIG; has been sent on return. */
    static void send(String signal, long pid) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start();
        try {
            if (kill.waitFor() != 0) {
                throw new IOException("kill -" + signal + " " + pid + ": exit " + kill.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
