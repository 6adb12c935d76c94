package io.bowstring.text;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Period;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.types.IntervalUnit;
import org.jspecify.annotations.Nullable;

/**
 * An interval as ISO 8601 text, {@code P1M2DT3S}, and back: months, days and a time, none of which is turned into another.
 * Immutable.
 */
record Interval(int months, int days, long nanos) {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** Returns the milliseconds, of an interval of days and these. */
    int millis() {
        return (int) (nanos / NANOS_PER_MILLI);
    }

    /** Returns the interval of a text; null where it is none, or has what the unit does not have. */
    static @Nullable Interval parse(String text, IntervalUnit unit) {
        int time = text.indexOf('T');
        String date = time < 0 ? text : text.substring(0, time);
        try {
            Period period = date.equals("P") ? Period.ZERO : Period.parse(date);
            Duration duration = time < 0 ? Duration.ZERO : Duration.parse("PT" + text.substring(time + 1));
            int months = Math.toIntExact(period.toTotalMonths());
            int days = (int) period.get(ChronoUnit.DAYS);
            Interval interval = new Interval(months, days, count(duration, TimeUnit.NANOSECONDS));
            return interval.isOf(unit) ? interval : null;
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    private boolean isOf(IntervalUnit unit) {
        return switch (unit) {
            case YEAR_MONTH -> days == 0 && nanos == 0;
            case DAY_TIME -> {
                long millis = nanos / NANOS_PER_MILLI;
                yield months == 0 && nanos % NANOS_PER_MILLI == 0 && millis == (int) millis;
            }
            case MONTH_DAY_NANO -> true;
        };
    }

    /** Returns {@code P1M2DT3S}. */
    @Override
    public String toString() {
        Period period = Period.of(0, months, days);
        if (nanos == 0) {
            return period.toString();
        }
        String time = Duration.ofNanos(nanos).toString().substring(1);
        return (period.isZero() ? "P" : period.toString()) + time;
    }

    /** Returns the units of {@code PT1.5S}; null where the text is anything else, or that would lose digits. */
    static @Nullable Long parseDuration(String text, TimeUnit unit) {
        try {
            Duration duration = Duration.parse(text);
            long nanosPerUnit = unit.toNanos(1);
            return duration.toNanosPart() % nanosPerUnit == 0 ? (Long) count(duration, unit) : null;
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    private static long count(Duration duration, TimeUnit unit) {
        return count(duration.toSeconds(), duration.toNanosPart() / unit.toNanos(1), unit);
    }

    /** Returns seconds and a fraction of a second, of units, as units; throws ArithmeticException where they are too many. */
    static long count(long seconds, long fraction, TimeUnit unit) {
        long perSecond = NANOS_PER_SECOND / unit.toNanos(1);
        return seconds < 0 && fraction > 0 // the seconds alone may be too many where both together are not
                ? Math.addExact(Math.multiplyExact(seconds + 1, perSecond), fraction - perSecond)
                : Math.addExact(Math.multiplyExact(seconds, perSecond), fraction);
    }
}
