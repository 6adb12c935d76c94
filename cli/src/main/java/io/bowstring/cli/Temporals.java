package io.bowstring.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
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
    private static final int HOUR_END = 13;
    private static final int MINUTE_END = 16;
    private static final int SECOND_END = 19;
    private static final int NANO_DIGITS = 9;

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
     * @param hasOffset whether the text ends with {@code Z} or an offset from UTC; without it may be a day, for its beginning
     */
    static @Nullable Long parseTimestamp(String text, TimeUnit unit, boolean hasOffset) {
        if (!beginsWithDate(text)) {
            return null;
        }
        int end = hasOffset ? offsetStart(text) : text.length();
        try {
            LocalDateTime local = parseLocal(text, end);
            ZoneOffset offset = hasOffset ? ZoneOffset.of(text.substring(end)) : ZoneOffset.UTC;
            return count(local.toInstant(offset), unit);
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Returns where the offset begins; the end where there is none. */
    private static int offsetStart(String text) {
        int at = DATE_CHARS;
        while (at < text.length() && "Z+-".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    /**
     * Parses a day and, unless {@code end} stands behind it, a time. By hand: a formatter takes fifteen times as long.
     *
     * @throws DateTimeException if there is anything else in front of {@code end}
     */
    private static LocalDateTime parseLocal(String text, int end) {
        LocalDate day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, DATE_CHARS));
        if (end == DATE_CHARS && end == text.length()) {
            return day.atStartOfDay();
        }
        requireOneOf("T ", text, DATE_CHARS);
        requireOneOf(":", text, HOUR_END);
        int second = 0;
        int nano = 0;
        if (end > MINUTE_END) {
            requireOneOf(":", text, MINUTE_END);
            second = digits(text, MINUTE_END + 1, SECOND_END);
        }
        if (end > SECOND_END) {
            requireOneOf(".", text, SECOND_END);
            int fractionDigits = end - SECOND_END - 1;
            nano = digits(text, SECOND_END + 1, end);
            for (int i = fractionDigits; i < NANO_DIGITS; i++) {
                nano *= 10;
            }
        }
        int hour = digits(text, DATE_CHARS + 1, HOUR_END);
        return day.atTime(hour, digits(text, HOUR_END + 1, MINUTE_END), second, nano);
    }

    private static void requireOneOf(String chars, String text, int index) {
        if (index >= text.length() || chars.indexOf(text.charAt(index)) < 0) {
            throw new DateTimeException("no " + chars);
        }
    }

    /** Returns the number that stands between two places, of 1 to 9 digits. */
    private static int digits(String text, int start, int end) {
        if (end > text.length() || start >= end || end - start > NANO_DIGITS) {
            throw new DateTimeException("digits");
        }
        int number = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new DateTimeException("digits");
            }
            number = number * 10 + digit;
        }
        return number;
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
