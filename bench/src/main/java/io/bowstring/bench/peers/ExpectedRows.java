package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;

/** How many rows a subscriber must have got. */
final class ExpectedRows {
    private ExpectedRows() {}

    static void require(Turn turn, long rows) {
        long expected = (long) Streams.rows(turn.shape().bodyBytes()) * turn.expected();
        if (rows != expected) {
            throw new IllegalStateException("rows: " + rows + " (expected: " + expected + ")");
        }
    }
}
