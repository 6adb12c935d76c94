package io.bowstring.cli;

/**
 * So many batches per second. Immutable.
 *
 * @param perSecond more than 0; infinite: as many as can be
 */
record Rate(double perSecond) {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String MAX = "max";

    /**
     * Parses {@code N}, {@code N/s} or {@code max}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    static Rate parse(String text) {
        if (text.equals(MAX)) {
            return new Rate(Double.POSITIVE_INFINITY);
        }
        String number = text.endsWith("/s") ? text.substring(0, text.length() - 2) : text;
        if (!number.matches("[0-9]{1,9}(\\.[0-9]{1,9})?") || Double.parseDouble(number) <= 0) {
            throw new IllegalArgumentException("rate: " + text + " (expected: N or N/s, more than 0, or max)");
        }
        return new Rate(Double.parseDouble(number));
    }

    /** Returns how long after the first batch the one with this index is due. */
    long dueNanos(long index) {
        return (long) (index * (NANOS_PER_SECOND / perSecond));
    }
}
