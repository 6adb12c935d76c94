package io.bowstring.cli;

import java.util.Map;

/**
 * How a text file becomes batches. Immutable.
 *
 * @param format any but {@link InputFormat#ARROW}
 * @param batchRows rows of a batch, at most
 * @param types of columns by their names, where they are not to be found out
 */
record RowConfig(InputFormat format, int batchRows, Map<String, ColumnType> types) {}
