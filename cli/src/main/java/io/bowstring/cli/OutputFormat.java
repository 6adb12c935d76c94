package io.bowstring.cli;

import io.bowstring.text.RowPrinter;
import io.bowstring.text.ShownColumns;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/** How received batches are written. Immutable. */
enum OutputFormat {
    /** A table for people. */
    TABLE,
    /** One JSON object per row. */
    JSON,
    /** Lines of values between commas, below one of names. */
    CSV,
    /** The messages as they came, as an Arrow IPC stream. */
    ARROW;

    /**
     * Returns a printer of rows.
     *
     * @param stream is not closed
     * @param isForPeople whether it is a terminal that they go to
     * @throws IllegalStateException for {@link #ARROW}, which has no rows
     */
    RowPrinter newPrinter(OutputStream stream, ShownColumns columns, boolean isForPeople) throws IOException {
        return switch (this) {
            case TABLE -> RowPrinter.table(stream, columns);
            case JSON -> RowPrinter.json(stream, columns);
            case CSV -> RowPrinter.csv(stream, columns, isForPeople);
            case ARROW -> throw new IllegalStateException("format: arrow (expected: one of text)");
        };
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
