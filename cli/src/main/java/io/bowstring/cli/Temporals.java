package io.bowstring.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as ISO 8601 text, with as many digits as their unit has. What the calendar cannot express stays the
 * number that it is. Not instantiable.
 */
final class Temporals {
    private static final String LOCAL = "uuuu-MM-dd'T'HH:mm:ss";

    private Temporals() {}

    /**
     * Returns a point in time.
     *
     * @param zone of the field: with one, the text carries the offset from UTC; null for local time
     */
    static String timestamp(long value, TimeUnit unit, @Nullable String zone) {
        try {
            long perSecond = unit.convert(1, TimeUnit.SECONDS);
            long seconds = Math.floorDiv(value, perSecond);
            long nanos = unit.toNanos(Math.floorMod(value, perSecond));
            return format(unit, zone != null)
                    .format(Instant.ofEpochSecond(seconds, nanos).atZone(zone(zone)));
        } catch (DateTimeException e) {
            return Long.toString(value);
        }
    }

    private static ZoneId zone(@Nullable String zone) {
        try {
            return zone == null ? ZoneOffset.UTC : ZoneId.of(zone);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC; // a zone that this JDK does not know: the instant is right all the same
        }
    }

    private static DateTimeFormatter format(TimeUnit unit, boolean hasOffset) {
        String fraction = fraction(unit);
        return DateTimeFormatter.ofPattern(LOCAL + fraction + (hasOffset ? "XXX" : ""), Locale.ROOT);
    }

    private static String fraction(TimeUnit unit) {
        return switch (unit) {
            case MILLISECONDS -> ".SSS";
            case MICROSECONDS -> ".SSSSSS";
            case NANOSECONDS -> ".SSSSSSSSS";
            case SECONDS, MINUTES, HOURS, DAYS -> "";
        };
    }

    /** Returns a time of day. */
    static String time(long value, TimeUnit unit) {
        try {
            return DateTimeFormatter.ofPattern("HH:mm:ss" + fraction(unit), Locale.ROOT)
                    .format(LocalTime.ofNanoOfDay(unit.toNanos(value)));
        } catch (DateTimeException e) {
            return Long.toString(value);
        }
    }

    /** Returns a day. */
    static String date(long epochDays) {
        try {
            return LocalDate.ofEpochDay(epochDays).toString();
        } catch (DateTimeException e) {
            return Long.toString(epochDays);
        }
    }
}
