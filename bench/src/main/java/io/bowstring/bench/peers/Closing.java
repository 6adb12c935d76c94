package io.bowstring.bench.peers;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes several resources, also if one of them fails. Not instantiable. */
final class Closing {
    private Closing() {}

    /** Closes all in this order, and then throws what the first threw that failed. */
    static void all(List<? extends AutoCloseable> those) {
        @Nullable RuntimeException first = null;
        for (AutoCloseable one : those) {
            try {
                one.close();
            } catch (Exception e) {
                RuntimeException failure = e instanceof RuntimeException same ? same : new IllegalStateException(e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
