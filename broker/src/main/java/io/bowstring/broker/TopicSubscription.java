package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
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

    private final Topic topic;
    private final SubscribeRequest request;
    private final SubscriptionSink sink;
    private final TaskLine toSink;
    private final Delivery delivery;

    // Written in the topic's turn before onBegin, and the end also later.
    private @Nullable IpcSchema start;
    private volatile long endOffset = LIVE;

    /** Of all entries that have been delivered; seen in the topic's turn with the offset that is written after it. */
    private long takenBytes;

    /** The next offset to deliver; written by the sink's executor, read in the topic's turn. */
    private volatile long nextOffset;

    private volatile boolean isCondemned;

    // The sink's executor.
    private Cursor cursor;

    /** Where the cursor is not in memory any more. Changed on the sink's executor, read by any thread. */
    private volatile @Nullable Replay replay;

    private boolean hasBegun;
    private boolean isOver;

    TopicSubscription(Topic topic, SubscribeRequest request, SubscriptionSink sink) {
        this.topic = topic;
        this.request = request;
        this.sink = sink;
        this.toSink = new TaskLine(task -> Steps.execute(sink.executor(), task));
        this.delivery = new Delivery(topic, sink);
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
        delivery.select(columns);
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
     * Returns how much memory waits for the subscriber at most, in its sink or read from disk, in bytes; 0 where it is about to be cut. Where
     * it gets some of the columns, what waits may be parts of whole bodies.
     */
    long pendingBytes() {
        if (isCondemned) {
            return 0;
        }
        long pending = sink.pendingBytes();
        long taken = takenBytes();
        long written = delivery.writtenBytes();
        Replay reading = replay;
        long readBytes = reading == null ? 0 : reading.waitingBytes();
        return readBytes
                + (!delivery.isProjection() || taken <= written
                        ? pending
                        : (long) ((double) pending * taken / written));
    }

    /** Returns what it pins and how far it has come. */
    Pace.Progress progress(long period) {
        long taken = takenBytes(); // first: what it has written is no older than this
        long unsent = sink.unsentBytes();
        return new Pace.Progress(period, unsent, heldBytes(), delivery.writtenBytes() - unsent, taken);
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
        long before = delivery.writtenBytes();
        while (!isOver) {
            if (nextOffset >= endOffset) {
                over();
                sink.complete();
                if (sink.pendingBytes() == 0) { // else what waits to be sent is pinned until it has been
                    onSent();
                }
                break;
            }
            if (cursor.isBehind() || replay != null) {
                if (!tryCatchUp()) {
                    break;
                }
                continue;
            }
            if (cursor.offset() >= endOffset) {
                cut(lagged()); // all the rest has been dropped: no batch is left that could name the gap
                break;
            }
            if (cursor.isAtEnd() || !sink.isWritable()) {
                break;
            }
            tryDeliver();
        }
        delivery.count();
        return delivery.writtenBytes() > before;
    }

    /** Delivers what the block at the cursor has, unless that has left the log just now. */
    private void tryDeliver() {
        Block block = cursor.tryRetain();
        if (block == null) {
            return;
        }
        try {
            delivery.write(block.head());
            long from = cursor.offset();
            long gap = from - nextOffset;
            long until = delivery.isWhole(gap) ? Math.min(endOffset, cursor.committedEnd(block)) : from + 1;
            delivery.write(block.chunk(from, until), gap);
            moveTo(until, block.weightBytes(from, until)); // of all columns: this is what others wait for
        } finally {
            block.release();
        }
    }

    /** The batches before an offset have been written. */
    private void moveTo(long offset, long weightBytes) {
        takenBytes += weightBytes;
        cursor.moveTo(offset);
        nextOffset = offset;
        if (request.onLag() == LagPolicy.BLOCK && topic.isAwaiting()) {
            topic.execute(topic::onMoved);
        }
    }

    /**
     * The batch at the cursor has left the window, or would soon: it is read from disk, or missed. Returns false where it is still to
     * be read.
     */
    private boolean tryCatchUp() {
        DurableLog durable = topic.commits().durable();
        if (durable == null || cursor.offset() < topic.commits().firstOffset()) {
            endReplay();
            if (cursor.isBehind()) {
                fallBehind();
            }
            return true;
        }
        if (replay == null) {
            replay = new Replay(topic, durable, cursor.offset(), executor(), this::onWake);
        }
        replay.request(readableUntil(), takesFiles());
        if (!replay.isReady() || !sink.isWritable()) {
            return false;
        }
        if (replay.hasFailed() && !cursor.isBehind()) {
            endReplay(); // it is in memory
            return true;
        }
        LogPart part = replay.take();
        if (part != null && part.firstOffset() > cursor.offset() && !cursor.isBehind()) {
            part.release(); // what is missing on disk is in memory
            endReplay();
            return true;
        }
        deliver(part, replay.readUntil());
        return true;
    }

    /** Delivers what has been read; null where nothing is left before an offset; the window may begin later by now. */
    private void deliver(@Nullable LogPart part, long readUntil) {
        boolean isAll = false;
        if (part == null) {
            long first = topic.log().firstOffset();
            isAll = readUntil >= Math.min(first, endOffset);
            cursor.moveTo(isAll ? Math.max(first, cursor.offset()) : cursor.offset());
        } else {
            long end = part.firstOffset() + part.batchCount();
            long weightBytes = part.bytes();
            delivery.write(part, part.firstOffset() - nextOffset);
            moveTo(end, weightBytes);
        }
        Replay reading = replay;
        if (reading == null || reading.tryRequestFile(readableUntil(), takesFiles())) {
            return; // the socket gets it without a copy, which memory does not offer
        }
        if (!cursor.isBehind() && (isAll || isWellInWindow())) {
            endReplay();
        } else {
            reading.request(readableUntil(), takesFiles()); // while this is being sent
        }
    }

    /** Returns whether the cursor is in the newer half of the window: in the older one it would soon have to read from disk again. */
    private boolean isWellInWindow() {
        TopicLog log = topic.log();
        return cursor.offset() - log.firstOffset() >= log.committedOffset() - cursor.offset();
    }

    /** Returns whether parts of files will do: not where a batch has to be marked. */
    private boolean takesFiles() {
        return sink.takesFiles() && delivery.isWhole(cursor.offset() - nextOffset);
    }

    private long readableUntil() {
        return Math.min(endOffset, topic.log().committedOffset());
    }

    private void endReplay() {
        if (replay != null) {
            replay.close();
            replay = null;
        }
    }

    /** The batch at the cursor is to be had no more. */
    private void fallBehind() {
        if (request.onLag() == LagPolicy.DROP) {
            cursor.moveTo(topic.commits().firstOffset());
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
        endReplay();
        delivery.count(); // before the subscriber can know of the end
        topic.execute(() -> topic.onUnsubscribed(this));
    }
}
