package io.bowstring.cli.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a server uses of the processors while it delivers: from when batches count to when the last one is due. Confined to one thread.
 */
final class ServerMeter {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_GIB = 1 << 30;

    private final @Nullable ServerProcess server;
    private @Nullable Sample first;
    private @Nullable Sample last;

    /** Creates what measures a process, borrowed, or nothing. */
    ServerMeter(@Nullable ServerProcess server) {
        this.server = server;
    }

    /** Begins, if it has not begun; so many bytes have been delivered before. */
    void begin(long deliveredBytes) {
        if (first == null) {
            first = sample(deliveredBytes);
        }
    }

    /** Ends, if it has not ended; so many bytes have been delivered. */
    void end(long deliveredBytes) {
        if (last == null) {
            last = sample(deliveredBytes);
        }
    }

    private @Nullable Sample sample(long deliveredBytes) {
        Duration cpu = server == null ? null : server.cpuTime();
        return cpu == null ? null : new Sample(cpu, deliveredBytes);
    }

    /** Returns what has been measured. */
    BenchReport.ServerUse use() {
        return new BenchReport.ServerUse(cpuSecondsPerGib(), server == null ? null : server.peakBytes());
    }

    private @Nullable Double cpuSecondsPerGib() {
        if (first == null || last == null || last.deliveredBytes == first.deliveredBytes) {
            return null;
        }
        double seconds = last.cpuTime.minus(first.cpuTime).toNanos() / NANOS_PER_SECOND;
        return seconds / ((last.deliveredBytes - first.deliveredBytes) / BYTES_PER_GIB);
    }

    private record Sample(Duration cpuTime, long deliveredBytes) {}
}
