package io.bowstring.text;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file in UTF-8 whose first line has the names of the columns. Nothing between two separators is no
 * value; lines with nothing are skipped, unless there is only one column. Owns its input. Confined to the caller's thread.
 */
final class CsvRows implements RowReader {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /** In place of bytes that are not UTF-8: half of a pair, which never stands alone in what is. */
    private static final String BROKEN = "\uD800";

    private static final List<@Nullable TextValue> NO_VALUE = Collections.singletonList(null);

    private final String name;
    private final CloseableIterator<Row> records;
    private final List<String> columns;

    /**
     * Reads the names.
     *
     * @param name for messages to the user
     * @param input is closed with this reader
     * @throws TextException if there are none, or one of them twice
     */
    CsvRows(String name, InputStream input, char separator) {
        this.name = name;
        try {
            this.records = CsvReader.builder()
                    .fieldSeparator(separator)
                    .skipEmptyLines(false) // by this class
                    .extraFieldStrategy(FieldMismatchStrategy.IGNORE) // compared with the names, by this class
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .allowUnclosedQuote(false)
                    .build(new RowHandler(), text(input))
                    .iterator();
        } catch (IOException e) {
            throw unreadable(e);
        }
        this.columns = readNames();
    }

    private static Reader text(InputStream input) throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(input);
        bytes.mark(BYTE_ORDER_MARK.length);
        if (!Arrays.equals(bytes.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
            bytes.reset();
        }
        // Not told to fail: it would do so thousands of characters before the place that is to be named.
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .replaceWith(BROKEN);
        return new InputStreamReader(bytes, decoder);
    }

    private List<String> readNames() {
        Row header = read();
        while (header != null && isBlank(header)) {
            header = read();
        }
        if (header == null) {
            throw new TextException(name + ": is empty (expected: a line with the names of the columns)");
        }
        List<String> names = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (TextValue value : header.values()) {
            String column = value == null ? "" : value.text();
            requireUnicode(column, header.line(), column);
            if (!known.add(column)) {
                throw new TextException(name + ": line " + header.line() + ": column " + TerminalText.excerpt(column)
                        + ": twice (expected: another name for each)");
            }
            names.add(column);
        }
        return List.copyOf(names);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Row next() {
        Row row = read();
        while (row != null && isBlank(row) && columns.size() > 1) {
            row = read();
        }
        if (row == null) {
            return null;
        }
        if (isBlank(row)) {
            return new Row(row.line(), NO_VALUE);
        }
        int count = row.values().size();
        if (count != columns.size()) {
            throw new TextException(name + ": line " + row.line() + ": " + count + " fields (expected: "
                    + columns.size() + ", as many as names)");
        }
        for (int i = 0; i < count; i++) {
            TextValue value = row.value(i);
            if (value != null) {
                requireUnicode(value.text(), row.line(), columns.get(i));
            }
        }
        return row;
    }

    /** Returns whether there is nothing in the line of a row: in a file of one column, no value. */
    private static boolean isBlank(Row row) {
        return row.values().size() <= 1 && row.value(0) == null;
    }

    private void requireUnicode(String text, long line, String column) {
        if (!Literal.isUnicode(text)) {
            throw new TextException(name + ": line " + line + ", column " + TerminalText.excerpt(column) + ": "
                    + TerminalText.excerpt(text) + " (expected: UTF-8)");
        }
    }

    private @Nullable Row read() {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (CsvParseException e) {
            throw new TextException(name + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw unreadable(Objects.requireNonNull(e.getCause()));
        }
    }

    private TextException unreadable(IOException e) {
        return new TextException(name + ": cannot be read: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            records.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }

    /** Makes a row of the fields of a record. */
    private static final class RowHandler extends AbstractBaseCsvCallbackHandler<Row> {
        private List<@Nullable TextValue> values = List.of();

        @Override
        protected void handleBegin(long startingLineNumber) {
            values = new ArrayList<>(values.size());
        }

        @Override
        protected void handleField(int index, char[] chars, int offset, int count, boolean isQuoted) {
            boolean isValue = count > 0 || isQuoted;
            values.add(isValue ? new Literal(Literal.Kind.FIELD, new String(chars, offset, count)) : null);
        }

        @Override
        protected Row buildRecord() {
            return new Row(getStartingLineNumber(), values);
        }
    }
}
