package io.bowstring.bench.peers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of bodies, as in {@code 64KiB}. The cli has its own: all of it is too much to depend on for that. */
final class Sizes {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(B|KiB|MiB|GiB)?");
    private static final String[] UNITS = {"B", "KiB", "MiB"};
    private static final int UNIT_BITS = 10;

    private Sizes() {}

    /** Returns a number of bytes, or -1 where the text is none. */
    static long parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return -1;
        }
        String unit = form.group(2) == null ? "B" : form.group(2);
        return Long.parseLong(form.group(1)) << ("BKMG".indexOf(unit.charAt(0)) * UNIT_BITS);
    }

    /** Returns a number of bytes in MiB, rounded. */
    static String mebibytes(long bytes) {
        return Math.round(bytes / (double) (1 << 20)) + " MiB";
    }

    /** Returns a number of bytes in the largest unit that says it exactly, as {@code 64 KiB}. */
    static String text(int bytes) {
        int unit = Math.min(UNITS.length - 1, Integer.numberOfTrailingZeros(bytes) / UNIT_BITS);
        return (bytes >> (unit * UNIT_BITS)) + " " + UNITS[unit];
    }
}
