package io.bowstring.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalsTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "0, SECONDS, -, 1970-01-01T00:00:00",
                "-1, SECONDS, -, 1969-12-31T23:59:59",
                "-1, NANOSECONDS, -, 1969-12-31T23:59:59.999999999",
                "1500, MILLISECONDS, -, 1970-01-01T00:00:01.500",
                "1, MICROSECONDS, UTC, 1970-01-01T00:00:00.000001Z",
                "0, SECONDS, Europe/Berlin, 1970-01-01T01:00:00+01:00",
                "0, SECONDS, -03:30, 1969-12-31T20:30:00-03:30",
                "0, SECONDS, Not/AZone, 1970-01-01T00:00:00Z",
                "9223372036854775807, SECONDS, -, 9223372036854775807",
                "-9223372036854775808, NANOSECONDS, -, 1677-09-21T00:12:43.145224192"
            })
    void writesTimestamps(long value, TimeUnit unit, String zone, String text) {
        assertThat(Temporals.timestamp(value, unit, zone)).isEqualTo(text);
    }

    @Test
    void writesTimesOfDay() {
        assertThat(Temporals.time(86_399, TimeUnit.SECONDS)).isEqualTo("23:59:59");
        assertThat(Temporals.time(1, TimeUnit.NANOSECONDS)).isEqualTo("00:00:00.000000001");
        assertThat(Temporals.time(-1, TimeUnit.SECONDS)).isEqualTo("-1");
    }

    @Test
    void writesDays() {
        assertThat(Temporals.date(-1)).isEqualTo("1969-12-31");
        assertThat(Temporals.date(Long.MAX_VALUE)).isEqualTo("9223372036854775807");
    }
}
