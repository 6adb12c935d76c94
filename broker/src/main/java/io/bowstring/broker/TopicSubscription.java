package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over a topic's log that feeds one {@link SubscriptionSink}: it pulls entries while the sink is writable, so
 * a slow subscriber holds nothing but its place.
 *
 * <p>The public methods and all state are confined to the sink's executor, except where a method says that it belongs
 * to the topic's turn.
 */
public final class TopicSubscription {
    /** The end of a subscription that has none. */
    static final long LIVE = Long.MAX_VALUE;

    /** A part of the body in a projection: the objects that point to it. */
    private static final int PART_BYTES = 160;

    private final Topic topic;
    private final SubscribeRequest request;
    private final SubscriptionSink sink;
    private final TaskLine toSink;

    // Written in the topic's turn before onBegin, and the end also later.
    private @Nullable IpcSchema start;
    private @Nullable IpcSelection selection;
    private volatile long endOffset = LIVE;

    /** Of all entries that have been delivered; seen in the topic's turn with the offset that is written after it. */
    private long takenBytes;

    /** Of all frames that the sink has been given; seen by others as {@code takenBytes} is. */
    private long writtenBytes;

    /** The next offset to deliver; written by the sink's executor, read in the topic's turn. */
    private volatile long nextOffset;

    private volatile boolean isCondemned;

    // The sink's executor.
    private Cursor cursor;
    private StreamHead sentHead = new StreamHead();
    private boolean hasBegun;
    private boolean isOver;

    // What has been written and is not counted yet, and the bytes that are: the counts are shared, and changed once per
    // burst.
    private long newBatches;
    private long countedBytes;

    TopicSubscription(Topic topic, SubscribeRequest request, SubscriptionSink sink) {
        this.topic = topic;
        this.request = request;
        this.sink = sink;
        this.toSink = new TaskLine(task -> Steps.execute(sink.executor(), task));
        this.cursor = new Cursor(topic.log(), 0);
    }

    /** Returns what brings tasks to the sink's executor. For any thread. */
    TaskLine toSink() {
        return toSink;
    }

    /** The sink is writable again. */
    public void resume() {
        onWake();
    }

    /** The subscriber is gone: the sink will not be called again. */
    public void cancel() {
        if (!isOver) {
            over();
        }
        topic.broker().relief().leave(this);
    }

    /** A reply that is complete has been sent, or never will be: it pins nothing any more. Idempotent; for any thread. */
    public void onSent() {
        topic.broker().relief().leave(this);
    }

    SubscribeRequest request() {
        return request;
    }

    EventExecutor executor() {
        return sink.executor();
    }

    // The topic's turn.

    /**
     * Sets what is delivered, and where the cursor starts and ends. The group's {@code onBegin} follows.
     *
     * @param schema consumed
     * @param columns null for all
     */
    void begin(IpcSchema schema, @Nullable IpcSelection columns, long fromOffset, long untilOffset) {
        start = schema;
        selection = columns;
        cursor.moveTo(fromOffset);
        nextOffset = fromOffset;
        endOffset = untilOffset;
    }

    /** Ends the subscription at an offset, unless it ends sooner. */
    void endAt(long offset) {
        endOffset = Math.min(endOffset, offset);
    }

    /** Returns whether a retained batch before an offset must stay because of this subscription, which blocks. */
    boolean holdsBefore(long offset) {
        return start != null && nextOffset < Math.min(offset, endOffset);
    }

    long nextOffset() {
        return nextOffset;
    }

    /** Returns what the entries that the sink has been given until {@link #nextOffset()} count for in the window, in bytes. */
    long takenBytes() {
        return nextOffset < 0 ? 0 : takenBytes; // in this order, so that it is no older than the offset
    }

    /** Refuses a subscription that has not begun. */
    void refuse(ProtocolException reason) {
        toSink.execute(() -> {
            if (!isOver) {
                over();
                sink.refuse(reason);
            }
        });
    }

