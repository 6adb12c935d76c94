package io.bowstring.client;

import io.bowstring.protocol.ProducerId;
import org.jspecify.annotations.Nullable;

/**
 * How a publisher numbers its batches. The topic remembers the highest number of each id, and takes a batch whose number is
 * not higher for one that it has. Immutable.
 *
 * @param kind what the first number has to do with those that the topic has
 * @param producer the id; null: a random one, so that a publisher knows its batches again after a reconnect, and another run
 *     of the program does not
 * @param first the number of the first batch, or the least that it may have
 */
public record Numbering(Kind kind, @Nullable ProducerId producer, long first) {
    /** Numbers from 0 under a random id. */
    public static final Numbering OF_ONE_LIFE = new Numbering(Kind.NEW, null, 0);

    /** What the first number has to do with those that the topic has. */
    public enum Kind {
        /** The topic has no number from the first on: otherwise the publisher is not opened, as it would add nothing. */
        NEW,
        /** The first number is the one after the last that the topic has. */
        RESUMING,
        /** The batches are the same as before, with the same numbers: those that the topic has are not added again. */
        REPEATING
    }

    /**
     * Checks the numbering.
     *
     * @throws IllegalArgumentException if {@code first} is negative, or a random id is to be known
     */
    public Numbering {
        if (first < 0) {
            throw new IllegalArgumentException("firstSequence: " + first + " (expected: at least 0)");
        }
        if (kind != Kind.NEW && producer == null) {
            throw new IllegalArgumentException("producer: none (expected: an id, where batches are " + kind + ")");
        }
    }

    Numbering withKind(Kind other) {
        return new Numbering(other, producer, first);
    }

    /**
     * Returns the number of the first batch.
     *
     * @param last the number of the last batch that the topic has; -1 where it has none
     * @throws ClientException if what is new would be taken for what the topic has
     */
    long firstAfter(long last) {
        if (kind == Kind.NEW && last >= first) {
            throw new ClientException("producer: " + producer + ", of which the topic has batches up to number " + last
                    + " (expected: none from " + first + " on; resuming() continues after them,"
                    + " repeating() publishes the same ones again)");
        }
        return kind == Kind.RESUMING ? Math.max(first, last + 1) : first;
    }
}
