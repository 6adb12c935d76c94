package io.bowstring.cli.load;

/** The results of a load test cannot be read; the message is the one line that the user gets to see. Immutable. */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LoadException(String message) {
        super(message);
    }
}
