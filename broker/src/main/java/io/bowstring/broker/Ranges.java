package io.bowstring.broker;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;

/**
 * What the parts of a configuration are checked against. It refers to none of them: each has defaults, which are made when
 * it is first used, in whatever order that is. Not instantiable.
 */
final class Ranges {
    private Ranges() {}

    /** Returns so many hundredths of the direct memory that the JVM may use, in bytes. */
    static long directMemory(int percent) {
        return PlatformDependent.maxDirectMemory() / 100 * percent;
    }

    static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
