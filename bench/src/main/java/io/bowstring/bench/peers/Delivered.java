package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;

/**
 * The throughput of a lane at full speed, in each round. Confined to the caller's thread.
 *
 * @param lane its name
 * @param shape what it delivered
 * @param deliveriesPerSecond batches that subscribers got, all together
 * @param bytesPerSecond of their bodies
 * @param cpuSecondsPerGibibyte of the relay's process
 */
record Delivered(
        String lane, Shape shape, Rounds deliveriesPerSecond, Rounds bytesPerSecond, Rounds cpuSecondsPerGibibyte) {
    /** Creates one without rounds. */
    static Delivered of(String lane, Shape shape) {
        return new Delivered(lane, shape, new Rounds(), new Rounds(), new Rounds());
    }

    void add(Took took) {
        deliveriesPerSecond.add(took.deliveriesPerSecond());
        bytesPerSecond.add(took.bodyBytes() / took.seconds());
        cpuSecondsPerGibibyte.add(took.cpuSecondsPerGibibyte());
    }

    /** Returns the median of 10^6 bytes of bodies per second. */
    double megabytesPerSecond() {
        return bytesPerSecond.median() / 1e6;
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
