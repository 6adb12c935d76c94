package io.bowstring.codec;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** What tests need of the machine they run on. Not instantiable. */
public final class Requirement {
    private Requirement() {}

    /** Skips the test, or fails it where {@code CI=true}, so that a build server cannot pass without it. */
    public static <T> T unmet(String reason) {
        return "true".equals(System.getenv("CI")) ? fail(reason) : abort(reason);
    }
}
