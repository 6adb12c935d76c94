package io.bowstring.cli.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a load is, in one line for people: what is shown as its speed is that of the last moment. Confined to one thread. */
final class BenchProgress {
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_MIB = 1 << 20;

    private final BenchPlan plan;
    private long sinceNanos = System.nanoTime();
    private long batchesBefore;
    private long bytesBefore;
    private double batchesPerSecond;
    private double bytesPerSecond;

    BenchProgress(BenchPlan plan) {
        this.plan = plan;
    }

    /**
     * Returns the line.
     *
     * @param countedNanos since when batches count; negative before that, in the warm-up
     * @param batches that have been received
     * @param bytes of their bodies
     */
    String text(long countedNanos, long batches, long bytes) {
        long now = System.nanoTime();
        if (now - sinceNanos >= MOMENT_NANOS) {
            double seconds = (now - sinceNanos) / NANOS_PER_SECOND;
            batchesPerSecond = (batches - batchesBefore) / seconds;
            bytesPerSecond = (bytes - bytesBefore) / seconds;
            batchesBefore = batches;
            bytesBefore = bytes;
            sinceNanos = now;
        }
        String name = plan.parties().publishers() == 0 ? "" : plan.body() + ": ";
        String time = countedNanos < 0
                ? "warming up"
                : String.format(
                        Locale.ROOT,
                        "%.1f of %.1f s",
                        countedNanos / NANOS_PER_SECOND,
                        seconds(plan.targetRate().duration()));
        return String.format(
                Locale.ROOT,
                "%s%s, %,.0f batches/s, %,.1f MiB/s received",
                name,
                time,
                batchesPerSecond,
                bytesPerSecond / BYTES_PER_MIB);
    }

    static double seconds(Duration time) {
        return time.toNanos() / NANOS_PER_SECOND;
    }
}
