package io.bowstring.protocol;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what somebody may have meant who wrote a name that is not there. Not instantiable. */
public final class Nearest {
    /** So much of so many names is looked at: a stranger's request costs a few milliseconds at most. */
    private static final int MAX_CHARS = 64;

    private static final int MAX_CANDIDATES = 1_000;

    /** Of the longer name's letters, one in so many may be wrong. */
    private static final int LETTERS_PER_MISTAKE = 3;

    private Nearest() {}

    /**
     * Returns the candidate that is most like a name, of several the first; null if none is like it: more than
     * one letter in three is wrong, or, of names of less than six letters, more than one.
     */
    public static @Nullable String of(String name, List<String> candidates) {
        String start = start(name);
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates.subList(0, Math.min(candidates.size(), MAX_CANDIDATES))) {
            String other = start(candidate);
            int max = Math.min(maxMistakes(other, start), least - 1);
            int found = Math.abs(other.length() - start.length()) > max ? Integer.MAX_VALUE : mistakes(other, start);
            if (found <= max) {
                nearest = candidate;
                least = found;
            }
        }
        return nearest;
    }

    private static String start(String name) {
        return name.length() <= MAX_CHARS ? name : name.substring(0, MAX_CHARS);
    }

    /** Names that share no letter are not alike, however short they are. */
    private static int maxMistakes(String a, String b) {
        int letters = Math.max(a.length(), b.length());
        return Math.min(letters - 1, Math.max(1, letters / LETTERS_PER_MISTAKE));
    }

    /** Returns how many letters must be put in, taken out, changed or swapped with the next to make one word of the other. */
    private static int mistakes(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(last[j], row[j - 1]));
                boolean isSwap =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                row[j] = isSwap ? Math.min(row[j], 1 + beforeLast[j - 2]) : row[j];
            }
        }
        return row[b.length()];
    }
}
