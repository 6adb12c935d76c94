package io.bowstring.cli;

import java.util.Locale;

/** How received batches are written. Immutable. */
enum OutputFormat {
    /** A table for people. */
    TABLE,
    /** One JSON object per row. */
    JSON,
    /** The messages as they came, as an Arrow IPC stream. */
    ARROW;

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
