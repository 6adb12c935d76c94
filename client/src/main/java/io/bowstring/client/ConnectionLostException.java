package io.bowstring.client;

import org.jspecify.annotations.Nullable;

/**
 * The connection ended before the stream did, so that what has been received or acknowledged so far is not all. A
 * stream that has been torn never looks complete. Immutable.
 */
public final class ConnectionLostException extends ClientException {
    private static final long serialVersionUID = 1L;

    ConnectionLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
