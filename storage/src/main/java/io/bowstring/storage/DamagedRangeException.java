package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.Path;

/** Ranges of a segment do not have the bytes any more that were written. Immutable. */
final class DamagedRangeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final transient SegmentIndex index;
    private final long start;
    private final long end;
    private final long nextOffset;
    private final long segmentEnd;

    /**
     * Creates one.
     *
     * @param start where the ranges begin in the file
     * @param end where they end
     * @param index of the segment
     */
    DamagedRangeException(Path file, long start, long end, SegmentIndex index, String found, String expected) {
        super(file + ", bytes " + start + " to " + end + ": " + found + " (expected: " + expected + ")");
        this.file = file;
        this.index = index;
        this.nextOffset = index.nextOffsetAt(end);
        this.segmentEnd = index.nextOffset();
        this.start = start;
        this.end = end;
    }

    /** Returns the segment. */
    Path file() {
        return file;
    }

    /** Returns the index by whose ranges it was read; borrowed. */
    SegmentIndex index() {
        return index;
    }

    /**
     * Returns the offset of the first batch that can be had although these ranges cannot.
     *
     * @param wanted the offset of the batch for which they were read: where it comes after them, they have dictionaries that all of
     *     the segment needs
     */
    long nextOffset(long wanted) {
        return nextOffset > wanted ? nextOffset : Math.max(wanted + 1, segmentEnd);
    }

    /** Returns where the ranges begin in the segment. */
    long start() {
        return start;
    }

    /** Returns where the ranges end in the segment. */
    long end() {
        return end;
    }
}
