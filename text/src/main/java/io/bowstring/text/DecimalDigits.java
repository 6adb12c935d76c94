package io.bowstring.text;

import java.math.BigDecimal;

/** How many digits some decimals have together, on both sides of the point. Confined to the caller's thread. */
final class DecimalDigits {
    private static final int MAX_DIGITS_128 = 38;
    private static final int MAX_DIGITS = 76;

    private long whole;
    private long fraction;

    /** Takes a number into account; returns false where no decimal can hold it and those before it. */
    boolean add(String text) {
        BigDecimal value = NumberText.parseDecimal(text);
        if (value == null) {
            return false;
        }
        fraction = Math.max(fraction, value.signum() == 0 ? 0 : value.scale());
        whole = Math.max(whole, (long) value.precision() - value.scale());
        return whole + fraction <= MAX_DIGITS;
    }

    /** Returns a type that holds all of them, with as many digits before the point as there may be. */
    String type() {
        int digits = whole + fraction <= MAX_DIGITS_128 ? MAX_DIGITS_128 : MAX_DIGITS;
        return (digits == MAX_DIGITS_128 ? "decimal128(" : "decimal256(") + digits + ", " + fraction + ")";
    }
}
