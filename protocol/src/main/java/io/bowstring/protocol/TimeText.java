package io.bowstring.protocol;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** Times of ISO 8601 in metadata values, as microseconds since the epoch. Not instantiable. */
final class TimeText {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart() // so that a time without it can be told from what is none
            .parseLenient() // +02 as well
            .appendOffsetId()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT)
            .withChronology(IsoChronology.INSTANCE);

    private TimeText() {}

    /** Returns whether this can be a time: a date, a {@code T} and more. */
    static boolean isLike(String text) {
        return text.indexOf('T') > 0;
    }

    /**
     * Parses a time with Z or an offset from UTC; what is finer than a microsecond is cut off.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    static long parse(String key, String text, String rule) {
        TemporalAccessor time;
        try {
            time = FORMAT.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        } catch (DateTimeException e) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, key, text, rule);
        }
        if (!(time instanceof OffsetDateTime zoned)) {
            throw ProtocolException.of(
                    ErrorCode.BAD_REQUEST, key, text, "a time of a zone: add Z for UTC, or an offset such as +02:00");
        }
        return micros(key, zoned.toInstant());
    }

    /**
     * Returns the microseconds of a time; what is finer is cut off.
     *
     * @throws ProtocolException {@code BAD_REQUEST} where they are too many for 64 bits
     */
    static long micros(String key, Instant time) {
        try {
            long seconds = Math.multiplyExact(time.getEpochSecond(), MICROS_PER_SECOND);
            return Math.addExact(seconds, time.getNano() / 1_000);
        } catch (ArithmeticException e) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, key, time, "a time within 290,000 years of 1970");
        }
    }

    /** Returns what {@link #parse} reads as so many microseconds. */
    static String of(long micros) {
        long seconds = Math.floorDiv(micros, MICROS_PER_SECOND);
        return Instant.ofEpochSecond(seconds, 1_000 * Math.floorMod(micros, MICROS_PER_SECOND))
                .toString();
    }
}
