package io.bowstring.bench.peers;

/**
 * The time and the CPU time of a turn, and what subscribers counted in it. Immutable.
 *
 * @param seconds from the first batch to the last receipt
 * @param cpuSeconds of the relay in that time
 * @param deliveries batches that subscribers counted, all together
 * @param bodyBytes of these batches
 */
record Took(double seconds, double cpuSeconds, long deliveries, long bodyBytes) {
    private static final double GIBIBYTE = 1 << 30;

    double deliveriesPerSecond() {
        return deliveries / seconds;
    }

    double cpuSecondsPerGibibyte() {
        return cpuSeconds / (bodyBytes / GIBIBYTE);
    }
}
