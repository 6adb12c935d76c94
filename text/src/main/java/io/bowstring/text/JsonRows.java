package io.bowstring.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON objects, one after another, mostly on a line each. Their keys are the columns, in the order that they are first met
 * in; a key that an object does not have is null. Owns its input. Confined to the caller's thread.
 */
final class JsonRows implements RowReader {
    private final String name;
    private final JsonParser parser;
    private final List<String> columns = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();

    /**
     * Creates a reader.
     *
     * @param name for messages to the user
     * @param input is closed with this reader
     * @throws TextException if it cannot be read
     */
    JsonRows(String name, InputStream input) {
        this.name = name;
        try {
            this.parser = JsonText.FACTORY.createParser(input);
        } catch (IOException e) {
            throw new TextException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> columns() {
        return Collections.unmodifiableList(columns);
    }

    @Override
    public @Nullable Row next() {
        try {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return null;
            }
            if (token != JsonToken.START_OBJECT) {
                throw wrong(
                        "", token == JsonToken.START_ARRAY ? "an array" : "a value alone", "an object for each row");
            }
            return readRow(line());
        } catch (JsonProcessingException e) {
            long line = parser.currentLocation().getLineNr();
            throw new TextException(name + ": line " + line + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new TextException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private Row readRow(long line) throws IOException {
        int known = columns.size();
        boolean isRead = false;
        try {
            Row row = readEntries(line);
            isRead = true;
            return row;
        } finally {
            if (!isRead) { // its keys are not columns
                columns.subList(known, columns.size()).clear();
                indexes.values().removeIf(index -> index >= known);
            }
        }
    }

    private Row readEntries(long line) throws IOException {
        List<@Nullable TextValue> values = new ArrayList<>(columns.size());
        BitSet known = new BitSet();
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            int column = index(key);
            if (known.get(column)) {
                throw wrong(key, "twice in one object", "once");
            }
            known.set(column);
            while (values.size() <= column) {
                values.add(null);
            }
            values.set(column, read(key));
        }
        return new Row(line, values);
    }

    private int index(String key) {
        Integer known = indexes.get(key);
        if (known != null) {
            return known;
        }
        requireUnicode(key, key);
        columns.add(key);
        indexes.put(key, columns.size() - 1);
        return columns.size() - 1;
    }

    private @Nullable TextValue read(String key) throws IOException {
        try {
            return JsonText.read(parser, parser.nextToken());
        } catch (JsonText.RefusedException e) {
            throw refused(key, e.getMessage());
        }
    }

    private void requireUnicode(String text, String key) {
        if (!Literal.isUnicode(text)) {
            throw wrong(key, TerminalText.excerpt(text), "Unicode, without half of a surrogate pair");
        }
    }

    private TextException wrong(String key, String what, String rule) {
        return refused(key, what + " (expected: " + rule + ")");
    }

    private TextException refused(String key, @Nullable String reason) {
        String column = key.isEmpty() ? "" : ", column " + TerminalText.excerpt(key);
        return new TextException(name + ": line " + line() + column + ": " + reason);
    }

    private long line() {
        return parser.currentTokenLocation().getLineNr();
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }
}
