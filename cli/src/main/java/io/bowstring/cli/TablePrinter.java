package io.bowstring.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
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
 * Long values end in an ellipsis, nested ones are JSON, control characters are shown as {@code ·}. Confined to the
 * caller's thread.
 */
final class TablePrinter implements RowPrinter {
    private static final int MAX_WIDTH = 48;
    /** Rows that are held as text at a time. */
    private static final int BLOCK_ROWS = 1_000;

    private static final String GAP = "  ";

    private final Writer out;
    private int[] widths = {};
    private boolean hasHeader;

    /** Creates a printer to {@code stream}, which is not closed. */
    TablePrinter(OutputStream stream) {
        this.out = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
    }

    @Override
    public void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException {
        for (int start = 0; start < rowCount || !hasHeader; start += BLOCK_ROWS) {
            print(batch.getFieldVectors(), dictionaries, start, Math.min(rowCount, start + BLOCK_ROWS));
        }
        out.flush();
    }

    private void print(List<FieldVector> columns, DictionaryProvider dictionaries, int start, int end)
            throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (int row = start; row < end; row++) {
            List<String> cells = new ArrayList<>();
            for (FieldVector column : columns) {
                cells.add(text(column, row, dictionaries));
            }
            rows.add(cells);
        }
        boolean isFirst = !hasHeader;
        if (isFirst) {
            hasHeader = true;
            widths = new int[columns.size()];
            rows.add(0, columns.stream().map(column -> clean(column.getName())).toList());
        }
        rows.forEach(this::widen);
        boolean[] isRight = new boolean[columns.size()];
        for (int i = 0; i < isRight.length; i++) {
            isRight[i] = isNumeric(columns.get(i).getField(), dictionaries);
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
            widths[i] = Math.max(widths[i], width(cells.get(i)));
        }
    }

    private void writeRow(List<String> cells, boolean[] isRight) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - width(cell));
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

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String text(FieldVector column, int row, DictionaryProvider dictionaries) throws IOException {
        Cell cell = Cell.find(column, row, dictionaries);
        if (cell == null) {
            return "null";
        }
        return switch (cell.vector().getMinorType()) {
            case STRUCT, MAP, LIST, LARGELIST, FIXED_SIZE_LIST, LISTVIEW, LARGELISTVIEW ->
                clean(json(cell, dictionaries));
            default -> clean(Scalars.text(Scalars.read(cell.vector(), cell.row())));
        };
    }

    private static String json(Cell cell, DictionaryProvider dictionaries) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
            new JsonValues(dictionaries).write(generator, cell);
        }
        return text.toString();
    }

    /** Cuts what is long, and keeps control characters, which a terminal would obey, away from it. */
    static String clean(String text) {
        String head = text;
        if (width(text) > MAX_WIDTH) {
            head = text.substring(0, text.offsetByCodePoints(0, MAX_WIDTH - 1)) + "…";
        }
        StringBuilder safe = new StringBuilder();
        head.codePoints().forEach(c -> safe.appendCodePoint(Character.isISOControl(c) ? '·' : c));
        return safe.toString();
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
