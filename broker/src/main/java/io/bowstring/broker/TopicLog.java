package io.bowstring.broker;

import io.bowstring.codec.IpcBatchEditor;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
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
    private final Broker broker;
    private final TopicTurn turn;
    private final Deque<Block> blocks = new ArrayDeque<>();
    private volatile @Nullable Block oldest;
    private volatile long firstOffset;
    private volatile long committedOffset;
    private long appendedOffset;

    /** Of the batch that is being appended: its offset, and its time in microseconds. */
    private final long[] mark = new long[2];

    private final IpcBatchEditor editor = BatchPosition.newEditor();

    private long bytes;
    private long rows;

    /** Creates an empty log. */
    TopicLog(BlockRoom room, TopicMemory memory, Broker broker, TopicTurn turn) {
        this.room = room;
        this.memory = memory;
        this.broker = broker;
        this.turn = turn;
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
     * Appends batches of a run, marked. From then on the memory of their blocks counts, and the batches by themselves no more. Where
     * this throws, the batches before the committed offset have been appended.
     *
     * @param run as the publisher sent it; borrowed, but for a large batch that is the only one, which is taken
     * @param head the dictionaries in force; borrowed
     * @param newBytes what counts in the window beside the first of the batches, because that brings it
     * @param waitingBytes what the small batches count for that wait, these included
     */
    void append(IpcRecordBatchRun run, int from, int until, StreamHead head, long newBytes, long waitingBytes) {
        long nowNanos = turn.nanos();
        mark[1] = Math.max(broker.nowMicros(), mark[1]); // else the clock went back
        long leftBytes = waitingBytes;
        long sharedBytes = 0;
        try {
            for (int i = from; i < until; i++) {
                long batchBytes = WaitingMessages.weightBytes(run, i, i + 1);
                mark[0] = appendedOffset;
                if (isSmall(batchBytes) && tryShare(run, i, head, Math.max(leftBytes, batchBytes))) {
                    sharedBytes += batchBytes;
                } else {
                    addAlone(run, i, head, batchBytes);
                }
                leftBytes -= batchBytes;
                onAppended(run.rowCount(i), i == from ? batchBytes + newBytes : batchBytes, nowNanos);
            }
        } finally {
            committedOffset = appendedOffset; // after the blocks: whoever reads it sees all batches before it
            memory.remove(sharedBytes); // the blocks count
        }
    }

    /** A batch is in the newest block. */
    private void onAppended(long rowCount, long weightBytes, long nowNanos) {
        blocks.getLast().add(rowCount, weightBytes, nowNanos);
        bytes += weightBytes;
        rows += rowCount;
        appendedOffset++;
    }

    /**
     * Has a batch written into the newest block, or into a new one.
     *
     * @param wantedBytes what this batch and the small ones count for that wait
     * @return whether it is in the newest block now; not where its mark takes too much
     */
    private boolean tryShare(IpcRecordBatchRun run, int index, StreamHead head, long wantedBytes) {
        Block newest = blocks.peekLast();
        ByteBuf left = newest == null ? null : newest.roomFor(head);
        if (left != null && editor.tryAppend(run, index, mark, left)) {
            return true;
        }
        int roomBytes = room.bytes(wantedBytes, left == null ? 0 : left.readableBytes());
        Block next = Block.withRoom(appendedOffset, head, roomBytes, memory, broker.allocator());
        try {
            if (!editor.tryAppend(run, index, mark, Objects.requireNonNull(next.roomFor(head)))) {
                return false;
            }
            next.retain();
        } finally {
            next.release();
        }
        add(next);
        return true;
    }

    /** Adds a batch as a block of its own; where this throws, it still counts in the memory. */
    private void addAlone(IpcRecordBatchRun run, int index, StreamHead head, long batchBytes) {
        IpcMetadataEdit edit = new BatchPosition(mark[0], mark[1], 0).toEdit();
        IpcRecordBatch marked = run.take(index)
                .edited(edit, broker.allocator())
                .watched(() -> memory.remove(batchBytes), broker.allocator());
        try {
            add(Block.of(appendedOffset, head, marked));
        } catch (OutOfMemoryError e) { // it has been released, and counts no more
            memory.add(batchBytes);
            throw e;
        }
    }

    /** Adds a block, which is released where there is no memory for that. */
    private void add(Block block) {
        Block before = blocks.peekLast();
        try {
            blocks.add(block);
        } catch (OutOfMemoryError e) {
            block.release();
            throw e;
        }
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
        long leftBytes = bytes;
        for (Block block : blocks) {
            while (offset < block.endOffset()) {
                if (committedOffset - offset <= maxBatches && leftBytes <= maxBytes) {
                    return offset;
                }
                leftBytes -= block.weightBytes(offset, offset + 1);
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

    /** Returns what the newest block counts for in the window. */
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

    /** Returns what the batches count for. */
    long bytes() {
        return bytes;
    }

    long rows() {
        return rows;
    }
}
