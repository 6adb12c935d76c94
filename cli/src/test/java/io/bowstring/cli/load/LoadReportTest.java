package io.bowstring.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadReportTest {
    @Test
    void whoHasReceivedNothingThatCountsHasNoLatency() {
        LoadResults results = LoadResults.parse(
                "restarted-subscriber: {\"batches_per_s\": 0.000, \"bytes_per_s\": 0.000, \"latency_us\": null}");

        assertThat(LoadReport.of(results, List.of()))
                .contains("| restarted-subscriber | 0 | 0 | - | - | - | - | - |\n");
    }
}
