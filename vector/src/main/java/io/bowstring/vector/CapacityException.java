package io.bowstring.vector;

/**
 * There is no room for what is to be written, and nothing of it has been. Immutable.
 */
public final class CapacityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long neededBytes;
    private final long availableBytes;

    CapacityException(String what, long neededBytes, long availableBytes) {
        super("bytes of " + what + ": " + neededBytes + " (expected: <= " + availableBytes + ")");
        this.neededBytes = neededBytes;
        this.availableBytes = availableBytes;
    }

    /** Returns how much room would do. */
    public long neededBytes() {
        return neededBytes;
    }

    /** Returns how much room there is. */
    public long availableBytes() {
        return availableBytes;
    }
}