    // Any thread.

    Topic topic() {
        return topic;
    }

    /**
     * Returns how much memory waits in its sink for the subscriber at most, in bytes; 0 where it is about to be cut. Where it
     * gets some of the columns, what waits may be parts of whole bodies.
     */
    long pendingBytes() {
        if (isCondemned) {
            return 0;
        }
        long pending = sink.pendingBytes();
        long taken = takenBytes();
        return selection == null || taken <= writtenBytes ? pending : (long) ((double) pending * taken / writtenBytes);
    }

    /** Returns what it pins and how far it has come. */
    Pace.Progress progress(long period) {
        long taken = takenBytes(); // first: what it has written is no older than this
        long unsent = sink.unsentBytes();
        return new Pace.Progress(period, unsent, heldBytes(), writtenBytes - unsent, taken);
    }

    /** Returns how much of the log it holds, alone or with others, in bytes, where that is much of what is held. */
    long heldBytes() {
        TopicMemory.Held held = topic.memory().held();
        return request.onLag() == LagPolicy.BLOCK && holdsBefore(held.beforeOffset()) ? held.bytes() : 0;
    }

    /** Cuts the subscription as soon as its executor comes to it, unless it has come to its end by then. */
    void cutUnlessOver(ProtocolException reason) {
        toSink.execute(() -> cut(reason));
    }

    /** Cuts the subscription as soon as its executor comes to it, also where only the end of its reply waits to be sent. */
    void cutSoon(ProtocolException reason) {
        isCondemned = true;
        toSink.execute(() -> {
            if (isOver) {
                sink.abandon(reason);
            } else {
                cut(reason);
            }
        });
    }

    // The sink's executor.

    void onBegin() {
        guarded(() -> {
            IpcSchema schema = Objects.requireNonNull(start);
            if (isOver) {
                schema.release();
                return;
            }
            hasBegun = true;
            topic.broker().relief().join(this);
            sink.start(schema);
            deliverAll();
            if (!isOver) {
                sink.flush();
            }
        });
    }

    void onWake() {
        guarded(() -> {
            if (hasBegun && !isOver && deliverAll() && !isOver) {
                sink.flush();
            }
        });
    }

    /** Runs a step; where it fails, this subscription is cut and no other notices. */
    private void guarded(Runnable step) {
        Steps.guarded(executor(), step, this::cut);
    }

    /** Delivers until the end, the end of the log, or the sink has enough; returns whether anything was written. */
    private boolean deliverAll() {
        boolean hasWritten = false;
        while (!isOver) {
            if (nextOffset >= endOffset) {
                over();
                sink.complete();
                if (sink.pendingBytes() == 0) { // else what waits to be sent is pinned until it has been
                    onSent();
                }
                break;
            }
            if (cursor.isBehind()) {
                fallBehind();
                continue;
            }
            if (cursor.offset() >= endOffset) {
                cut(lagged()); // all the rest has been dropped: no batch is left that could name the gap
                break;
            }
            if (cursor.isAtEnd() || !sink.isWritable()) {
                break;
            }
            hasWritten |= tryDeliver();
        }
        countDelivered();
        return hasWritten;
    }

    /** Delivers what the block at the cursor has; returns false where that has left the log just now. */
    private boolean tryDeliver() {
        Block block = cursor.tryRetain();
        if (block == null) {
            return false;
        }
        try {
            writeDictionaries(block.head());
            long from = cursor.offset();
            long until = Math.min(endOffset, cursor.committedEnd(block));
            if (sink.takesChunks() && selection == null && from == nextOffset) {
                write(block.chunk(from, until));
            } else {
                until = from + 1;
                write(batch(block, from, from - nextOffset));
            }
            moveTo(block, until);
            return true;
        } finally {
            block.release();
        }
    }

