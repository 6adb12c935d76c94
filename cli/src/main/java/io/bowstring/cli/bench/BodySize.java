package io.bowstring.cli.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long the body of a batch is wanted. Immutable.
 *
 * @param bytes from {@link Stamp#BYTES} to 1 GiB
 */
public record BodySize(int bytes) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})(B|KiB|MiB|GiB)?");
    private static final int MAX_BYTES = 1 << 30;
    private static final int UNIT_BITS = 10;
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB"};

    /**
     * Parses a number of bytes: {@code 1024}, {@code 64KiB}.
     *
     * @throws IllegalArgumentException if the text is anything else, or out of range
     */
    public static BodySize parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            String unit = form.group(2) == null ? "B" : form.group(2);
            int shift = "BKMG".indexOf(unit.charAt(0)) * UNIT_BITS;
            long bytes = Long.parseLong(form.group(1)) << shift;
            if (bytes >= Stamp.BYTES && bytes <= MAX_BYTES) {
                return new BodySize((int) bytes);
            }
        }
        throw new IllegalArgumentException(
                "body: " + text + " (expected: " + Stamp.BYTES + "B to 1GiB, in B, KiB, MiB or GiB)");
    }

    /** Returns the form that is parsed, with the largest unit that says it exactly. */
    @Override
    public String toString() {
        return text(bytes);
    }

    /** Returns a number of bytes in the largest unit that says it exactly. */
    static String text(long bytes) {
        int unit = Math.min(UNITS.length - 1, Long.numberOfTrailingZeros(Math.max(1, bytes)) / UNIT_BITS);
        return (bytes >> (unit * UNIT_BITS)) + UNITS[unit];
    }
}
