package io.bowstring.codec;

/**
 * How many values one field has in a record batch. Immutable.
 *
 * @param length values, nulls included
 * @param nullCount nulls among them
 */
public record IpcFieldNode(long length, long nullCount) {}
