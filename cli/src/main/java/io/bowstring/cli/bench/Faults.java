package io.bowstring.cli.bench;

/**
 * Counts of batches that did not arrive once and in order. A batch may count once for each subscriber. Immutable.
 *
 * @param lost published, and never received
 * @param repeated received again
 * @param reordered received after one that was published later
 */
public record Faults(long lost, long repeated, long reordered) {
    /** Nothing is wrong. */
    public static final Faults NONE = new Faults(0, 0, 0);

    /** Returns these and others. */
    public Faults plus(Faults other) {
        return new Faults(lost + other.lost, repeated + other.repeated, reordered + other.reordered);
    }

    /** Returns whether nothing is wrong. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** Returns them for people. */
    @Override
    public String toString() {
        return "batches lost: " + lost + ", repeated: " + repeated + ", reordered: " + reordered;
    }
}
