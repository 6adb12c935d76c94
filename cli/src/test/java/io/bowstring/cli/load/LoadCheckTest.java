package io.bowstring.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadCheckTest {
    /** Four subscribers of two topics: each batch is received twice. */
    static final String GOOD = """
            # a scenario
            LOAD_TOPICS=2
            LOAD_SUBSCRIBERS=4
            LOAD_STALLED=1
            LOAD_GARBAGE=2
            LOAD_MIN_BATCHES_PER_S=1000
            LOAD_MAX_P50_MS=2
            LOAD_MAX_P99_MS=20
            LOAD_MAX_MS=200

            publishers: {"published_batches": 500}
            subscribers: {"received_batches": 1000, "lost": 0, "repeated": 0, "reordered": 0, "batches_per_s": 1000.000, \
            "bytes_per_s": 1048576.000, "latency_us": {"p50": 2000.000, "p90": 5000.000, "p99": 20000.000, "p99_9": 90000.000, \
            "max": 200000.000}}
            restarted-publisher: {"published_batches": 300}
            restarted-subscriber: {"received_batches": 301, "lost": 0, "repeated": 0, "reordered": 0, "batches_per_s": 99.000, \
            "bytes_per_s": 99.000, "latency_us": {"p50": 1.000, "p90": 1.000, "p99": 1.000, "p99_9": 1.000, "max": 1.000}}
            restarted-topic: {"batches": 301}
            stalled: {"stalled": 1, "stalled_subscriptions": 1, "garbage": 0, "garbage_connections": 0}
            garbage: {"stalled": 0, "stalled_subscriptions": 0, "garbage": 2, "garbage_connections": 24}
            """;

    private static List<String> missed(String results) {
        return LoadCheck.of(LoadResults.parse(results)).stream()
                .filter(check -> !check.isMet())
                .map(LoadCheck::what)
                .toList();
    }

    @Test
    void whatIsJustSoIsMet() {
        assertThat(missed(GOOD)).isEmpty();
        assertThat(LoadCheck.of(LoadResults.parse(GOOD))).hasSize(11);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"received_batches\": 1000' | '\"received_batches\": 999'  | batches received by all subscribers",
                "'\"received_batches\": 1000' | '\"received_batches\": 1001' | batches received by all subscribers",
                "'\"published_batches\": 500' | '\"published_batches\": null' | batches received by all subscribers",
                "'\"received_batches\": 301'  | '\"received_batches\": 300'  | batches received of the publisher that is killed and started again",
                "'\"batches_per_s\": 1000.'   | '\"batches_per_s\": 999.'    | batches per second",
                "'\"p50\": 2000.'             | '\"p50\": 2001.'             | latency, p50, in ms",
                "'\"p99\": 20000.'            | '\"p99\": 20001.'            | latency, p99, in ms",
                "'\"max\": 200000.'           | '\"max\": 200001.'           | latency, max, in ms",
                "'\"stalled_subscriptions\": 1' | '\"stalled_subscriptions\": 0' | subscriptions that stall",
                "'\"received_batches\": 301'  | '\"received_batches\": 302'  | batches received of the publisher that is killed and started again",
                "'\"published_batches\": 300' | '\"published_batches\": 301' | batches received of the publisher that is killed and started again",
                "'\"garbage_connections\": 24' | '\"garbage_connections\": 23' | connections with garbage that were ended",
                "'# a scenario'               | 'failed: server: exit code 137' | every process",
            })
    void whatIsOneOffIsMissed(String good, String bad, String check) {
        String results = GOOD.replace(good, bad);

        assertThat(results).isNotEqualTo(GOOD);
        assertThat(missed(results)).containsExactly(check);
    }

    @ParameterizedTest
    @CsvSource({"lost", "repeated", "reordered"})
    void oneFaultOfOneSubscriberIsMissed(String fault) {
        String results = GOOD.replace("\"" + fault + "\": 0", "\"" + fault + "\": 1");

        assertThat(missed(results))
                .containsExactly(
                        "each subscriber: lost, repeated, reordered",
                        "the subscriber whose publisher is killed: lost, repeated, reordered");
    }

    @Test
    void whoHasPrintedNothingMissesAllThatItShouldSay() {
        assertThat(missed("LOAD_TOPICS=1\nLOAD_STALLED=1\nLOAD_GARBAGE=1\nLOAD_MAX_P99_MS=1\nLOAD_MIN_BATCHES_PER_S=1"))
                .hasSize(8);
    }

    @Test
    void aScenarioWithoutThresholdsAndDisturbersHasOnlyWhatMustHoldEver() {
        assertThat(LoadCheck.of(LoadResults.parse("LOAD_TOPICS=1"))).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOAD_MAX_P98_MS=1       | setting: LOAD_MAX_P98_MS (expected: one of LOAD_PUBLISHERS, ",
                "'LOAD_SUBSCRIBERS=3\nLOAD_TOPICS=2' | LOAD_SUBSCRIBERS: 3 (expected: a multiple of LOAD_TOPICS, 2)",
                "LOAD_TOPICS=0           | (expected: a multiple of LOAD_TOPICS, 0)",
                "'LOAD_TOPICS=1\nLOAD_MAX_P99_MS=1ms' | LOAD_MAX_P99_MS: 1ms (expected: a number)",
                "Exception in thread     | line: Exception in thread (expected: KEY=VALUE, ",
                "publishers: {'a': 1}    | result: {'a': 1} (expected: JSON)",
            })
    void whatCannotBeReadIsSaid(String results, String reason) {
        assertThatThrownBy(() -> LoadCheck.of(LoadResults.parse(results)))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining(reason);
    }

    private static String text(String file) throws IOException {
        return Files.readString(Path.of(System.getProperty("bowstring.root"), file));
    }

    @ParameterizedTest
    @EnumSource
    void everySettingIsDocumented(LoadSetting setting) throws IOException {
        assertThat(text("docs/operate/load-test.md")).contains("`" + setting.key() + "`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ci", "default", "large"})
    void theScenariosCanBeRead(String scenario) throws IOException {
        assertThat(LoadCheck.of(LoadResults.parse(text("docker/scenarios/" + scenario + ".env"))))
                .isNotEmpty();
    }
}
