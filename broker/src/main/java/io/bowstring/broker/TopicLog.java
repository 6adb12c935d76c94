package io.bowstring.broker;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The newest batches of a topic, with offsets that count up without a gap, in {@link Block}s. Owns one reference to each
 * block; what leaves the log when is the {@link Window}'s to say. The first offset is exact to the batch; the memory of a block
 * goes with its last batch.
 *
 * <pre>
 *   oldest block         ─►  block  ─►  newest block
 *   │ gone │ firstOffset ...        ... committedOffset │ room
 * </pre>
 *
 * <p>Confined to the topic's turn, except what says that it is for any thread.
 */
final class TopicLog {
    private final String id = UUID.randomUUID().toString();
    private final BlockRoom room;
    private final TopicMemory memory;
    private final ByteBufAllocator allocator;
    private final ProjectionMeter projections;
    private final Deque<Block> blocks = new ArrayDeque<>();
    private volatile @Nullable Block oldest;
    private volatile long firstOffset;
    private volatile long committedOffset;
    private long lastTimeMicros;
    private long bytes;
    private long rows;

    TopicLog(BlockRoom room, ProjectionMeter projections, TopicMemory memory, ByteBufAllocator allocator) {
        this.room = room;
        this.projections = projections;
        this.memory = memory;
        this.allocator = allocator;
    }

    /** Returns what no other log of a topic has, of this server or another: offsets of two logs have nothing in common. */
    String id() {
        return id;
    }

    /** Returns whether a batch that counts for so much may share a block with others. For any thread. */
    boolean isSmall(long weightBytes) {
        return room.isSmall(weightBytes);
    }

    /**
     * Appends a batch, marked. From then on the memory of its block counts, and the batch by itself no more.
     *
     * @param batch as the publisher sent it; consumed, also where this throws
     * @param head the dictionaries in force; borrowed
     * @param weightBytes what the batch counts for in the window
     * @param followingBytes what the small batches count for that are about to follow
     * @param nowMicros the time of day; where the clock went back, the time of the batch before is kept
     * @param nowNanos the time of the topic's loop, which never goes back
     */
    void append(
            IpcRecordBatch batch,
            StreamHead head,
            long weightBytes,
            long followingBytes,
            long nowMicros,
            long nowNanos) {
        long offset = committedOffset;
        long timeMicros = Math.max(nowMicros, lastTimeMicros);
        IpcMetadataEdit mark = new BatchPosition(offset, timeMicros, 0).toEdit();
        long batchBytes = Publication.weightBytes(batch);
        boolean isSmall = isSmall(batchBytes);
        Block newest = blocks.peekLast();
        if (isSmall
                && newest != null
                && newest.head().equals(head)
                && newest.tryAppend(batch, mark, weightBytes, nowNanos)) {
            memory.remove(batchBytes);
        } else {
            Block shared = isSmall ? tryShare(batch, head, mark, weightBytes, followingBytes, nowNanos) : null;
            add(shared == null ? alone(batch, head, mark, weightBytes, nowNanos) : shared);
        }
        lastTimeMicros = timeMicros;
        bytes += weightBytes;
        rows += batch.rowCount();
        committedOffset = offset + 1; // last: whoever reads it sees all batches before it
    }

    /** Returns a block with room for more that has the batch; null, and the batch as it was, where its marks take much. */
    private @Nullable Block tryShare(
            IpcRecordBatch batch,
            StreamHead head,
            IpcMetadataEdit mark,
            long weightBytes,
            long followingBytes,
            long nowNanos) {
        long batchBytes = Publication.weightBytes(batch);
        Block newest = blocks.peekLast();
        int roomBytes = room.bytes(batchBytes + followingBytes, newest == null ? 0 : newest.frameBytes());
        Block block;
        try {
            block = Block.withRoom(committedOffset, head, roomBytes, memory, allocator);
        } catch (OutOfMemoryError e) {
            batch.release();
            throw e;
        }
        boolean isTaken = false;
        try {
            isTaken = block.tryAppend(batch, mark, weightBytes, nowNanos);
        } finally {
            if (isTaken) {
                memory.remove(batchBytes);
            } else {
                block.release();
            }
        }
        return isTaken ? block : null;
    }

