package io.bowstring.protocol;

/**
 * Where a subscription ends. Immutable.
 *
 * @param kind how to read the value
 * @param value an offset, or 0
 */
public record EndPosition(Kind kind, long value) {
    /** When the topic is sealed, or never. */
    public static final EndPosition LIVE = new EndPosition(Kind.LIVE, 0);
    /** After the last batch that the topic holds when the subscription starts. */
    public static final EndPosition END = new EndPosition(Kind.END, 0);

    private static final String RULE = "end, or the offset to stop before";

    /** How the value is to be read. */
    public enum Kind {
        /** The value is not used; the key is absent on the wire. */
        LIVE,
        /** The value is not used. */
        END,
        /** The value is the offset of the first batch that is not wanted, at least 0. */
        OFFSET
    }

    /**
     * Checks the value.
     *
     * @throws ProtocolException {@code BAD_REQUEST} if an offset is negative
     */
    public EndPosition {
        if (kind == Kind.OFFSET && value < 0) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.UNTIL, value, RULE);
        }
    }

    /** Returns the end before the batch at an offset, which is at least 0. */
    public static EndPosition before(long offset) {
        return new EndPosition(Kind.OFFSET, offset);
    }

    /**
     * Parses the value of {@code bowstring.until}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public static EndPosition parse(String text) {
        if (text.equals("end")) {
            return END;
        }
        long offset = DecimalText.parse(Keys.UNTIL, text, RULE);
        if (text.startsWith("-")) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.UNTIL, text, RULE);
        }
        return before(offset);
    }

    /** Returns the value on the wire; {@code live}, which is never sent, for {@link #LIVE}. */
    @Override
    public String toString() {
        return switch (kind) {
            case LIVE -> "live";
            case END -> "end";
            case OFFSET -> Long.toString(value);
        };
    }
}
