package io.bowstring.protocol;

import java.util.regex.Pattern;

/** Decimal numbers in metadata values. Not instantiable. */
final class DecimalText {
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,18}");

    private DecimalText() {}

    /**
     * Parses a decimal number of at most 18 digits.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    static long parse(String key, String text, String rule) {
        if (!DECIMAL.matcher(text).matches()) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, key, text, rule);
        }
        return Long.parseLong(text);
    }
}
