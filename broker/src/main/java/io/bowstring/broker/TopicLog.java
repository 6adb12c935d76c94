package io.bowstring.broker;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.BatchMarker;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The newest batches of a topic, with offsets that count up without a gap, in {@link Block}s. Owns one reference to each
 * block; what leaves the log when is the {@link Window}'s to say. The first offset is exact to the batch; the memory of a block
 * goes with its last batch.
 *
 * <pre>
 *   oldest block         ─►  block                        ─►  newest block
 *   │ gone │ firstOffset ...        ... committedOffset ...         appendedOffset │ room
 * </pre>
 *
 * <p>A batch may be read once it is committed: at once where memory is all that the topic has, and else when it is on disk. None that
 * is not committed leaves.
 *
 * <p>Confined to the topic's turn, except what says that it is for any thread.
 */
final class TopicLog {
    private final boolean commitsAtOnce;
    private final BlockRoom room;
    private final TopicMemory memory;
    private final Broker broker;
    private final TopicTurn turn;
    private final Deque<Block> blocks = new ArrayDeque<>();
    private volatile @Nullable Block oldest;
    private volatile long firstOffset;
    private volatile long committedOffset;
    private volatile long appendedOffset;

    /** Of the next batch; the appended offset follows once for each append. */
    private long nextOffset;

    /** For batches that their publishers have not numbered; in memory for all. */
    private final BatchMarker marker;

    /** Of the last batch. */
    private long timeMicros;

    private String id = UUID.randomUUID().toString();
    private long bytes;
    private long rows;

