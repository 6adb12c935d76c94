package io.bowstring.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot continue; the message is the one line that the user gets to see. Immutable. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        this(message, null);
    }

    CommandException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns why something failed, and what failed after it, where its message does not say both. */
    static String reason(Exception failure) {
        StringBuilder reason = new StringBuilder(String.valueOf(failure.getMessage()));
        for (Throwable other : failure.getSuppressed()) {
            String added = String.valueOf(other.getMessage());
            if (added.contains(reason)) {
                reason.setLength(0);
                reason.append(added);
            } else {
                reason.append("; ").append(added);
            }
        }
        return reason.toString();
    }
}
