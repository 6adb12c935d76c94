package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values of {@code bowstring.from}, {@code bowstring.until} and {@code bowstring.on-lag}. */
class PositionTest {
    @ParameterizedTest
    @ValueSource(strings = {"latest", "earliest", "0", "1", "999999999999999999", "-1", "-999999999999999999"})
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
                "١"
            })
    void refusesStart(String text) {
        assertRefused(
                () -> StartPosition.parse(text),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: " + text + " (expected: latest, earliest, an offset, or -N for the last N batches)");
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
