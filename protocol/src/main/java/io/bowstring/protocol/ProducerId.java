package io.bowstring.protocol;

import java.util.regex.Pattern;

/**
 * The id under which a publisher numbers its batches, in one topic and over any number of connections: 1 to 128 of
 * {@code A-Z a-z 0-9 . _ -}. Immutable.
 */
public record ProducerId(String value) {
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

    @Override
    public String toString() {
        return value;
    }
}