    private void writeDictionaries(StreamHead head) {
        head.forEachAfter(sentHead, dictionary -> {
            if (selection == null || selection.dictionaryIds().contains(dictionary.id())) {
                write(dictionary.retain());
            }
        });
        sentHead = head;
    }

    /** The batches before an offset have been written. */
    private void moveTo(Block block, long offset) {
        long gap = cursor.offset() - nextOffset;
        if (gap > 0) {
            topic.counts().onGap(gap);
        }
        newBatches += offset - cursor.offset();
        takenBytes += block.weightBytes(cursor.offset(), offset); // of all columns: this is what others wait for
        cursor.moveTo(offset);
        nextOffset = offset;
        if (request.onLag() == LagPolicy.BLOCK && topic.isAwaiting()) {
            topic.execute(topic::onMoved);
        }
    }

    private void write(Chunk chunk) {
        writtenBytes += chunk.frameBytes();
        sink.write(chunk);
    }

    private void write(IpcMessage message) {
        writtenBytes += message.frameBytes();
        sink.write(message);
    }

    private void countDelivered() {
        if (newBatches > 0) {
            topic.counts().onDelivered(newBatches, writtenBytes - countedBytes);
            newBatches = 0;
            countedBytes = writtenBytes;
        }
    }

    /** Returns what this subscription gets of a batch, owned. */
    private IpcRecordBatch batch(Block block, long offset, long gap) {
        if (gap == 0) {
            return columnsOf(block, offset);
        }
        return topic.memory() // of the head alone: the log has the body already
                .counted(
                        onFree -> marked(columnsOf(block, offset), offset, gap, onFree),
                        marked -> marked.metadata().readableBytes() + Block.OVERHEAD_BYTES);
    }

    /** Returns the wanted columns of a batch; owned. A projection counts in the memory until it is sent, but for the shared body. */
    private IpcRecordBatch columnsOf(Block block, long offset) {
        IpcSelection columns = selection;
        if (columns == null) {
            return block.batch(offset);
        }
        ByteBufAllocator allocator = topic.broker().allocator();
        return topic.memory()
                .counted(
                        onFree -> columns.select(block.batch(offset), onFree, allocator),
                        TopicSubscription::projectionBytes);
    }

    /** Returns a batch, which is consumed, with a mark that names a gap before it; owned. */
    private IpcRecordBatch marked(IpcRecordBatch batch, long offset, long gap, Runnable onFree) {
        IpcMetadataEdit edit;
        try {
            edit = new BatchPosition(offset, BatchPosition.parse(batch).timeMicros(), gap).toEdit();
        } catch (RuntimeException | Error e) {
            batch.release();
            throw e;
        }
        return batch.editedApart(edit, onFree, topic.broker().allocator());
    }

    /** Returns about how many bytes a projection takes beside its batch. */
    private static long projectionBytes(IpcRecordBatch projection) {
        int parts = projection.frame().nioBufferCount();
        int headBytes = projection.metadata().readableBytes();
        int ownBytes = parts == 1 ? projection.frameBytes() : headBytes + PART_BYTES * parts;
        return (long) ownBytes + Block.OVERHEAD_BYTES;
    }

    /** The batch at the cursor has left the window. */
    private void fallBehind() {
        if (request.onLag() == LagPolicy.DROP) {
            cursor.moveTo(topic.log().firstOffset());
        } else {
            cut(lagged());
        }
    }

    private ProtocolException lagged() {
        return ProtocolException.of(
                ErrorCode.LAGGED, "offset", nextOffset, "in the retained window of topic " + topic.name());
    }

    private void cut(ProtocolException reason) {
        if (!isOver) {
            over();
            topic.broker().relief().leave(this);
            topic.counts().onCut(reason);
            sink.cut(reason);
        }
    }

    private void over() {
        isOver = true;
        countDelivered(); // before the subscriber can know of the end
        topic.execute(() -> topic.onUnsubscribed(this));
    }
}
