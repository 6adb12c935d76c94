package io.bowstring.cli.bench;

/** A load cannot continue; the message is the one line that the user gets to see. Immutable. */
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }
}
