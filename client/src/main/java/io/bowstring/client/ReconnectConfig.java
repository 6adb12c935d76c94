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
 * @param triesAtStart whether {@link Client#connect(ClientConfig)} too tries for so long, where there is no server yet
 */
public record ReconnectConfig(Duration firstDelay, Duration maxDelay, Duration giveUpAfter, boolean triesAtStart) {
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration ENDLESS = Duration.ofMillis(Long.MAX_VALUE);

    /** From 100 milliseconds to 5 seconds, for 2 minutes, but not at the start. */
    public static final ReconnectConfig DEFAULTS =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(2));

    /** The first loss is the end. */
    public static final ReconnectConfig NEVER =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ZERO);

    /** From 100 milliseconds to 5 seconds, without end, at the start too: the server may come and go as it likes. */
    public static final ReconnectConfig FOREVER =
            new ReconnectConfig(Duration.ofMillis(100), Duration.ofSeconds(5), ENDLESS, true);

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if a delay is not 1 millisecond to a year, the first is longer than the longest, or
     *     {@code giveUpAfter} is negative or longer than a year, but for that of {@link #FOREVER}
     */
    public ReconnectConfig {
        requireIn("firstDelay", firstDelay, Duration.ofMillis(1), LONGEST);
        requireIn("maxDelay", maxDelay, firstDelay, LONGEST);
        if (!giveUpAfter.equals(ENDLESS)) {
            requireIn("giveUpAfter", giveUpAfter, Duration.ZERO, LONGEST);
        }
    }

    /** Creates a configuration that does not try again at the start. */
    public ReconnectConfig(Duration firstDelay, Duration maxDelay, Duration giveUpAfter) {
        this(firstDelay, maxDelay, giveUpAfter, false);
    }

    /** Returns this configuration with another time after which it gives up. */
    public ReconnectConfig withGiveUpAfter(Duration other) {
        return new ReconnectConfig(firstDelay, maxDelay, other, triesAtStart);
    }

    /** Returns this configuration, which then tries at the start too. */
    public ReconnectConfig tryingAtStart() {
        return new ReconnectConfig(firstDelay, maxDelay, giveUpAfter, true);
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
