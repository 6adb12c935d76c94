package io.bowstring.text;

import org.jspecify.annotations.Nullable;

/** Text cannot be read or written; the message is a line for its user. Immutable. */
public final class TextException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TextException(String message) {
        this(message, null);
    }

    TextException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
