package io.bowstring.cli.bench;

import org.jspecify.annotations.Nullable;

/**
 * The figures of one load. Immutable.
 *
 * @param plan of it
 * @param bodyBytes how long the bodies were, of several lengths the mean
 * @param published by publishers of this process
 * @param delivery to subscribers of this process
 * @param server what it used
 */
public record BenchReport(BenchPlan plan, long bodyBytes, Flow published, Delivery delivery, ServerUse server) {
    /**
     * Batches on their way.
     *
     * @param batches how many, with those of the warm-up
     * @param batchesPerSecond of those that count
     */
    public record Flow(long batches, double batchesPerSecond) {}

    /**
     * Batches that were received.
     *
     * @param latency of those that count; null if there are none
     * @param faults of all
     */
    public record Delivery(Flow flow, @Nullable Latency latency, Faults faults) {}

    /**
     * The processor time and the memory that a server used.
     *
     * @param cpuSecondsPerGib of the processors, for each GiB of bodies that was delivered while batches counted; null if that
     *     is not known
     * @param peakBytes of memory that was resident, since it was started; null if that is not known
     */
    public record ServerUse(
            @Nullable Double cpuSecondsPerGib, @Nullable Long peakBytes) {}
}
