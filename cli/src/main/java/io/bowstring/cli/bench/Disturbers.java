package io.bowstring.cli.bench;

/**
 * The numbers of stalled subscribers and garbage connections beside a load. Immutable.
 *
 * @param stalled subscribers that take nothing
 * @param garbage connections at a time that send no Arrow
 */
public record Disturbers(int stalled, int garbage) {
    /** Returns whether there are none. */
    public boolean areNone() {
        return stalled == 0 && garbage == 0;
    }
}
