package io.bowstring.codec;

/**
 * How a field refers to a dictionary. Immutable.
 *
 * @param id names the dictionary within one stream; has no meaning outside of it
 * @param indexType the integer type of the values in record batches
 * @param isOrdered whether the order of the dictionary's values means anything
 */
public record IpcDictionaryEncoding(long id, IpcType indexType, boolean isOrdered) {
    static IpcDictionaryEncoding read(MetadataReader in, int table, StringBudget strings) {
        int indexType = in.table(table, 1);
        in.int16(table, 3, 0); // dictionaryKind: any
        return new IpcDictionaryEncoding(
                in.int64(table, 0),
                indexType == 0 ? IpcType.INT32 : IpcType.read(in, IpcTypeId.INT, indexType, 0, strings),
                in.uint8(table, 2) != 0);
    }

    /** Writes the {@code DictionaryEncoding} table and returns its position. */
    int write(MetadataWriter out) {
        int table = out.table(24, 8, 16, 20);
        out.int64(table + 8, id);
        out.uint8(table + 20, isOrdered ? 1 : 0);
        out.point(table + 16, indexType.write(out));
        return table;
    }
}
