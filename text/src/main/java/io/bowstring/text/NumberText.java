package io.bowstring.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import org.apache.arrow.memory.util.Float16;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as text. A text that a number would not give back is no number: {@code 007} is a name, and a decimal that a double
 * would round is no double. Not instantiable.
 */
final class NumberText {
    private static final int MAX_LONG_DIGITS = 19;
    private static final BigInteger MAX_UNSIGNED_LONG =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private static final int MAX_CHARS = 1_000;
    private static final Map<String, Double> WORDS = Map.of(
            "nan", Double.NaN,
            "inf", Double.POSITIVE_INFINITY,
            "infinity", Double.POSITIVE_INFINITY,
            "-inf", Double.NEGATIVE_INFINITY,
            "-infinity", Double.NEGATIVE_INFINITY);

    private NumberText() {}

    /** Returns an integer of 64 bits; null where the text is anything else. */
    static @Nullable Long parseLong(String text) {
        int start = text.startsWith("-") ? 1 : 0;
        int count = digits(text, start);
        boolean isInteger = count > 0 && count <= MAX_LONG_DIGITS && start + count == text.length();
        if (!isInteger || (text.charAt(start) == '0' && text.length() > 1)) {
            return null;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return null; // of 19 digits, and too large
        }
    }

    /** Returns the bits of an integer of 64 bits without a sign; null where the text is anything else. */
    static @Nullable Long parseUnsignedLong(String text) {
        int count = digits(text, 0);
        boolean isInteger = count > 0 && count <= MAX_LONG_DIGITS + 1 && count == text.length();
        if (!isInteger || (text.charAt(0) == '0' && count > 1)) {
            return null;
        }
        BigInteger value = new BigInteger(text);
        return value.compareTo(MAX_UNSIGNED_LONG) > 0 ? null : (Long) value.longValue();
    }

    /** Returns a decimal; null where the text is anything else. */
    static @Nullable BigDecimal parseDecimal(String text) {
        try {
            return text.length() <= MAX_CHARS && isDecimal(text) ? new BigDecimal(text) : null;
        } catch (NumberFormatException e) {
            return null; // its exponent has too many digits
        }
    }

    /**
     * Returns the double that is nearest to a decimal; null where the text is anything else, or the double would not give it
     * back: written with as many digits, it must be the same number.
     */
    static @Nullable Double parseDouble(String text) {
        return parse(text, FloatFormat.FLOAT64);
    }

    /** Returns the same for a float of 32 bits. */
    static @Nullable Float parseFloat(String text) {
        Double value = parse(text, FloatFormat.FLOAT32);
        return value == null ? null : (Float) value.floatValue();
    }

    /** Returns the same for a float of 16 bits, as its bits. */
    static @Nullable Short parseHalf(String text) {
        Double value = parse(text, FloatFormat.FLOAT16);
        return value == null ? null : (Short) Float16.toFloat16(value.floatValue());
    }

    private static @Nullable Double parse(String text, FloatFormat format) {
        if (text.length() > MAX_CHARS) {
            return null;
        }
        if (!isDecimal(text)) {
            return WORDS.get(text.toLowerCase(Locale.ROOT));
        }
        double value = format.nearest(text);
        boolean isOutside = Double.isInfinite(value) || (value == 0 && isNotZero(text));
        return isOutside || !format.givesBack(text, value) ? null : (Double) value;
    }

    private static boolean isNotZero(String text) {
        return text.chars().takeWhile(c -> c != 'e' && c != 'E').anyMatch(c -> c >= '1' && c <= '9');
    }

    /** As in JSON, but for {@code .5} and {@code 5.}, which many programs write. */
    private static boolean isDecimal(String text) {
        int at = text.startsWith("-") ? 1 : 0;
        int whole = digits(text, at);
        if (whole > 1 && text.charAt(at) == '0') {
            return false;
        }
        at += whole;
        int fraction = 0;
        if (text.startsWith(".", at)) {
            fraction = digits(text, at + 1);
            at += 1 + fraction;
        }
        return whole + fraction > 0 && (at == text.length() || isExponent(text, at));
    }

    private static boolean isExponent(String text, int start) {
        if (text.charAt(start) != 'e' && text.charAt(start) != 'E') {
            return false;
        }
        boolean isSigned = text.startsWith("+", start + 1) || text.startsWith("-", start + 1);
        int at = start + (isSigned ? 2 : 1);
        int count = digits(text, at);
        return count > 0 && at + count == text.length();
    }

    /** Returns how many digits there are from {@code start} on. */
    private static int digits(String text, int start) {
        int at = start;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - start;
    }
}
