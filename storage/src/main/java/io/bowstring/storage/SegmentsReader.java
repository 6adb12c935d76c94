package io.bowstring.storage;

import io.bowstring.broker.FilePart;
import io.bowstring.broker.LogPiece;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of a topic's segments from an offset on, while its writer appends and retention removes segments.
 *
 * <p>The first piece has all dictionaries that are in force. From then on a piece has those that have changed, also where a segment
 * begins. Where batches are missing, because their segment is damaged or has been removed, the next piece has a higher offset
 * than what comes next, and all dictionaries again.
 *
 * <p>Owns what it has read, and keeps the file open that it reads. Confined to one thread, which waits for the disk and must not be
 * interrupted.
 */
final class SegmentsReader implements Closeable {
    private final Segments segments;
    private final IntFunction<ByteBuf> allocator;
    private long offset;

    /** Where the last batch was; null before the first. */
    private @Nullable SegmentReader current;

    /**
     * Creates a reader that has read nothing.
     *
     * @param offset the first that is wanted
     * @param allocator returns an owned buffer with room for so many bytes, in one piece. What it throws is thrown by whatever
     *     reads, which can be tried again then
     */
    SegmentsReader(Segments segments, long offset, IntFunction<ByteBuf> allocator) {
        this.segments = segments;
        this.offset = offset;
        this.allocator = allocator;
    }

    /** Returns the offset of the next batch, if that is not missing. */
    long offset() {
        return offset;
    }

    /**
     * Returns the next batches, as many as need no other dictionaries and have about a mebibyte, or one that has more; owned.
     *
     * @param until the offset of the first batch that may not be read, or is not wanted: all before it have been committed
     * @return null where there is no batch that has been written and may be read
     * @throws DamagedRangeException where bytes are not as they were written; none of these has been returned
     * @throws IOException where the disk fails; the same can be tried again
     */
    @Nullable
    LogPiece next(long until) throws IOException {
        SegmentReader reader = offset < until ? reader(until) : null;
        LogPiece piece = reader == null ? null : reader.next(until);
        if (piece != null) {
            offset = piece.chunk().firstOffset() + piece.chunk().batchCount();
        }
        return piece;
    }

    /**
     * Returns the next batches as a part of the file, as many as have so many bytes, where they have been written or compared with their
     * checksums within the last minute, no dictionaries come before them, and they are all of what was written at once; owned. Else null: then {@link
     * #next} reads what comes next.
     *
     * @param until as for {@link #next}
     */
    @Nullable
    FilePart nextFile(long until, long maxBytes) {
        FilePart part = current == null ? null : current.nextFile(until, maxBytes);
        if (part != null) {
            offset = part.firstOffset() + part.batchCount();
        }
        return part;
    }

    /** Reads what is damaged once more, by smaller ranges, if there are any; returns whether there are. */
    boolean tryRefine(DamagedRangeException damage) {
        if (!segments.tryRefine(damage)) {
            return false;
        }
        close();
        return true;
    }

    /** Continues after what is damaged: after its ranges or, where dictionaries are missing without them, in the next segment. */
    void skip(DamagedRangeException damage) {
        close();
        offset = damage.nextOffset(offset);
    }

    /** Returns what reads the next batch, borrowed; null where there is none. */
    private @Nullable SegmentReader reader(long until) throws IOException {
        SegmentReader present = current;
        if (present != null && present.hasMore()) {
            return present;
        }
        StoredSegment found = segments.acquire(offset);
        if (found == null) {
            return null;
        }
        long first = Math.max(offset, found.index().firstOffset());
        boolean isPresent = present != null && present.segment() == found; // written to just now
        if (isPresent || first >= until) {
            found.release();
            return isPresent ? present : null;
        }
        SegmentReader next = SegmentReader.open(found, first, first == offset ? present : null, allocator);
        close();
        current = next;
        return next;
    }

    /**
     * Returns the offset of the first batch that was appended at a time or later; empty where none has been written, or it is no longer
     * wanted.
     *
     * @param timeMicros since the epoch
     * @param allocator returns an owned buffer with room for so many bytes, in one piece
     * @param isWanted asked before each read
     * @throws DamagedRangeException where bytes are not as they were written
     */
    static OptionalLong firstOffsetAtOrAfter(
            Segments segments, long timeMicros, IntFunction<ByteBuf> allocator, BooleanSupplier isWanted)
            throws IOException {
        StoredSegment segment = isWanted.getAsBoolean() ? segments.acquireByTime(timeMicros) : null;
        if (segment == null) {
            return OptionalLong.empty();
        }
        try (SegmentMessages messages = new SegmentMessages(segment, allocator)) {
            int range = segment.index().rangeOfTime(timeMicros);
            if (range > 0) {
                messages.load(first -> first == 0);
                messages.next().release(); // the schema
                messages.goTo(range);
            }
            while (messages.isReadable() || messages.load(next -> isWanted.getAsBoolean())) {
                if (isAtOrAfter(timeMicros, messages.next())) {
                    return OptionalLong.of(messages.offset() - 1);
                }
            }
            return OptionalLong.empty();
        }
    }

    /** Returns whether a message, consumed, is a batch of a time or a later one. */
    private static boolean isAtOrAfter(long timeMicros, IpcMessage message) {
        try {
            return message instanceof IpcRecordBatch batch
                    && BatchPosition.parse(batch).timeMicros() >= timeMicros;
        } finally {
            message.release();
        }
    }

    /** Lets go of everything. Idempotent. */
    @Override
    public void close() {
        SegmentReader present = current;
        current = null;
        if (present != null) {
            present.close();
        }
    }
}
