package io.bowstring.text;

import java.math.BigDecimal;
import java.math.MathContext;
import org.apache.arrow.memory.util.Float16;

/** Floating-point numbers by their width: which of them is nearest to a decimal, and whether it gives that back. Immutable. */
enum FloatFormat {
    FLOAT16(3, 5, 0x1p-14),
    FLOAT32(6, 9, Float.MIN_NORMAL),
    FLOAT64(15, 17, Double.MIN_NORMAL);

    private final int safeDigits;
    private final int maxDigits;
    private final double minNormal;

    /**
     * Creates a format.
     *
     * @param safeDigits so many digits every number has
     * @param maxDigits so many tell all numbers apart
     * @param minNormal below this they have fewer digits
     */
    FloatFormat(int safeDigits, int maxDigits, double minNormal) {
        this.safeDigits = safeDigits;
        this.maxDigits = maxDigits;
        this.minNormal = minNormal;
    }

    /** Returns the number that is nearest to a decimal, infinite above the largest. */
    double nearest(String decimal) {
        return switch (this) {
            case FLOAT16 -> Float16.toFloat(Float16.toFloat16(Float.parseFloat(decimal)));
            case FLOAT32 -> Float.parseFloat(decimal);
            case FLOAT64 -> Double.parseDouble(decimal);
        };
    }

    /** Returns whether a number, written with as many digits as the decimal that it is nearest to, is that decimal. */
    boolean givesBack(String decimal, double value) {
        boolean isSafe = value == 0 || (Math.abs(value) >= minNormal && countDigits(decimal) <= safeDigits);
        if (isSafe || shortest(value).equals(decimal)) {
            return true;
        }
        BigDecimal expected = new BigDecimal(decimal);
        int digits = expected.precision();
        // The numbers below a power of two are nearer to it than those above: its shortest decimal need not be the
        // nearest.
        boolean isPower = Math.abs(value) < 1 && Math.abs(value) == Math.scalb(1.0, Math.getExponent(value));
        return (isPower && digits <= maxDigits)
                || new BigDecimal(value).round(new MathContext(digits)).compareTo(expected) == 0
                || new BigDecimal(shortest(value)).compareTo(expected) == 0;
    }

    /** Returns the number as Java writes it. */
    private String shortest(double value) {
        return this == FLOAT64 ? Double.toString(value) : Float.toString((float) value);
    }

    private static long countDigits(String decimal) {
        return decimal.chars()
                .takeWhile(c -> c != 'e' && c != 'E')
                .filter(c -> c >= '0' && c <= '9')
                .count();
    }
}
