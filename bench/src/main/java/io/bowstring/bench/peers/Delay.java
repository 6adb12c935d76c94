package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;

/**
 * How late the batches of a lane were at a rate, round by round. Confined to the caller's thread.
 *
 * @param lane its name
 * @param shape what it delivered
 * @param rate which rate
 * @param publishedPerSecond batches that the publisher was to publish
 * @param p50Micros what half of the delays are not above
 * @param p99Micros what 99 % of the delays are not above
 */
record Delay(String lane, Shape shape, Rate rate, double publishedPerSecond, Rounds p50Micros, Rounds p99Micros) {
    /** Which rate. */
    enum Rate {
        /** Half of what the lane delivers at most. */
        HALF,
        /** Half of what the slowest lane delivers at most. */
        COMMON
    }

    /** Creates one without rounds. */
    static Delay of(String lane, Shape shape, Rate rate, double publishedPerSecond) {
        return new Delay(lane, shape, rate, publishedPerSecond, new Rounds(), new Rounds());
    }
}
