package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;

/**
 * What a lane delivered as fast as it could, round by round. Confined to the caller's thread.
 *
 * @param lane its name
 * @param shape what it delivered
 * @param deliveriesPerSecond batches that subscribers got, all together
 * @param cpuSecondsPerGibibyte of the relay's process
 */
record Delivered(String lane, Shape shape, Rounds deliveriesPerSecond, Rounds cpuSecondsPerGibibyte) {
    /** Returns the median of 10^6 bytes of bodies per second. */
    double megabytesPerSecond() {
        return deliveriesPerSecond.median() * shape.bodyBytes() / 1e6;
    }

    /** Returns the median of batches per second that were published. */
    double publishedPerSecond() {
        return deliveriesPerSecond.median() / shape.subscribers();
    }

    /** Returns its throughput ÷ that of another in the same round. */
    double ratio(Delivered other) {
        return deliveriesPerSecond.medianRatio(other.deliveriesPerSecond);
    }
}
