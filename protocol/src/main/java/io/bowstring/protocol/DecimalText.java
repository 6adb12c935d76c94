package io.bowstring.protocol;

/** Decimal numbers in metadata values. Not instantiable. */
final class DecimalText {
    private static final int MAX_DIGITS = 18;

    private DecimalText() {}

    /**
     * Parses a decimal number of at most 18 digits.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    static long parse(String key, String text, String rule) {
        int first = text.startsWith("-") ? 1 : 0;
        int digits = text.length() - first;
        boolean isNumber = digits > 0 && digits <= MAX_DIGITS;
        long value = 0;
        for (int i = first; isNumber && i < text.length(); i++) {
            int digit = text.charAt(i) - '0'; // of no other script
            isNumber = digit >= 0 && digit <= 9;
            value = 10 * value + digit;
        }
        if (!isNumber) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, key, text, rule);
        }
        return first == 0 ? value : -value;
    }
}
