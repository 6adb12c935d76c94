package io.bowstring.client;

import java.time.Duration;

/**
 * How a connection that is lost is made again: at first after {@code firstDelay}, then each time after twice as long, up to
 * {@code maxDelay}. Each delay is shortened at random, to half of it at most, so that many clients do not come at once.
 * Immutable.
 *
 * @param firstDelay before the first attempt
 * @param maxDelay before any attempt
 * @param giveUpAfter how long there may be no connection; zero: a connection that is lost is not made again
 */
public record ReconnectConfig(Duration firstDelay, Duration maxDelay, Duration giveUpAfter) {
    private static final Duration LONGEST = Duration.ofDays(365);

    /** From 100 milliseconds to 5 seconds, for 2 minutes. */
    public static final ReconnectConfig DEFAULTS =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(2));

    /** The first loss is the end. */
    public static final ReconnectConfig NEVER =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ZERO);

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if a delay is not 1 millisecond to a year, the first is longer than the longest, or
     *     {@code giveUpAfter} is negative or longer than a year
     */
    public ReconnectConfig {
        requireIn("firstDelay", firstDelay, Duration.ofMillis(1), LONGEST);
        requireIn("maxDelay", maxDelay, firstDelay, LONGEST);
        requireIn("giveUpAfter", giveUpAfter, Duration.ZERO, LONGEST);
    }

    private static void requireIn(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }

    /** Returns whether a connection that is lost is made again. */
    public boolean isOn() {
        return !giveUpAfter.isZero();
    }
}
