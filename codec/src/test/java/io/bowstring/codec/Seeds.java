package io.bowstring.codec;

/**
 * Seeds of tests that draw at random. Each is printed, so that a failure can be repeated with
 * {@code -Dbowstring.seed=NUMBER}.
 *
 * <p>Thread-safe.
 */
public final class Seeds {
    private static final String PROPERTY = "bowstring.seed";

    private Seeds() {}

    /** Returns a seed that differs from run to run unless the property is set. */
    public static long fresh(String user) {
        return printed(user, Long.getLong(PROPERTY, System.nanoTime()));
    }

    /** Returns {@code seed} unless the property is set: for tests that do the same in every run. */
    public static long fixed(String user, long seed) {
        return printed(user, Long.getLong(PROPERTY, seed));
    }

    private static long printed(String user, long seed) {
        System.out.println(user + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }
}
