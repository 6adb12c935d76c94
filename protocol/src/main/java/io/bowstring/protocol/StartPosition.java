package io.bowstring.protocol;

import java.time.Instant;

/**
 * Where a subscription starts. Immutable.
 *
 * @param kind how to read the value
 * @param value an offset, a number of batches, microseconds since the epoch, or 0
 */
public record StartPosition(Kind kind, long value) {
    /** The next batch to be published. */
    public static final StartPosition LATEST = new StartPosition(Kind.LATEST, 0);
    /** The oldest batch that is retained. */
    public static final StartPosition EARLIEST = new StartPosition(Kind.EARLIEST, 0);

    private static final String RULE =
            "latest, earliest, an offset, -N for the last N batches, or a time such as 2026-11-30T12:00:00Z";

    /** How the value is to be read. */
    public enum Kind {
        /** The value is not used. */
        LATEST,
        /** The value is not used. */
        EARLIEST,
        /** The value is an offset, at least 0. */
        OFFSET,
        /** The value is a number of batches, at least 1; where fewer are retained, all of them. */
        LAST,
        /** The value is a time, in microseconds since the epoch: the first batch that was appended then or later. */
        TIME
    }

    /**
     * Checks the value.
     *
     * @throws ProtocolException {@code BAD_REQUEST} if an offset is negative, or a number of batches is not positive
     */
    public StartPosition {
        if (kind == Kind.OFFSET && value < 0) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.FROM, value, "an offset of at least 0");
        }
        if (kind == Kind.LAST && value < 1) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.FROM, value, "at least 1 batch");
        }
    }

    /** Returns the batch at an offset, which is at least 0. */
    public static StartPosition offset(long offset) {
        return new StartPosition(Kind.OFFSET, offset);
    }

    /** Returns the beginning of the last so many batches, at least 1; where fewer are retained, of all. */
    public static StartPosition last(long batches) {
        return new StartPosition(Kind.LAST, batches);
    }

    /**
     * Returns the first batch that is retained and was appended at a time or later; where there is none, the next batch to be
     * published. The time is cut to microseconds.
     *
     * @throws ProtocolException {@code BAD_REQUEST} if it is 290,000 years away
     */
    public static StartPosition time(Instant time) {
        return new StartPosition(Kind.TIME, TimeText.micros(Keys.FROM, time));
    }

    /**
     * Parses the value of {@code bowstring.from}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public static StartPosition parse(String text) {
        if (text.equals("latest")) {
            return LATEST;
        }
        if (text.equals("earliest")) {
            return EARLIEST;
        }
        if (TimeText.isLike(text)) {
            return new StartPosition(Kind.TIME, TimeText.parse(Keys.FROM, text, RULE));
        }
        long number = DecimalText.parse(Keys.FROM, text, RULE);
        if (text.startsWith("-") && number == 0) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.FROM, text, RULE);
        }
        return number < 0 ? last(-number) : offset(number);
    }

    /** Returns the value on the wire. */
    @Override
    public String toString() {
        return switch (kind) {
            case LATEST -> "latest";
            case EARLIEST -> "earliest";
            case OFFSET -> Long.toString(value);
            case LAST -> Long.toString(-value);
            case TIME -> TimeText.of(value);
        };
    }
}
