package io.bowstring.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/** The values of vectors as texts, in which indices are replaced by what they refer to. Not instantiable. */
final class Values {
    private Values() {}

    /** Returns a text for each column. */
    static List<String> columns(VectorSchemaRoot root, DictionaryProvider dictionaries) {
        List<String> columns = new ArrayList<>();
        for (FieldVector vector : root.getFieldVectors()) {
            columns.add(vector.getName() + " " + of(vector, dictionaries));
        }
        return columns;
    }

    /** Returns the values of a vector, then those of its children. */
    static String of(FieldVector vector, DictionaryProvider dictionaries) {
        List<String> values = new ArrayList<>();
        DictionaryEncoding encoding = vector.getField().getDictionary();
        Dictionary dictionary = encoding == null ? null : dictionaries.lookup(encoding.getId());
        for (int i = 0; i < vector.getValueCount(); i++) {
            Object value = vector.isNull(i) ? null : vector.getObject(i);
            if (value != null && dictionary != null) {
                values.add(text(dictionary.getVector().getObject(index(value))));
            } else {
                values.add(text(value));
            }
        }
        StringBuilder text = new StringBuilder(values.toString());
        vector.getChildrenFromFields().forEach(child -> text.append(of(child, dictionaries)));
        return text.toString();
    }

    private static int index(Object value) {
        return value instanceof Character unsigned ? unsigned : ((Number) value).intValue();
    }

    private static String text(Object value) {
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }
}
