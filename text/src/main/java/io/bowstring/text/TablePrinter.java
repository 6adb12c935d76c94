package io.bowstring.text;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as a table for people: a header once, columns as wide as what has been seen so far, numbers to the right.
 * Long values end in an ellipsis, nested ones are JSON, and all are {@link TerminalText}; a column that cannot be
 * read has {@code ?} in each row. Confined to the caller's
 * thread.
 */
final class TablePrinter implements RowPrinter {
    /** Rows that are held as text at a time. */
    private static final int BLOCK_ROWS = 1_000;

    private static final String GAP = "  ";
    private static final String UNREADABLE = "?";

    private final List<ShownColumns.Column> columns;
    private final Writer out;
    private int[] widths = {};
    private boolean hasHeader;

    /** Creates a printer to {@code stream}, which is not closed. */
    TablePrinter(OutputStream stream, ShownColumns columns) {
        this.columns = columns.all();
        this.out = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
    }

    @Override
    public void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException {
        for (int start = 0; start < rowCount || !hasHeader; start += BLOCK_ROWS) {
            print(batch, dictionaries, start, Math.min(rowCount, start + BLOCK_ROWS));
        }
        out.flush();
    }

    private void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int start, int end) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (int row = start; row < end; row++) {
            List<String> cells = new ArrayList<>();
            for (ShownColumns.Column column : columns) {
                cells.add(column.isReadable() ? text(batch.getVector(column.vector()), row, dictionaries) : UNREADABLE);
            }
            rows.add(cells);
        }
        boolean isFirst = !hasHeader;
        if (isFirst) {
            hasHeader = true;
            widths = new int[columns.size()];
            rows.add(
                    0,
                    columns.stream()
                            .map(column -> TerminalText.excerpt(column.name()))
                            .toList());
        }
        rows.forEach(this::widen);
        boolean[] isRight = new boolean[columns.size()];
        for (int i = 0; i < isRight.length; i++) {
            ShownColumns.Column column = columns.get(i);
            isRight[i] = column.isReadable()
                    && isNumeric(batch.getVector(column.vector()).getField(), dictionaries);
        }
        for (int i = 0; i < rows.size(); i++) {
            writeRow(rows.get(i), isRight);
            if (isFirst && i == 0) {
                writeRule();
            }
        }
    }

    private void widen(List<String> cells) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], TerminalText.width(cells.get(i)));
        }
    }

    private void writeRow(List<String> cells, boolean[] isRight) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - TerminalText.width(cell));
            line.append(i == 0 ? "" : GAP).append(isRight[i] ? padding + cell : cell + padding);
        }
        out.write(line.toString().stripTrailing());
        out.write('\n');
    }

    private void writeRule() throws IOException {
        List<String> dashes = new ArrayList<>();
        for (int width : widths) {
            dashes.add("─".repeat(width));
        }
        out.write(String.join(GAP, dashes));
        out.write('\n');
    }

    private static String text(FieldVector column, int row, DictionaryProvider dictionaries) throws IOException {
        Cell cell = Cell.find(column, row, dictionaries);
        if (cell == null) {
            return "null";
        }
        return TerminalText.excerpt(new JsonValues(dictionaries).text(cell));
    }

    private static boolean isNumeric(Field field, DictionaryProvider dictionaries) {
        @Nullable
        Dictionary dictionary = field.getDictionary() == null
                ? null
                : dictionaries.lookup(field.getDictionary().getId());
        ArrowType type = dictionary == null ? field.getType() : dictionary.getVectorType();
        return Scalars.isNumeric(type);
    }
}
