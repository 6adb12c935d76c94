package io.bowstring.client;

import org.jspecify.annotations.Nullable;

/**
 * The connection ended before the stream did, so that what has been received or acknowledged so far is not all. A
 * stream that has been torn never looks complete. Immutable.
 */
public final class ConnectionLostException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final boolean isOfSilence;

    ConnectionLostException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    /** Creates an exception; {@code isOfSilence} is whether the connection was given up since nothing came over it. */
    ConnectionLostException(String message, @Nullable Throwable cause, boolean isOfSilence) {
        super(message, cause);
        this.isOfSilence = isOfSilence;
    }

    /** Returns whether the connection was given up since nothing came over it, and not ended by the other side. */
    boolean isOfSilence() {
        return isOfSilence;
    }
}
