package io.bowstring.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as text. What a number would not give back is no number: {@code 007} is a name, and an integer that a double
 * would round is none. Not instantiable.
 */
final class Numbers {
    private static final int MAX_LONG_DIGITS = 19;
    /** So many digits every double has. */
    private static final int EXACT_DIGITS = 15;

    private static final int MAX_CHARS = 1_000;
    private static final Map<String, Double> WORDS = Map.of(
            "nan", Double.NaN,
            "inf", Double.POSITIVE_INFINITY,
            "infinity", Double.POSITIVE_INFINITY,
            "-inf", Double.NEGATIVE_INFINITY,
            "-infinity", Double.NEGATIVE_INFINITY);

    private Numbers() {}

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

    /**
     * Returns the double that is nearest to a decimal; null where the text is anything else, or there is none that is
     * near: above the largest, below the smallest, or an integer that would be rounded.
     */
    static @Nullable Double parseDouble(String text) {
        if (text.length() > MAX_CHARS) {
            return null;
        }
        if (!isDecimal(text)) {
            return WORDS.get(text.toLowerCase(Locale.ROOT));
        }
        double value = Double.parseDouble(text);
        boolean isOutside = Double.isInfinite(value) || (value == 0 && isNotZero(text));
        return isOutside || isRounded(text, value) ? null : Double.valueOf(value);
    }

    private static boolean isNotZero(String text) {
        return text.chars().takeWhile(c -> c != 'e' && c != 'E').anyMatch(c -> c >= '1' && c <= '9');
    }

    private static boolean isRounded(String text, double value) {
        int start = text.startsWith("-") ? 1 : 0;
        int count = digits(text, start);
        boolean isInteger = start + count == text.length();
        return isInteger && count > EXACT_DIGITS && new BigDecimal(value).compareTo(new BigDecimal(text)) != 0;
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
