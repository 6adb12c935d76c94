package io.bowstring.cli.bench;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes reports as a table for people, 80 characters wide: a head, and a line for each report. Not instantiable. */
public final class ReportTable {
    private static final String LINE = "%6s  %9s  %7s  %6s  %6s  %6s  %6s  %6s  %5s  %5s";
    private static final String RATE = "#,##0.###";
    private static final double MICROS_PER_MILLI = 1e3;
    private static final double BYTES_PER_MIB = 1 << 20;

    private ReportTable() {}

    /** Returns what stands above the lines of loads that differ in their bodies alone. */
    public static String head(BenchPlan plan) {
        String rate = plan.targetRate().isLimited()
                ? new DecimalFormat(RATE, DecimalFormatSymbols.getInstance(Locale.ROOT))
                                .format(plan.targetRate().batchesPerSecond())
                        + " batches/s"
                : "as fast as possible";
        return String.format(
                        Locale.ROOT,
                        "%s, %d columns, %s, %.1f s%n",
                        plan.parties(),
                        plan.columns(),
                        rate,
                        BenchProgress.seconds(plan.targetRate().duration()))
                + String.format("latency in ms; server: CPU seconds per GiB received, peak memory in MiB%n")
                + String.format(
                        LINE, "body", "batches/s", "MiB/s", "p50", "p90", "p99", "p99.9", "max", "s/GiB", "MiB");
    }

    /** Returns the line of a report. */
    public static String line(BenchReport report) {
        boolean hasReceived = report.plan().parties().subscribers() > 0;
        double batchesPerSecond = (hasReceived ? report.delivery().flow() : report.published()).batchesPerSecond();
        Latency latency = report.delivery().latency();
        Long peakBytes = report.server().peakBytes();
        return String.format(
                LINE,
                BodySize.text(report.bodyBytes()),
                String.format(Locale.ROOT, "%.0f", batchesPerSecond),
                number(batchesPerSecond * report.bodyBytes() / BYTES_PER_MIB),
                millis(latency == null ? null : latency.p50()),
                millis(latency == null ? null : latency.p90()),
                millis(latency == null ? null : latency.p99()),
                millis(latency == null ? null : latency.p999()),
                millis(latency == null ? null : latency.max()),
                number(report.server().cpuSecondsPerGib()),
                peakBytes == null ? "-" : String.format(Locale.ROOT, "%.0f", peakBytes / BYTES_PER_MIB));
    }

    private static String millis(@Nullable Double micros) {
        return number(micros == null ? null : micros / MICROS_PER_MILLI);
    }

    /** Returns a number with about three digits; a dash for what is not known. */
    private static String number(@Nullable Double number) {
        if (number == null) {
            return "-";
        }
        int decimals = number < 1 ? 3 : number < 10 ? 2 : number < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", number);
    }
}