    /**
     * Creates an empty log.
     *
     * @param commitsAtOnce whether what is appended is committed; else {@link #commit} follows
     */
    TopicLog(BlockRoom room, TopicMemory memory, Broker broker, TopicTurn turn, boolean commitsAtOnce) {
        this.commitsAtOnce = commitsAtOnce;
        this.marker = commitsAtOnce ? BatchMarker.inMemory() : BatchMarker.onDisk(null);
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
     * this throws, the batches before the appended offset have been appended.
     *
     * @param run as the publisher sent it; borrowed, but for a large batch that is the only one, which is taken
     * @param dictionaries those of the publisher: the ones in force, and what of them the first of the batches brings
     * @param producer who has numbered them; null for nobody
     * @param waitingBytes what the small batches count for that wait, these included
     */
    void append(
            IpcRecordBatchRun run,
            int from,
            int until,
            PublishedDictionaries dictionaries,
            @Nullable Producer producer,
            long waitingBytes) {
        StreamHead head = dictionaries.head();
        long nowNanos = turn.nanos();
        timeMicros = Math.max(broker.nowMicros(), timeMicros); // else the clock went back
        long leftBytes = waitingBytes;
        long sharedBytes = 0;
        try {
            for (int i = from; i < until; i++) {
                long batchBytes = WaitingMessages.weightBytes(run, i, i + 1);
                if (isSmall(batchBytes) && tryShare(run, i, head, producer, Math.max(leftBytes, batchBytes))) {
                    sharedBytes += batchBytes;
                } else {
                    addAlone(run, i, head, producer, batchBytes);
                }
                leftBytes -= batchBytes;
                onAppended(
                        producer,
                        run.rowCount(i),
                        i == from ? batchBytes + dictionaries.newBytes() : batchBytes,
                        nowNanos);
            }
        } finally {
            appendedOffset = nextOffset; // after the blocks: whoever reads it sees all batches before it
            if (commitsAtOnce) {
                committedOffset = nextOffset;
            }
            memory.remove(sharedBytes); // the blocks count
        }
    }

    /** All batches before an offset may be read from now on. */
    void commit(long offset) {
        committedOffset = offset;
    }

    /** Continues with a log that has been kept: the next batch has this offset, and is no older than the last. */
    void resume(String keptId, long offset, long lastTimeMicros) {
        id = keptId;
        timeMicros = lastTimeMicros;
        nextOffset = offset;
        firstOffset = offset;
        appendedOffset = offset;
        committedOffset = offset;
    }

    /** A batch is in the newest block. */
    private void onAppended(@Nullable Producer producer, long rowCount, long weightBytes, long nowNanos) {
        Block newest = blocks.getLast();
        newest.add(rowCount, weightBytes, nowNanos);
        if (producer != null) {
            newest.setNumbered();
        }
        bytes += weightBytes;
        rows += rowCount;
        nextOffset++;
    }

    /**
     * Has a batch written into the newest block, or into a new one.
     *
     * @param wantedBytes what this batch and the small ones count for that wait
     * @return whether it is in the newest block now; not where its mark takes too much
     */
    private boolean tryShare(
            IpcRecordBatchRun run, int index, StreamHead head, @Nullable Producer producer, long wantedBytes) {
        Block newest = blocks.peekLast();
        ByteBuf left = newest == null ? null : newest.roomFor(head);
        if (left != null && tryWrite(run, index, producer, left)) {
            return true;
        }
        int roomBytes = room.bytes(wantedBytes, left == null ? 0 : left.readableBytes());
        Block next = Block.withRoom(nextOffset, head, roomBytes, memory, broker.allocator());
        try {
            if (!tryWrite(run, index, producer, Objects.requireNonNull(next.roomFor(head)))) {
                return false;
            }
            next.retain();
        } finally {
            next.release();
        }
        add(next);
        return true;
    }

    private boolean tryWrite(IpcRecordBatchRun run, int index, @Nullable Producer producer, ByteBuf to) {
        return marker(producer).tryAppend(run, index, nextOffset, timeMicros, sequence(producer), to);
    }

    /** Returns what marks a batch: on disk it also keeps who has numbered it. */
    private BatchMarker marker(@Nullable Producer producer) {
        return commitsAtOnce || producer == null ? marker : producer.marker();
    }

    private static long sequence(@Nullable Producer producer) {
        return producer == null ? 0 : producer.presentSequence();
    }

    /** Adds a batch as a block of its own; where this throws, it still counts in the memory. */
    private void addAlone(
            IpcRecordBatchRun run, int index, StreamHead head, @Nullable Producer producer, long batchBytes) {
        IpcMetadataEdit edit = marker(producer).toEdit(nextOffset, timeMicros, sequence(producer));
        IpcRecordBatch marked = run.take(index)
                .edited(edit, broker.allocator())
                .watched(() -> memory.remove(batchBytes), broker.allocator());
        try {
            add(Block.of(nextOffset, head, marked));
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
                if (nextOffset - offset <= maxBatches && leftBytes <= maxBytes) {
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
     * @param offset before an offset that this log has told the caller
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

    /**
     * Returns the offset of the first batch that was appended at a time or later, and the committed offset where there is none.
     *
     * @param micros since the epoch; no batch is marked with less than the one before it
     */
    long offsetOfTime(long micros) {
        Block[] all = blocks.toArray(Block[]::new);
        int block = (int) first(0, all.length, i -> all[(int) i].timeMicros(all[(int) i].endOffset() - 1) >= micros);
        if (block == all.length) {
            return committedOffset;
        }
        long from = Math.max(firstOffset, all[block].firstOffset());
        return first(from, all[block].endOffset() - 1, offset -> all[block].timeMicros(offset) >= micros);
    }

    /** Returns the first number from one until another for which something holds, as it does for all after it; else the other. */
    private static long first(long from, long until, LongPredicate holds) {
        long low = from;
        long high = until;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (holds.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
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

    /** Returns the offset after that of the last batch that has been appended: it is there, but none may read it yet. For any thread. */
    long appendedOffset() {
        return appendedOffset;
    }

    /** Returns whether a batch, and all before it, may be read. For any thread. */
    boolean isCommitted(long offset) {
        return offset < committedOffset;
    }

    /** Returns how many batches are retained that may be read. */
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
