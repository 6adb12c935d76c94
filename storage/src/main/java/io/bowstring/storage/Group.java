package io.bowstring.storage;

import io.bowstring.broker.Chunk;
import io.bowstring.broker.LogPiece;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchMarker;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is written to a segment at once: batches as they were appended, in the blocks where they stand, and copies of the heads of
 * the dictionaries before them, each with its checksum.
 *
 * <p>Owns all of it until {@link #clear}. Confined to one thread.
 */
final class Group {
    private static final long NONE = -1;

    private final ByteBufAllocator allocator;
    private final List<ReferenceCounted> messages = new ArrayList<>();
    private final List<ByteBuffer> buffers = new ArrayList<>();
    private final RangeChecksum checksum = new RangeChecksum();
    private long bytes;
    private long firstOffset;
    private long nextOffset = NONE;
    private long timeMicros;
    private long rows;
    private final List<Chunk> numbered = new ArrayList<>();
    private final Set<Long> dictionaryIds = new HashSet<>();

    /** Creates an empty group. */
    Group(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Adds a piece, which is consumed; where this throws, nothing is added.
     *
     * @param moreRows of its batches
     * @param isNumbered whether publishers may have numbered some of them
     */
    void add(LogPiece piece, long moreRows, boolean isNumbered) {
        int messagesBefore = messages.size();
        int buffersBefore = buffers.size();
        int numberedBefore = numbered.size();
        long bytesBefore = bytes;
        int checksumBefore = checksum.value();
        try {
            for (IpcDictionaryBatch dictionary : piece.dictionaries()) {
                dictionaryIds.add(dictionary.id());
                IpcDictionaryBatch stored =
                        dictionary.retain().editedApart(BatchMarker.checksumEdit(), () -> {}, allocator);
                messages.add(stored);
                checksum.setAndAdd(stored.frame());
                add(stored.frame());
            }
            if (isNumbered) {
                numbered.add(piece.chunk()); // for as long as its frames are held
            }
            add(piece.chunk()); // last: from then on its offsets are the group's
            rows += moreRows;
        } catch (RuntimeException | Error e) {
            List<ReferenceCounted> added = messages.subList(messagesBefore, messages.size());
            added.forEach(ReferenceCounted::release);
            added.clear();
            buffers.subList(buffersBefore, buffers.size()).clear();
            numbered.subList(numberedBefore, numbered.size()).clear();
            bytes = bytesBefore;
            checksum.restart(checksumBefore);
            throw e;
        } finally {
            piece.release();
        }
    }

    private void add(Chunk chunk) {
        int last = chunk.batchCount() - 1;
        for (int i = 0; i <= last; i++) {
            checksum.setAndAdd(chunk.frame(i));
        }
        long chunkMicros;
        IpcRecordBatch newest = chunk.batch(last);
        try {
            chunkMicros = BatchPosition.parse(newest).timeMicros();
        } finally {
            newest.release();
        }
        messages.add(chunk.frames());
        chunk.frames().retain();
        add(chunk.frames());
        firstOffset = nextOffset == NONE ? chunk.firstOffset() : firstOffset;
        nextOffset = chunk.firstOffset() + chunk.batchCount();
        timeMicros = chunkMicros;
    }

    private void add(ByteBuf frames) {
        Collections.addAll(buffers, frames.nioBuffers());
        bytes += frames.readableBytes();
    }

    boolean isEmpty() {
        return buffers.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /** Returns what is to be written; borrowed. */
    ByteBuffer[] buffers() {
        return buffers.toArray(ByteBuffer[]::new);
    }

    /** Returns the checksum of all of that. */
    int checksum() {
        return checksum.value();
    }

    /** Returns the offset of the first batch. */
    long firstOffset() {
        return firstOffset;
    }

    /** Returns the offset after that of the last batch. */
    long nextOffset() {
        return nextOffset;
    }

    /** Returns the dictionaries that it brings; borrowed. */
    Set<Long> dictionaryIds() {
        return dictionaryIds;
    }

    /** Returns what it has, as the index says it. */
    RangeContent content() {
        return new RangeContent(nextOffset, timeMicros, rows, !dictionaryIds.isEmpty(), !numbered.isEmpty());
    }

    /** Tells of the batches that publishers have numbered. */
    void tell(KeptProducers producers) {
        numbered.forEach(producers::add);
    }

    /** Releases all of it; the group is empty. */
    void clear() {
        messages.forEach(ReferenceCounted::release);
        messages.clear();
        buffers.clear();
        bytes = 0;
        checksum.restart(0);
        nextOffset = NONE;
        rows = 0;
        numbered.clear();
        dictionaryIds.clear();
    }
}
