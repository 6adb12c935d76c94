package io.bowstring.storage;

/**
 * What a range of a segment has. Immutable.
 *
 * @param nextOffset the offset after that of its last batch
 * @param timeMicros of its last batch
 * @param rows of its batches
 * @param hasDictionaries whether there are dictionary batches in it
 * @param isNumbered whether publishers have numbered some of its batches
 */
record RangeContent(long nextOffset, long timeMicros, long rows, boolean hasDictionaries, boolean isNumbered) {}
