package io.bowstring.broker;

import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.IllegalReferenceCountException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a log that follow one another and need the same dictionaries: either small ones, which stand in one buffer as
 * they will be sent, or a large one in the buffer that it came in.
 *
 * <pre>
 *   frames │ batch │ batch │ batch │ ... room          ends[i]: where batch i ends in the buffer
 *          └ firstOffset           └ firstOffset + count
 * </pre>
 *
 * <p>The log owns one reference until the last of the batches leaves the window; a reader takes its own with
 * {@link #tryRetain()}, which also tells it that the block has left. The count is this object's own and not the buffer's,
 * because pooled buffers are used again.
 *
 * <p>The topic's turn appends. Any other thread reads what it knows of batches before {@link TopicLog#committedOffset()},
 * which it reads first.
 */
final class Block extends AbstractReferenceCounted {
    /** Heap objects, headroom and alignment of one batch, roughly; so that empty batches count as well. */
    static final int OVERHEAD_BYTES = 640;

    private final long firstOffset;
    private final StreamHead head;
    private final ByteBuf frames;
    private final boolean hasRoom;
    private int count;

    /** Read by others as {@code count} is, by way of the log's offsets. */
    private boolean isNumbered;

    /**
     * Of each batch: where its frame ends; what it and those before it count for and have, and when it was appended. Volatile
     * where other threads read it: one that sees a larger array must see what has been copied into it.
     */
    private volatile int[] ends;

    private volatile long[] weightEnds;
    private volatile long[] rowEnds;
    private long[] appendedNanos;

    /** Null also once the block is free: else a reader that rests there would keep alive all that came after it. */
    private volatile @Nullable Block next;

    private Block(long firstOffset, StreamHead head, ByteBuf frames, boolean hasRoom, int expectedBatches) {
        this.firstOffset = firstOffset;
        this.frames = frames;
        this.hasRoom = hasRoom;
        this.ends = new int[expectedBatches];
        this.weightEnds = new long[expectedBatches];
        this.rowEnds = new long[expectedBatches];
        this.appendedNanos = new long[expectedBatches];
        this.head = head.retain(); // last: now nothing can fail any more
    }

    /**
     * Creates a block without batches, which has room for some bytes of frames. The room counts in the memory until the
     * last reference to it is dropped.
     *
     * @param head the dictionaries that its batches need; borrowed
     */
    static Block withRoom(
            long firstOffset, StreamHead head, int roomBytes, TopicMemory memory, ByteBufAllocator allocator) {
        ByteBuf frames = memory.counted(
                onFree -> ForeignBuffer.over(allocator.directBuffer(roomBytes, roomBytes), onFree), room -> roomBytes);
        return of(firstOffset, head, frames, true, 4);
    }

    /**
     * Creates a block for one batch; {@link #add} follows, and cannot fail.
     *
     * @param batch as it will be sent; consumed
     * @param head the dictionaries that it needs; borrowed
     */
    static Block of(long offset, StreamHead head, IpcRecordBatch batch) {
        return of(offset, head, batch.frame(), false, 1);
    }

    /** Creates a block; the frames are consumed. */
    private static Block of(long firstOffset, StreamHead head, ByteBuf frames, boolean hasRoom, int expectedBatches) {
        try {
            return new Block(firstOffset, head, frames, hasRoom, expectedBatches);
        } catch (OutOfMemoryError e) {
            frames.release();
            throw e;
        }
    }

    /**
     * Returns what the next small batch of these dictionaries is to be written into, borrowed; {@link #add} follows, and cannot
     * fail. Null where it is not for this block.
     */
    @Nullable
    ByteBuf roomFor(StreamHead batchHead) {
        if (!hasRoom || !head.isLike(batchHead)) {
            return null;
        }
        if (count == appendedNanos.length) {
            ends = Arrays.copyOf(ends, 2 * count);
            weightEnds = Arrays.copyOf(weightEnds, 2 * count);
            rowEnds = Arrays.copyOf(rowEnds, 2 * count);
            appendedNanos = Arrays.copyOf(appendedNanos, 2 * count); // last: else all of it is made again
        }
        return frames.writerIndex(start(count)); // a copy that failed may have left some bytes
    }

    /** The next batch is there: it has been written, or the block is that of this batch. */
    void add(long rowCount, long weightBytes, long nowNanos) {
        weightEnds[count] = before(weightEnds, count) + weightBytes;
        rowEnds[count] = before(rowEnds, count) + rowCount;
        appendedNanos[count] = nowNanos;
        ends[count] = frames.writerIndex();
        count++;
    }

    /** A batch has been added that its publisher has numbered. */
    void setNumbered() {
        isNumbered = true;
    }

    /** Returns whether publishers have numbered batches that have been added so far. */
    boolean isNumbered() {
        return isNumbered;
    }

    private static long before(long[] sums, int index) {
        return index == 0 ? 0 : sums[index - 1];
    }

    long firstOffset() {
        return firstOffset;
    }

    /** Returns the offset after that of the last batch. */
    long endOffset() {
        return firstOffset + count;
    }

    /** Returns the dictionaries that the batches need; borrowed. */
    StreamHead head() {
        return head;
    }

    /** Returns what the batches from an offset until another count for in the window. */
    long weightBytes(long from, long until) {
        return difference(weightEnds, from, until);
    }

    /** Returns how many rows the batches have from an offset until another. */
    long rows(long from, long until) {
        return difference(rowEnds, from, until);
    }

    private long difference(long[] sums, long from, long until) {
        return before(sums, (int) (until - firstOffset)) - before(sums, (int) (from - firstOffset));
    }

    long appendedNanos(long offset) {
        return appendedNanos[(int) (offset - firstOffset)];
    }

    /** Returns the frames of the batches from an offset until another; for whoever has a reference. Owned. */
    Chunk chunk(long from, long until) {
        int index = (int) (from - firstOffset);
        int[] chunkEnds = Arrays.copyOfRange(ends, index, (int) (until - firstOffset));
        int start = start(index);
        return new Chunk(from, frames.retainedSlice(start, chunkEnds[chunkEnds.length - 1] - start), start, chunkEnds);
    }

    private int start(int index) {
        return index == 0 ? frames.readerIndex() : ends[index - 1];
    }

    /** Returns a batch as it will be sent; for whoever has a reference. Owned. */
    IpcRecordBatch batch(long offset) {
        int index = (int) (offset - firstOffset);
        int start = start(index);
        return IpcRecordBatch.of(frames.retainedSlice(start, ends[index] - start));
    }

    /** Returns when a batch was appended, in microseconds since the epoch, as it is marked; for whoever has a reference. */
    long timeMicros(long offset) {
        IpcRecordBatch batch = batch(offset);
        try {
            return BatchPosition.parse(batch).timeMicros();
        } finally {
            batch.release();
        }
    }

    @Nullable
    Block next() {
        return next;
    }

    void setNext(Block block) {
        next = block;
    }

    /** Takes a reference, or returns false where the block has left the window. */
    boolean tryRetain() {
        try {
            retain();
            return true;
        } catch (IllegalReferenceCountException e) {
            return false;
        }
    }

    @Override
    public Block touch(Object hint) {
        frames.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        frames.release();
        head.release();
        next = null;
    }
}
