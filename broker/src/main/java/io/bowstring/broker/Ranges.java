package io.bowstring.broker;

import java.time.Duration;

/**
 * What the parts of a configuration are checked against. It refers to none of them: each has defaults, which are made when
 * it is first used, in whatever order that is. Not instantiable.
 */
final class Ranges {
    private Ranges() {}

    static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    static void requireNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }

    static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
