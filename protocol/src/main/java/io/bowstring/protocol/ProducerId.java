package io.bowstring.protocol;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id under which a publisher numbers its batches, in one topic and over any number of connections: 1 to 128 of
 * {@code A-Z a-z 0-9 . _ -}. One that begins with {@code once.} is made for one life. Immutable.
 */
public record ProducerId(String value) {
    private static final String ONE_LIFE_PREFIX = "once.";
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    /**
     * Checks the id.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public ProducerId {
        if (!PATTERN.matcher(value).matches()) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.PRODUCER, value, "1 to 128 of A-Z a-z 0-9 . _ -");
        }
    }

    /** Returns an id that nobody has had, for the one life of a publisher that needs no name. */
    public static ProducerId forOneLife() {
        return new ProducerId(ONE_LIFE_PREFIX + UUID.randomUUID());
    }

    /** Returns whether the id is made for one life: whoever has it will not come back after its stream has ended. */
    public boolean isForOneLife() {
        return value.startsWith(ONE_LIFE_PREFIX);
    }

    @Override
    public String toString() {
        return value;
    }
}
