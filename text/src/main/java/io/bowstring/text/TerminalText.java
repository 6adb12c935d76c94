package io.bowstring.text;

import java.util.Arrays;
import java.util.Set;

/**
 * Text that others have written, made fit for a terminal, which would obey some of it: control characters and those that
 * change the direction of the text around them or are not to be seen become {@code ·}. Knows how many columns a character
 * takes. Not instantiable.
 */
public final class TerminalText {
    private static final int EXCERPT_COLUMNS = 48;
    /** Marks that take no column may stand above one that does; no language has so many. */
    private static final int MAX_CHARS_PER_COLUMN = 8;

    private static final int SUBSTITUTE = '·';
    private static final int SOFT_HYPHEN = 0xAD;
    private static final int ARABIC_LETTER_MARK = 0x61C;
    private static final int FIRST_HIDDEN_FORMAT = 0x200B;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;
    /** Letters and signs that nothing is seen of. */
    private static final Set<Integer> BLANK = Set.of(0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0);

    private static final int HANGUL_JUNGSEONG_FIRST = 0x1160;
    private static final int HANGUL_JONGSEONG_LAST = 0x11FF;

    /**
     * The characters that take two columns: first and last of each range, in order. East Asian Width W and F of Unicode 14,
     * and what is not assigned between them.
     */
    private static final int[] WIDE = {
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3,
        0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1,
        0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA,
        0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
        0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
        0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E,
        0x3041, 0x3247, 0x3250, 0x4DBF, 0x4E00, 0xA4C6, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAD9,
        0xFE10, 0xFE6B, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x1B2FB, 0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF,
        0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320, 0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393,
        0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440,
        0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596,
        0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF,
        0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC, 0x1F7E0, 0x1F7F0, 0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF,
        0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD
    };

    private TerminalText() {}

    /** Returns a text without anything that a terminal would obey. */
    public static String clean(String text) {
        if (text.codePoints().allMatch(c -> shown(c) == c)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(shown(c)));
        return clean.toString();
    }

    /** Returns the same with an ellipsis in place of its end where it would take more than 48 columns. */
    public static String excerpt(String text) {
        int columns = 0;
        int fitting = 0; // what stands before the ellipsis
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            columns += width(shown(text.codePointAt(at)));
            if (columns > EXCERPT_COLUMNS || at > EXCERPT_COLUMNS * MAX_CHARS_PER_COLUMN) {
                return clean(text.substring(0, fitting)) + "…";
            }
            if (columns < EXCERPT_COLUMNS) {
                fitting = at + Character.charCount(text.codePointAt(at));
            }
        }
        return clean(text);
    }

    /** Returns how many columns a text takes that is {@linkplain #clean clean}. */
    static int width(String text) {
        return text.codePoints().map(TerminalText::width).sum();
    }

    private static int width(int c) {
        if (c < HANGUL_JUNGSEONG_FIRST) {
            return c >= 0x300 && isMark(c) ? 0 : Math.max(1, wideness(c));
        }
        boolean isJoined = c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER || c <= HANGUL_JONGSEONG_LAST;
        return isJoined || isMark(c) ? 0 : wideness(c);
    }

    private static int wideness(int c) {
        int found = Arrays.binarySearch(WIDE, c);
        boolean isInside = found >= 0 || (~found & 1) != 0;
        return isInside ? 2 : 1;
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    /** Returns the character, or what is shown in its place. */
    private static int shown(int c) {
        return isHidden(c) ? SUBSTITUTE : c;
    }

    /** Returns whether a terminal would obey a character, or would not show it. */
    static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            case Character.FORMAT -> isHiddenFormat(c);
            default -> BLANK.contains(c);
        };
    }

    /** Arabic has signs that are seen; some languages and pictures need the joiners. */
    private static boolean isHiddenFormat(int c) {
        boolean isJoiner = c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
        return c == SOFT_HYPHEN || c == ARABIC_LETTER_MARK || (c >= FIRST_HIDDEN_FORMAT && !isJoiner);
    }
}
