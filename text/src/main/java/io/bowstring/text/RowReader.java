package io.bowstring.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a text file, read one after another. Confined to the caller's thread. */
sealed interface RowReader extends AutoCloseable permits CsvRows, JsonRows {
    /** Returns the names of the columns of all rows that have been read, each once, in order; a view. */
    List<String> columns();

    /**
     * Reads the next row; null after the last.
     *
     * @throws TextException if the file cannot be read, or is not what it should be; the message names the line
     */
    @Nullable
    Row next();

    /** Closes what is read from. Idempotent. */
    @Override
    void close();
}
