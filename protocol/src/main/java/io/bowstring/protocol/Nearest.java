package io.bowstring.protocol;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Finds what somebody may have meant who wrote a name that is not there. Not instantiable. */
public final class Nearest {
    /** So much of so many names is looked at: a stranger's request costs a few milliseconds at most. */
    private static final int MAX_CHARS = 64;

    private static final int MAX_CANDIDATES = 1_000;

    private Nearest() {}

    /**
     * Returns the candidate that is most like a name; of several the first.
     *
     * @param candidates not empty
     */
    public static String of(String name, List<String> candidates) {
        String start = start(name);
        return candidates.stream()
                .limit(MAX_CANDIDATES)
                .min(Comparator.comparingInt(candidate -> distance(start(candidate), start)))
                .orElseThrow();
    }

    private static String start(String name) {
        return name.length() <= MAX_CHARS ? name : name.substring(0, MAX_CHARS);
    }

    /** Returns how many letters must be put in, taken out or changed to make one word of the other. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(diagonal, row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
