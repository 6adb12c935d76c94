package io.bowstring.cli;

/** Whole numbers as they stand on the command line. Not instantiable. */
final class WholeNumbers {
    private WholeNumbers() {}

    /**
     * Parses a number.
     *
     * @throws IllegalArgumentException if the text is anything else, or does not fit
     */
    static int parseInt(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw wrong(text, Integer.MAX_VALUE);
        }
    }

    /**
     * Parses a number.
     *
     * @throws IllegalArgumentException if the text is anything else, or does not fit
     */
    static long parseLong(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(text, Long.MAX_VALUE);
        }
    }

    private static IllegalArgumentException wrong(String text, long most) {
        return new IllegalArgumentException("number: " + text + " (expected: a whole number, at most " + most + ")");
    }
}
