package io.bowstring.vector;

/**
 * The checks of the values of columns. Immutable.
 *
 * @param values whether to check values that say where others are
 * @param texts whether to check that texts are UTF-8
 */
record ColumnChecks(boolean values, boolean texts) {
    /** For columns of which nothing is loaded. */
    static final ColumnChecks NONE = new ColumnChecks(false, false);

    /** Returns those of record batches: texts can be looked at only where it is known that they are there. */
    static ColumnChecks of(VectorConfig config) {
        return new ColumnChecks(config.checksValues() || config.checksUtf8(), config.checksUtf8());
    }

    /** Returns those of dictionaries: a delta is appended by their offsets. */
    ColumnChecks ofValues() {
        return new ColumnChecks(true, texts);
    }
}
