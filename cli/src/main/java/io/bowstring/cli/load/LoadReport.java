package io.bowstring.cli.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Writes a load test as a page of Markdown. Not instantiable. */
public final class LoadReport {
    private static final List<LoadParty> MEASURED = List.of(LoadParty.SUBSCRIBERS, LoadParty.RESTARTED_SUBSCRIBER);
    private static final double BYTES_PER_MIB = 1 << 20;

    private LoadReport() {}

    /** Returns the page. */
    public static String of(LoadResults results, List<LoadCheck> checks) {
        boolean isPassed = checks.stream().allMatch(LoadCheck::isMet);
        StringBuilder page = new StringBuilder("# Load test: ").append(isPassed ? "passed" : "failed");
        page.append("\n\n| check | expected | found | |\n|---|---|---|---|\n");
        for (LoadCheck check : checks) {
            row(page, check.what(), check.expected(), check.found(), check.isMet() ? "ok" : "**missed**");
        }
        page.append("\n| measured | batches/s | MiB/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms |\n");
        page.append("|---|---|---|---|---|---|---|---|\n");
        for (LoadParty party : MEASURED) {
            JsonNode result = results.result(party);
            if (result != null) {
                measured(page, party, result);
            }
        }
        page.append("\n| setting | value | meaning |\n|---|---|---|\n");
        for (LoadSetting setting : LoadSetting.values()) {
            String value = results.setting(setting);
            if (value != null) {
                row(page, "`" + setting.key() + "`", value, setting.meaning());
            }
        }
        results.serverSettings().forEach((variable, value) -> row(page, "`" + variable + "`", value, "of the server"));
        return page.toString();
    }

    private static void measured(StringBuilder page, LoadParty party, JsonNode result) {
        JsonNode latency = result.path("latency_us");
        row(
                page,
                party.label(),
                LoadCheck.text(result.path("batches_per_s").asDouble()),
                LoadCheck.text(result.path("bytes_per_s").asDouble() / BYTES_PER_MIB),
                millis(latency, "p50"),
                millis(latency, "p90"),
                millis(latency, "p99"),
                millis(latency, "p99_9"),
                millis(latency, "max"));
    }

    /** A peer that has received nothing that counts has no latency. */
    private static String millis(JsonNode latency, String percentile) {
        JsonNode micros = latency.path(percentile);
        return micros.isNumber() ? LoadCheck.text(micros.asDouble() / LatencyChart.MICROS_PER_MILLI) : "-";
    }

    private static void row(StringBuilder page, String... cells) {
        page.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
