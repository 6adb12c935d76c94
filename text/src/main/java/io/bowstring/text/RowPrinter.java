package io.bowstring.text;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Writes rows as text. Confined to the caller's thread. */
public interface RowPrinter {
    /**
     * Writes rows and flushes.
     *
     * @param batch has the columns that the printer was made for, those that can be read; borrowed
     * @param dictionaries of the batch; borrowed
     * @param rowCount how many of its rows, from the first on
     * @throws TextException if a dictionary is missing
     */
    void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException;

    /**
     * Returns a printer of tables for people, which writes nothing of their texts that a terminal would obey.
     *
     * @param stream is not closed
     */
    static RowPrinter table(OutputStream stream, ShownColumns columns) {
        return new TablePrinter(stream, columns);
    }

    /**
     * Returns a printer of one JSON object per row and line.
     *
     * @param stream is not closed
     */
    static RowPrinter json(OutputStream stream, ShownColumns columns) throws IOException {
        return new JsonPrinter(stream, columns);
    }

    /**
     * Returns a printer of CSV: a line of names, and one for each row.
     *
     * @param stream is not closed
     * @param isForPeople whether texts are made fit for a terminal, in place of what they are
     * @throws TextException if there is no column that can be read
     */
    static RowPrinter csv(OutputStream stream, ShownColumns columns, boolean isForPeople) {
        return new CsvPrinter(stream, columns, isForPeople);
    }
}