    private Block alone(IpcRecordBatch batch, StreamHead head, IpcMetadataEdit mark, long weightBytes, long nowNanos) {
        long batchBytes = Publication.weightBytes(batch);
        IpcRecordBatch marked = batch.edited(mark, allocator).watched(() -> memory.remove(batchBytes), allocator);
        return Block.of(committedOffset, head, marked, weightBytes, nowNanos);
    }

    private void add(Block block) {
        Block before = blocks.peekLast();
        blocks.add(block);
        if (before == null) {
            oldest = block;
        } else {
            before.setNext(block);
        }
    }

    /** Drops the batches before an offset, and the log's references to the blocks that have none after it. */
    void evictBefore(long offset) {
        while (firstOffset < offset) {
            Block block = blocks.getFirst();
            long from = firstOffset;
            long until = Math.min(offset, block.endOffset());
            bytes -= block.weightBytes(from, until);
            rows -= block.rows(from, until);
            firstOffset = until; // first: a reader that finds the block gone sees why
            for (long gone = from; gone < until; gone++) {
                block.dropProjections(gone);
            }
            if (until == block.endOffset()) {
                blocks.remove();
                oldest = blocks.peek();
                block.release();
            }
        }
    }

    /** Returns the offset of the oldest batch that may stay where so many stay at most, which count for no more than so much. */
    long keptFrom(long maxBatches, long maxBytes) {
        long offset = firstOffset;
        long leftBytes = bytes();
        for (Block block : blocks) {
            while (offset < block.endOffset()) {
                if (committedOffset - offset <= maxBatches && leftBytes <= maxBytes) {
                    return offset;
                }
                leftBytes -= block.heldBytes(offset);
                offset++;
            }
        }
        return offset;
    }

    /**
     * Returns the block that has a batch, borrowed, which may have been freed meanwhile; null where it has left the log. For any
     * thread.
     *
     * @param offset before the committed offset
     * @param from where to look first; null for the oldest block
     */
    @Nullable
    Block find(long offset, @Nullable Block from) {
        Block block = from == null || from.endOffset() < offset ? oldest : from;
        while (block != null && block.endOffset() <= offset) {
            block = block.next();
        }
        return block == null || block.firstOffset() > offset ? null : block; // evicted since the caller has looked
    }

    /** Returns the dictionaries of the newest batch, borrowed, or null where there is none. */
    @Nullable
    StreamHead newestHead() {
        Block newest = blocks.peekLast();
        return newest == null ? null : newest.head();
    }

    /** Returns the offset after that of the last batch of the oldest block. */
    long oldestBlockEnd() {
        return blocks.getFirst().endOffset();
    }

    /** Returns what the newest block counts for in the window, without projections. */
    long newestBlockBytes() {
        Block newest = blocks.peekLast();
        return newest == null ? 0 : newest.weightBytes(Math.max(firstOffset, newest.firstOffset()), newest.endOffset());
    }

    int blockCount() {
        return blocks.size();
    }

    /** Returns when the oldest batch was appended, by the time of the topic's loop. */
    long firstAppendedNanos() {
        return blocks.getFirst().appendedNanos(firstOffset);
    }

    /** Returns the offset of the oldest batch that is retained, which is that of the next where none is. For any thread. */
    long firstOffset() {
        return firstOffset;
    }

    /** Returns the offset of the next batch: all before it may be read. For any thread. */
    long committedOffset() {
        return committedOffset;
    }

    /** Returns how many batches are retained. */
    long size() {
        return committedOffset - firstOffset;
    }

    /** Returns what the batches and the {@linkplain #projections() projections} of them count for. */
    long bytes() {
        return bytes + projections.bytes();
    }

    /** Returns the meter of what is kept for subscriptions that want some columns. For any thread. */
    ProjectionMeter projections() {
        return projections;
    }

    long rows() {
        return rows;
    }

    void close() {
        evictBefore(committedOffset);
    }
}
