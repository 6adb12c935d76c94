package io.bowstring.client;

import org.jspecify.annotations.Nullable;

/**
 * A publisher or a subscriber cannot do what was asked: the address is wrong, the server does not answer, what it
 * answers is not understood, or this end has been closed. The subclasses are the cases that a program may want to tell
 * apart. Immutable.
 */
public class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with a message for people and what led to it. */
    ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Creates an exception with a message for people. */
    ClientException(String message) {
        super(message);
    }
}
