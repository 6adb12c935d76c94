package io.bowstring.bench.peers;

import java.util.concurrent.CountDownLatch;

/** Counts and checks the batches of one subscriber in a turn. Confined to the subscriber's thread until that has ended. */
final class Receiving {
    private final Turn turn;
    private final CountDownLatch begun;
    private final CountDownLatch delivered;
    private boolean hasBegun;
    private int batches;
    private long bodyBytes;
    private long lastNanos;

    /** Creates one that counts both down: once it has begun, and once it has all batches. */
    Receiving(Turn turn, CountDownLatch begun, CountDownLatch delivered) {
        this.turn = turn;
        this.begun = begun;
        this.delivered = delivered;
    }

    Turn turn() {
        return turn;
    }

    /** Says that nothing of what is published from now on is missed; may be said again. */
    void begun() {
        if (!hasBegun) {
            hasBegun = true;
            begun.countDown();
        }
    }

    /**
     * Counts the next batch.
     *
     * @throws IllegalStateException if there are too many, or if its length is not that of the batch that comes next: every other
     *     batch is a row shorter, so that one that is lost, repeated or exchanged with its neighbour shows
     */
    void batch(long bytes) {
        boolean isInOrder = turn.shape().publishers() == 1; // of several publishers only the sum is known
        if (batches == turn.expected() || (isInOrder && bytes != turn.bodyBytes(batches))) {
            throw new IllegalStateException("batch " + batches + ": a body of " + bytes + " bytes (expected: "
                    + (batches == turn.expected() ? "no more" : turn.bodyBytes(batches)) + ")");
        }
        turn.received(batches++);
        bodyBytes += bytes;
        if (batches == turn.expected()) {
            lastNanos = System.nanoTime();
            delivered.countDown();
        }
    }

    /** Throws {@link IllegalStateException} unless everything came. */
    void requireAll() {
        if (batches != turn.expected() || bodyBytes != turn.expectedBodyBytes()) {
            throw new IllegalStateException("received: " + batches + " batches, " + bodyBytes + " bytes (expected: "
                    + turn.expected() + ", " + turn.expectedBodyBytes() + ")");
        }
    }

    int batches() {
        return batches;
    }

    long bodyBytes() {
        return bodyBytes;
    }

    /** Returns when the last batch had come, in the time of {@link System#nanoTime}. */
    long lastNanos() {
        return lastNanos;
    }
}
