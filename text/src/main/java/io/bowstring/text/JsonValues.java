package io.bowstring.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.stream.IntStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * Writes Arrow values as JSON. Confined to the caller's thread.
 *
 * <ul>
 *   <li>numbers, decimals with all their digits: numbers; NaN and the infinities: the strings {@code "NaN"},
 *       {@code "Infinity"}, {@code "-Infinity"};
 *   <li>dates, times, timestamps, durations, intervals: strings in ISO 8601; binary: strings in base64;
 *   <li>lists: arrays; structs: objects; maps: objects where the keys are strings that differ, else arrays of
 *       {@code {"key": …, "value": …}};
 *   <li>dictionaries, unions and runs: the value that they stand for.
 * </ul>
 */
final class JsonValues {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final DictionaryProvider dictionaries;

    /** Creates a writer that looks dictionaries up in {@code dictionaries}, borrowed. */
    JsonValues(DictionaryProvider dictionaries) {
        this.dictionaries = dictionaries;
    }

    /** Returns a value as text: what is nested as JSON, text as it is. */
    String text(Cell cell) throws IOException {
        if (!isNested(cell.vector())) {
            return Scalars.text(Scalars.read(cell.vector(), cell.row()));
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            write(out, cell);
        }
        return text.toString();
    }

    private static boolean isNested(FieldVector vector) {
        return switch (vector.getMinorType()) {
            case STRUCT, MAP, LIST, LARGELIST, FIXED_SIZE_LIST, LISTVIEW, LARGELISTVIEW -> true;
            default -> false;
        };
    }

    /** Writes the value of a row. */
    void write(JsonGenerator out, FieldVector vector, int row) throws IOException {
        write(out, Cell.find(vector, row, dictionaries));
    }

    /** Writes a value; null is JSON's. */
    void write(JsonGenerator out, @Nullable Cell cell) throws IOException {
        if (cell == null) {
            out.writeNull();
            return;
        }
        FieldVector vector = cell.vector();
        switch (vector.getMinorType()) {
            case STRUCT -> writeStruct(out, vector, cell.row());
            case MAP -> writeMap(out, ListElements.of(vector, cell.row()));
            case LIST, LARGELIST, FIXED_SIZE_LIST, LISTVIEW, LARGELISTVIEW ->
                writeList(out, ListElements.of(vector, cell.row()));
            default -> writeScalar(out, Scalars.read(vector, cell.row()));
        }
    }

    private void writeStruct(JsonGenerator out, FieldVector struct, int row) throws IOException {
        out.writeStartObject();
        for (FieldVector child : struct.getChildrenFromFields()) {
            out.writeFieldName(child.getName());
            write(out, child, row);
        }
        out.writeEndObject();
    }

    private void writeList(JsonGenerator out, ListElements elements) throws IOException {
        out.writeStartArray();
        for (int i = elements.start(); i < elements.end(); i++) {
            write(out, elements.vector(), i);
        }
        out.writeEndArray();
    }

    private void writeMap(JsonGenerator out, ListElements entries) throws IOException {
        FieldVector keys = entries.vector().getChildrenFromFields().get(0);
        FieldVector values = entries.vector().getChildrenFromFields().get(1);
        boolean isObject = keys.getField().getType() instanceof ArrowType.Utf8
                && keys.getField().getDictionary() == null
                && IntStream.range(entries.start(), entries.end())
                                .mapToObj(i -> String.valueOf(keys.getObject(i)))
                                .distinct()
                                .count()
                        == entries.end() - entries.start();
        if (isObject) {
            out.writeStartObject();
        } else {
            out.writeStartArray();
        }
        for (int i = entries.start(); i < entries.end(); i++) {
            if (isObject) {
                out.writeFieldName(String.valueOf(keys.getObject(i)));
                write(out, values, i);
            } else {
                writeEntry(out, keys, values, i);
            }
        }
        if (isObject) {
            out.writeEndObject();
        } else {
            out.writeEndArray();
        }
    }

    private void writeEntry(JsonGenerator out, FieldVector keys, FieldVector values, int index) throws IOException {
        out.writeStartObject();
        out.writeFieldName("key");
        write(out, keys, index);
        out.writeFieldName("value");
        write(out, values, index);
        out.writeEndObject();
    }

    private static void writeScalar(JsonGenerator out, Object value) throws IOException {
        if (value instanceof Long number) {
            out.writeNumber(number);
        } else if (value instanceof Double number) {
            out.writeNumber(number);
        } else if (value instanceof Float number) {
            out.writeNumber(number);
        } else if (value instanceof BigDecimal number) {
            out.writeNumber(Scalars.text(number));
        } else if (value instanceof BigInteger number) {
            out.writeNumber(number);
        } else if (value instanceof Boolean truth) {
            out.writeBoolean(truth);
        } else {
            out.writeString(value.toString());
        }
    }
}
