package io.bowstring.cli.bench;

import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Writes a report as one JSON object in one line; what is not known is null. Not instantiable. */
public final class ReportJson {
    private ReportJson() {}

    /** Returns the object. */
    public static String of(BenchReport report) {
        BenchPlan plan = report.plan();
        BenchReport.Flow delivered = report.delivery().flow();
        BenchReport.Flow published = report.published();
        boolean hasReceived = plan.parties().subscribers() > 0;
        boolean hasPublished = plan.parties().publishers() > 0;
        StringJoiner json = new StringJoiner(", ", "{", "}");
        add(json, "body", report.bodyBytes());
        add(json, "publishers", plan.parties().publishers());
        add(json, "subscribers", plan.parties().subscribers());
        add(json, "topics", plan.parties().topics());
        add(json, "batches_per_s", hasReceived ? delivered.batchesPerSecond() : null);
        add(json, "bytes_per_s", hasReceived ? delivered.batchesPerSecond() * report.bodyBytes() : null);
        add(json, "latency_us", latency(report.delivery().latency()));
        add(json, "server_cpu_s_per_gib", report.server().cpuSecondsPerGib());
        add(json, "lost", report.delivery().faults().lost());
        add(json, "repeated", report.delivery().faults().repeated());
        add(json, "reordered", report.delivery().faults().reordered());
        add(json, "server_memory_bytes", report.server().peakBytes());
        add(json, "published_batches_per_s", hasPublished ? published.batchesPerSecond() : null);
        add(json, "published_bytes_per_s", hasPublished ? published.batchesPerSecond() * report.bodyBytes() : null);
        add(json, "published_batches", hasPublished ? published.batches() : null);
        add(json, "received_batches", hasReceived ? delivered.batches() : null);
        add(json, "columns", hasPublished ? plan.columns() : null);
        add(
                json,
                "rate",
                hasPublished && plan.targetRate().isLimited()
                        ? plan.targetRate().batchesPerSecond()
                        : null);
        add(json, "duration_s", BenchProgress.seconds(plan.targetRate().duration()));
        return json.toString();
    }

    private static @Nullable Object latency(@Nullable Latency latency) {
        if (latency == null) {
            return null;
        }
        StringJoiner json = new StringJoiner(", ", "{", "}");
        add(json, "p50", latency.p50());
        add(json, "p90", latency.p90());
        add(json, "p99", latency.p99());
        add(json, "p99_9", latency.p999());
        add(json, "max", latency.max());
        return json;
    }

    /** Adds a number, null, or JSON. */
    private static void add(StringJoiner json, String name, @Nullable Object value) {
        json.add("\"" + name + "\": " + (value instanceof Double number ? text(number) : value));
    }

    private static String text(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }
}
