package io.bowstring.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as ISO 8601 text and back, with as many digits as their unit has. What the calendar cannot express stays
 * the number that it is. Not instantiable.
 */
final class Temporals {
    private static final String LOCAL = "uuuu-MM-dd'T'HH:mm:ss";

    private static final int MIN_YEAR_DIGITS = 4;
    private static final int MONTH_AND_DAY_CHARS = 6;
    private static final int MINUTES_CHARS = 5;
    private static final int SECONDS_CHARS = 8;
    private static final long MILLIS_PER_DAY = TimeUnit.DAYS.toMillis(1);
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
        return DateTimeFormatter.ofPattern(LOCAL + fraction + (hasOffset ? "XXXXX" : ""), Locale.ROOT);
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

    /** Returns a day that is counted in milliseconds, with a time where it has one, as it should not. */
    static String dateMillis(long epochMillis) {
        return Math.floorMod(epochMillis, MILLIS_PER_DAY) == 0
                ? date(Math.floorDiv(epochMillis, MILLIS_PER_DAY))
                : timestamp(epochMillis, TimeUnit.MILLISECONDS, null);
    }

    /** Returns the days since the epoch of {@code 2026-11-21}; null where the text is anything else. */
    static @Nullable Integer parseDate(String text) {
        if (dateEnd(text) != text.length()) {
            return null;
        }
        try {
            return Math.toIntExact(parseDay(text, text.length()).toEpochDay());
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Returns the milliseconds since the epoch of what {@link #dateMillis} makes of them; null for anything else. */
    static @Nullable Long parseDateMillis(String text) {
        return parseTimestamp(text, TimeUnit.MILLISECONDS, false);
    }

    /**
     * Returns a point in time of {@code 2026-11-21T20:38:00.123}, or with a space for the {@code T}; null where the text is
     * anything else, has more digits than the unit, or is out of its range. What the calendar cannot express is the number
     * that {@link #timestamp} makes of it.
     *
     * @param hasOffset whether the text ends with {@code Z} or an offset from UTC; without it may be a day, for its beginning
     */
    static @Nullable Long parseTimestamp(String text, TimeUnit unit, boolean hasOffset) {
        int date = dateEnd(text);
        if (date < 0) {
            return parseNumber(text, number -> timestamp(number, unit, hasOffset ? "UTC" : null));
        }
        int end = hasOffset ? offsetStart(text, date) : text.length();
        try {
            LocalDateTime local = parseLocal(text, date, end);
            ZoneOffset offset = hasOffset ? ZoneOffset.of(text.substring(end)) : ZoneOffset.UTC;
            return count(local.toInstant(offset), unit);
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Returns a time of day of {@code 20:38:00.123}, as above. */
    static @Nullable Long parseTime(String text, TimeUnit unit) {
        if (text.indexOf(':') < 0) {
            return parseNumber(text, number -> time(number, unit));
        }
        try {
            LocalTime time = parseTime(text, 0, text.length());
            return count(time.toSecondOfDay(), time.get(ChronoField.NANO_OF_SECOND), unit);
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Returns a number that stands for a value for which there is no other text. */
    private static @Nullable Long parseNumber(String text, LongFunction<String> format) {
        Long number = NumberText.parseLong(text);
        return number != null && format.apply(number).equals(text) ? number : null;
    }

    /** Returns where the offset begins; the end where there is none. */
    private static int offsetStart(String text, int date) {
        int at = date;
        while (at < text.length() && "Z+-".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    /**
     * Parses a day and, unless {@code end} stands after it, a time. By hand: a formatter takes fifteen times as long.
     *
     * @throws DateTimeException if there is anything else before {@code end}
     */
    private static LocalDateTime parseLocal(String text, int date, int end) {
        LocalDate day = parseDay(text, date);
        if (end == date && end == text.length()) {
            return day.atStartOfDay();
        }
        requireOneOf("T ", text, date);
        return day.atTime(parseTime(text, date + 1, end));
    }

    private static LocalDate parseDay(String text, int end) {
        int month = end - MONTH_AND_DAY_CHARS + 1;
        int signChars = Character.isDigit(text.charAt(0)) ? 0 : 1;
        int year = digits(text, signChars, month - 1);
        return LocalDate.of(
                text.charAt(0) == '-' ? -year : year, digits(text, month, month + 2), digits(text, end - 2, end));
    }

    private static LocalTime parseTime(String text, int start, int end) {
        int hour = digits(text, start, start + 2);
        requireOneOf(":", text, start + 2);
        int minute = digits(text, start + 3, start + MINUTES_CHARS);
        int second = 0;
        int nano = 0;
        if (end > start + MINUTES_CHARS) {
            requireOneOf(":", text, start + MINUTES_CHARS);
            second = digits(text, start + MINUTES_CHARS + 1, start + SECONDS_CHARS);
        }
        if (end > start + SECONDS_CHARS) {
            requireOneOf(".", text, start + SECONDS_CHARS);
            int fraction = start + SECONDS_CHARS + 1;
            nano = digits(text, fraction, end);
            for (int i = end - fraction; i < NANO_DIGITS; i++) {
                nano *= 10;
            }
        }
        if (end < start + MINUTES_CHARS) {
            throw new DateTimeException("minutes");
        }
        return LocalTime.of(hour, minute, second, nano);
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
        return count(instant.getEpochSecond(), instant.getNano(), unit);
    }

    private static @Nullable Long count(long seconds, int nano, TimeUnit unit) {
        long nanosPerUnit = unit.toNanos(1);
        return nano % nanosPerUnit == 0 ? (Long) Interval.count(seconds, nano / nanosPerUnit, unit) : null;
    }

    /**
     * Returns where a day ends that a text may begin with, -1 where it does not: of four digits for the year, or more after a
     * sign. Spares most texts an exception.
     */
    private static int dateEnd(String text) {
        int start = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
        int year = start;
        while (year < text.length() && text.charAt(year) >= '0' && text.charAt(year) <= '9') {
            year++;
        }
        int digits = year - start;
        boolean isYear = digits >= MIN_YEAR_DIGITS && (start == 1 || digits == MIN_YEAR_DIGITS);
        int end = year + MONTH_AND_DAY_CHARS;
        boolean isDate = isYear && end <= text.length() && text.charAt(year) == '-' && text.charAt(year + 3) == '-';
        return isDate ? end : -1;
    }

    /** Returns the JDK's unit for one of arrow-java's. */
    static TimeUnit unit(org.apache.arrow.vector.types.TimeUnit unit) {
        return switch (unit) {
            case SECOND -> TimeUnit.SECONDS;
            case MILLISECOND -> TimeUnit.MILLISECONDS;
            case MICROSECOND -> TimeUnit.MICROSECONDS;
            case NANOSECOND -> TimeUnit.NANOSECONDS;
        };
    }
}
