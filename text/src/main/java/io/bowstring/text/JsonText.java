package io.bowstring.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON to values of text files and back. Not instantiable. */
final class JsonText {
    /** As long as a field of a CSV file. */
    private static final int MAX_STRING_CHARS = 16 << 20;
    /** A row, and as deep as a server takes fields. */
    private static final int MAX_DEPTH = 64;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_STRING_CHARS)
                    .maxNestingDepth(MAX_DEPTH)
                    .build())
            .build();

    private JsonText() {}

    /** A value that is JSON, and not what a row may have. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String what, String rule) {
            super(what + " (expected: " + rule + ")");
        }
    }

    /** Returns the value of a JSON document, null where it is null or the text is none. */
    static @Nullable TextValue parse(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            TextValue value = read(parser, parser.nextToken());
            return parser.nextToken() == null ? value : null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Reads a value; null is JSON's.
     *
     * @param token at which the parser stands; null at the end of the text
     * @throws RefusedException if a key stands twice in an object, or a text is not Unicode
     */
    static @Nullable TextValue read(JsonParser parser, @Nullable JsonToken token) throws IOException {
        if (token == null) {
            throw new RefusedException("nothing", "a value");
        }
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_TRUE, VALUE_FALSE -> new Literal(Literal.Kind.TRUTH, parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Literal(Literal.Kind.NUMBER, parser.getText());
            case VALUE_STRING -> new Literal(Literal.Kind.STRING, requireUnicode(parser.getText()));
            case START_ARRAY -> readElements(parser);
            case START_OBJECT -> readEntries(parser);
            default -> throw new RefusedException(token.toString(), "a value");
        };
    }

    private static TextValue readElements(JsonParser parser) throws IOException {
        List<@Nullable TextValue> values = new ArrayList<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            values.add(read(parser, next));
        }
        return new TextValue.Elements(values);
    }

    private static TextValue readEntries(JsonParser parser) throws IOException {
        Map<String, @Nullable TextValue> values = new LinkedHashMap<>();
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            if (values.containsKey(requireUnicode(key))) {
                throw new RefusedException(TerminalText.excerpt(key) + " twice in one object", "once");
            }
            values.put(key, read(parser, parser.nextToken()));
        }
        return new TextValue.Entries(values);
    }

    private static String requireUnicode(String text) throws RefusedException {
        if (!Literal.isUnicode(text)) {
            throw new RefusedException(TerminalText.excerpt(text), "Unicode, without half of a surrogate pair");
        }
        return text;
    }

    /** Returns a value as JSON. */
    static String write(TextValue value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is nothing that could fail
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, @Nullable TextValue value) throws IOException {
        if (value == null) {
            out.writeNull();
        } else if (value instanceof TextValue.Elements elements) {
            out.writeStartArray();
            for (TextValue element : elements.values()) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof TextValue.Entries entries) {
            out.writeStartObject();
            for (Map.Entry<String, @Nullable TextValue> entry : entries.values().entrySet()) {
                out.writeFieldName(entry.getKey());
                write(out, entry.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof Literal literal && literal.kind() == Literal.Kind.STRING) {
            out.writeString(literal.text());
        } else {
            out.writeRawValue(value.text()); // a number or a truth, as it was read
        }
    }
}
