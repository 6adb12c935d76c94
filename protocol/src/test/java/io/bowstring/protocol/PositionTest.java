package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values of {@code bowstring.from}, {@code bowstring.until} and {@code bowstring.on-lag}. */
class PositionTest {
    private static final String STARTS =
            "latest, earliest, an offset, -N for the last N batches, or a time such as 2026-11-30T12:00:00Z";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "latest",
                "earliest",
                "0",
                "1",
                "999999999999999999",
                "-1",
                "-999999999999999999",
                "2026-11-30T12:00:00Z",
                "2026-11-30T12:00:00.000001Z",
                "1969-12-31T23:59:59.999999Z",
                "+294247-01-10T04:00:54.775807Z",
                "-0001-01-01T00:00:00Z"
            })
    void writesStartThatItParses(String text) {
        assertThat(StartPosition.parse(text)).hasToString(text);
    }

    @Test
    void parsesStart() {
        assertThat(StartPosition.parse("latest")).isSameAs(StartPosition.LATEST);
        assertThat(StartPosition.parse("earliest")).isSameAs(StartPosition.EARLIEST);
        assertThat(StartPosition.parse("0")).isEqualTo(StartPosition.offset(0));
        assertThat(StartPosition.parse("42")).isEqualTo(StartPosition.offset(42));
        assertThat(StartPosition.parse("-42")).isEqualTo(StartPosition.last(42));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "-0",
                "-00",
                "+1",
                "1.0",
                " 1",
                "1 ",
                "1/",
                "1:",
                "0x1",
                "Latest",
                "end",
                "1000000000000000000",
                "١",
                "2026-11-30",
                "2026-11-30 12:00:00Z",
                "2026-02-30T12:00:00Z",
                "2026-11-30T24:00:00Z",
                "2026-11-30T12:00:00Zulu",
                "26-11-30T12:00:00Z",
                "2026-11-30T12:00:00+25:00",
                "T12:00:00Z",
                "Tomorrow"
            })
    void refusesStart(String text) {
        assertRefused(
                () -> StartPosition.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: " + text + " (expected: " + STARTS + ")");
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "1970-01-01T02:00:00+02:00, 0",
        "1970-01-01T02:00+02, 0",
        "1969-12-31T19:30:01-04:30, 1000000",
        "1970-01-01T00:00:00.5Z, 500000",
        "1970-01-01T00:00:00.000001999Z, 1",
        "1969-12-31T23:59:59.9999990Z, -1",
        "1969-12-31T23:59:59.9999999Z, -1",
        "2026-11-30T12:00:00.123456Z, 1796040000123456"
    })
    void parsesTimeThatHasAZone(String text, long micros) {
        assertThat(StartPosition.parse(text)).isEqualTo(new StartPosition(StartPosition.Kind.TIME, micros));
    }

    @Test
    void startsAtATime() {
        Instant time = Instant.parse("2026-11-30T12:00:00.123456789Z");

        assertThat(StartPosition.time(time)).hasToString("2026-11-30T12:00:00.123456Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-30T12:00", "2026-11-30T12:00:00", "2026-11-30T12:00:00.123456"})
    void refusesTimeWithoutAZone(String text) {
        assertRefused(
                () -> StartPosition.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: " + text
                        + " (expected: a time of a zone: add Z for UTC, or an offset such as +02:00)");
    }

    @Test
    void refusesTimeThatIsTooFarAway() {
        for (String text : new String[] {"+294247-01-10T04:00:54.775808Z", "+999999999-01-01T00:00:00Z"}) {
            assertRefused(
                    () -> StartPosition.parse(text),
                    ErrorCode.BAD_REQUEST,
                    "bowstring.from: " + text + " (expected: a time within 290,000 years of 1970)");
        }
        assertRefused(
                () -> StartPosition.time(Instant.MIN),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: -1000000000-01-01T00:00:00Z (expected: a time within 290,000 years of 1970)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"end", "0", "17", "999999999999999999"})
    void writesEndThatItParses(String text) {
        assertThat(EndPosition.parse(text)).hasToString(text);
    }

    @Test
    void parsesEnd() {
        assertThat(EndPosition.parse("end")).isSameAs(EndPosition.END);
        assertThat(EndPosition.parse("17")).isEqualTo(EndPosition.before(17));
        assertThat(EndPosition.LIVE).hasToString("live");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "-0", "-1", "+1", "live", "End", "latest", "1000000000000000000"})
    void refusesEnd(String text) {
        assertRefused(
                () -> EndPosition.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.until: " + text + " (expected: end, or the offset to stop before)");
    }

    @Test
    void refusesPositionsThatAreNone() {
        assertRefused(
                () -> StartPosition.offset(-1),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: -1 (expected: an offset of at least 0)");
        assertRefused(
                () -> StartPosition.last(0), ErrorCode.BAD_REQUEST, "bowstring.from: 0 (expected: at least 1 batch)");
        assertRefused(
                () -> EndPosition.before(-1),
                ErrorCode.BAD_REQUEST,
                "bowstring.until: -1 (expected: end, or the offset to stop before)");
    }

    @ParameterizedTest
    @EnumSource
    void parsesLagPolicyThatItWrites(LagPolicy policy) {
        assertThat(LagPolicy.parse(policy.toString())).isSameAs(policy);
    }

    @Test
    void namesLagPolicies() {
        assertThat(LagPolicy.values()).extracting(LagPolicy::toString).containsExactly("disconnect", "drop", "block");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Drop", "DROP", "drop ", "wait"})
    void refusesLagPolicy(String text) {
        assertRefused(
                () -> LagPolicy.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.on-lag: " + text + " (expected: disconnect, drop or block)");
    }
}
