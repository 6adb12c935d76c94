package io.bowstring.bench.peers;

import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Why a lane takes no more turns. Immutable.
 *
 * @param lane its name
 * @param shape what it was to deliver, or null if it did not start
 * @param reason in one line
 * @param log the last lines that its relay printed
 */
record Failure(String lane, @Nullable Shape shape, String reason, List<String> log) {
    Failure {
        log = List.copyOf(log);
    }

    static Failure of(String lane, @Nullable Shape shape, Exception failure, List<String> log) {
        Throwable cause = failure;
        while (cause instanceof ExecutionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new Failure(lane, shape, cause.toString().lines().findFirst().orElse(""), log);
    }

    /** Returns it in one line. */
    String text() {
        return lane + " failed " + (shape == null ? "to start" : "at " + shape.text()) + ": " + reason;
    }
}
