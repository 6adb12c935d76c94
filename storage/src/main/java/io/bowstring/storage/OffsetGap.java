package io.bowstring.storage;

/**
 * Offsets that no segment has, between others or after them: their batches are in files that are damaged, cannot be read or are gone;
 * or they have been left out, because such a file may have them.
 *
 * @param from the first
 * @param until the one after the last
 */
record OffsetGap(long from, long until) {}
