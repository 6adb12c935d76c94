package io.bowstring.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How text becomes batches. Immutable.
 *
 * @param format of the text
 * @param batchRows rows of a batch, at most; 1 or more
 * @param types of columns by their names, where they are not to be found out; in the order of the columns for text without
 *     any
 */
public record RowConfig(TextFormat format, int batchRows, Map<String, ColumnType> types) {
    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException where a batch could have no row
     */
    public RowConfig {
        if (batchRows < 1) {
            throw new IllegalArgumentException("batch rows: " + batchRows + " (expected: at least 1)");
        }
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    }
}
