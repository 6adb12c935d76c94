package io.bowstring.text;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Writes a line of names and one for each row, as in RFC 4180 and as {@link CsvRows} reads them: nothing is null, {@code ""}
 * an empty text, and what is nested stands there as {@link JsonValues} says. Columns that cannot be read are left out.
 * Confined to the caller's thread.
 */
final class CsvPrinter implements RowPrinter {
    private static final String MUST_BE_QUOTED = ",\"\n\r";

    /** At the beginning of a file it would be no part of the first name. */
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final List<ShownColumns.Column> columns;
    private final boolean isForPeople;
    private final Writer out;
    private boolean hasHeader;

    /**
     * Creates a printer to {@code stream}, which is not closed.
     *
     * @param isForPeople whether texts are made fit for a terminal, in place of what they are
     * @throws TextException if there is no column
     */
    CsvPrinter(OutputStream stream, ShownColumns columns, boolean isForPeople) {
        this.columns = columns.readable();
        this.isForPeople = isForPeople;
        this.out = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
        if (this.columns.isEmpty()) {
            throw new TextException("no columns (expected: at least one, which CSV needs to have rows)");
        }
    }

    @Override
    public void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException {
        if (!hasHeader) {
            hasHeader = true;
            write(columns.stream().map(column -> field(column.name())).collect(Collectors.joining(",")));
        }
        JsonValues values = new JsonValues(dictionaries);
        StringBuilder line = new StringBuilder();
        for (int row = 0; row < rowCount; row++) {
            line.setLength(0);
            for (int i = 0; i < columns.size(); i++) {
                Cell cell = Cell.find(batch.getVector(columns.get(i).vector()), row, dictionaries);
                line.append(i == 0 ? "" : ",").append(cell == null ? "" : field(values.text(cell)));
            }
            write(line.toString());
        }
        out.flush();
    }

    private void write(String line) throws IOException {
        out.write(line);
        out.write('\n');
    }

    private String field(String value) {
        String text = isForPeople ? TerminalText.clean(value) : value;
        boolean isQuoted = text.isEmpty()
                || text.charAt(0) == BYTE_ORDER_MARK
                || text.chars().anyMatch(c -> MUST_BE_QUOTED.indexOf(c) >= 0);
        return isQuoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
