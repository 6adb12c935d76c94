package io.bowstring.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as ISO 8601 text and back, with as many digits as their unit has. What the calendar cannot express stays
 * the number that it is. Not instantiable.
 */
final class Temporals {
    private static final String LOCAL = "uuuu-MM-dd'T'HH:mm:ss";

    private static final int DATE_CHARS = 10;

    /** Also takes {@code +01}, which databases write. */
    private static final DateTimeFormatter WITH_OFFSET = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .appendOffset("+HH:mm", "Z")
            .toFormatter(Locale.ROOT);

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

    /** Returns the days since the epoch of {@code 2026-11-21}; null where the text is anything else. */
    static @Nullable Integer parseDate(String text) {
        if (!beginsWithDate(text) || text.length() > DATE_CHARS) {
            return null;
        }
        try {
            return Math.toIntExact(LocalDate.parse(text).toEpochDay());
        } catch (DateTimeException e) {
            return null;
        }
    }

    /**
     * Returns a point in time of {@code 2026-11-21T20:38:00.123}, or with a space for the {@code T}; null where the text is
     * anything else, has more digits than the unit, or is out of its range.
     *
     * @param hasOffset whether the text has an offset from UTC; without it may be a day, for its beginning
     */
    static @Nullable Long parseTimestamp(String text, TimeUnit unit, boolean hasOffset) {
        if (!beginsWithDate(text)) {
            return null;
        }
        String day = text.substring(0, DATE_CHARS);
        String time = text.length() > DATE_CHARS ? text.substring(DATE_CHARS + 1) : hasOffset ? "" : "00:00";
        char between = text.length() > DATE_CHARS ? text.charAt(DATE_CHARS) : 'T';
        if (between != 'T' && between != ' ') {
            return null;
        }
        try {
            return count(
                    hasOffset
                            ? OffsetDateTime.parse(day + 'T' + time, WITH_OFFSET)
                                    .toInstant()
                            : LocalDateTime.parse(day + 'T' + time).toInstant(ZoneOffset.UTC),
                    unit);
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Returns the units since the epoch; null where that would lose digits. */
    private static @Nullable Long count(Instant instant, TimeUnit unit) {
        long perSecond = unit.convert(1, TimeUnit.SECONDS);
        long fraction = unit.convert(instant.getNano(), TimeUnit.NANOSECONDS);
        boolean isExact = unit.toNanos(fraction) == instant.getNano();
        return isExact ? Math.addExact(Math.multiplyExact(instant.getEpochSecond(), perSecond), fraction) : null;
    }

    /** What spares most texts an exception. */
    private static boolean beginsWithDate(String text) {
        return text.length() >= DATE_CHARS
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && Character.isDigit(text.charAt(0));
    }
}
