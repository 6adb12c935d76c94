package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Connects a topic with its {@link DurableLog}, if it has one: tells the log what the topic has appended, and brings the log's answers to
 * the topic's turn. A topic without such a log commits at once.
 *
 * <p>Confined to the topic's turn, but for what says that it is for any thread.
 */
final class Commits implements DurableLog.Owner {
    private final Topic topic;
    private final TaskLine toTurn;
    private final WakeUp commit;
    private final TopicConfig config;
    private final @Nullable TopicStorage storage;

    /** Set once, before anybody else has the topic. */
    private @Nullable DurableLog durable;

    /** Publications that have sealed the topic, and end when that is kept. */
    private final List<Publication> sealers = new ArrayList<>();

    /** The log has been told of what is before it. */
    private long toldOffset;

    /** The log has told that what is before it is committed. */
    private volatile long committedOffset;

    /** The log wants to drop what is before it. */
    private long surplusBefore;

    /** The log has been told to drop what is before it, and may not have done so yet: nobody begins there any more. */
    private volatile long droppedBefore;

    private boolean isSurplusHeld;
    private boolean isSealKept;
    private boolean isClosed;

    /**
     * Creates what {@link #open} follows; the storage knows nothing of it before.
     *
     * @param storage null where memory is all that there is
     */
    Commits(Topic topic, TopicConfig config, @Nullable TopicStorage storage) {
        this.topic = topic;
        this.toTurn = new TaskLine(
                task -> Steps.execute(topic.turn().loop(), () -> topic.turn().execute(task)));
        this.commit = new WakeUp(topic.turn(), this::commit);
        this.config = config;
        this.storage = config.durable().isDurable() ? storage : null;
    }

    /** Returns whether what is appended is committed by a log that is kept. */
    boolean isDurable() {
        return storage != null;
    }

    /** Opens the log that is kept, where there is one; the topic's turn is held until it is open. */
    void open() {
        if (storage != null) {
            int maxProducers = topic.broker().config().topics().maxProducers();
            DurableLog log = storage.newLog(topic.name(), config.durable(), maxProducers, this);
            durable = log;
            topic.turn().hold();
            try {
                log.open();
            } catch (RejectedExecutionException e) {
                onOpenFailed(Broker.shuttingDown());
            } catch (RuntimeException | Error e) {
                onOpenFailed(Steps.reason(topic.turn().loop(), e));
            }
        }
    }

    /** Returns the log that is kept, null where there is none. For any thread. */
    @Nullable
    DurableLog durable() {
        return durable;
    }

    // What the topic tells the log.

    /** The topic has got its schema, borrowed, from its first publisher. */
    void onSchema(IpcSchema schema) {
        if (durable != null) {
            durable.begin(topic.log().id(), schema.retain(), new AppendedBatches(topic.log()));
        }
    }

    /** Something may have been appended. */
    void onAppended() {
        long appendedOffset = topic.log().appendedOffset();
        if (durable != null && !isClosed && appendedOffset > toldOffset) {
            toldOffset = appendedOffset;
            durable.onAppended();
        }
    }

    /** A publication has sealed the topic; it hears when that is kept. */
    void seal(Publication publication) {
        DurableLog log = durable;
        if (log == null || isSealKept) {
            publication.onSealed();
        } else {
            sealers.add(publication);
            log.seal();
        }
    }

    /** Returns the offset of the oldest batch that there is: what the log has dropped is not, also where memory has it. For any thread. */
    long firstOffset() {
        return durable == null ? topic.log().firstOffset() : firstDurableOffset(durable);
    }

    private long firstDurableOffset(DurableLog log) {
        return Math.max(droppedBefore, log.extent().firstOffset());
    }

    /** Returns what there is: of a durable topic what is kept, which is all that may be read. */
    DurableLog.Extent extent() {
        TopicLog log = topic.log();
        return durable == null
                ? new DurableLog.Extent(log.firstOffset(), log.committedOffset(), log.size(), log.rows(), log.bytes())
                : durable.extent();
    }

    /** Returns the offset after that of the newest batch that there is, also one that may not be read yet. */
    long endOffset() {
        TopicLog log = topic.log();
        boolean isInMemory = log.firstOffset() < log.appendedOffset();
        return durable == null || isInMemory
                ? log.appendedOffset()
                : durable.extent().endOffset();
    }

    /** Returns the offset after that of the newest batch that may be read now: less than the committed one where the last have been lost. */
    long readableEnd() {
        TopicLog log = topic.log();
        boolean isInMemory = log.firstOffset() < log.committedOffset();
        return durable == null || isInMemory
                ? log.committedOffset()
                : Math.min(durable.extent().endOffset(), log.committedOffset());
    }

    /** Returns whether there is no batch, in memory or elsewhere. */
    boolean isEmpty() {
        return firstOffset() == topic.log().appendedOffset();
    }

    /** Has the log drop what it wants to drop, unless a subscription that blocks needs some of that: publishers wait then. */
    void dropSurplus(BackPressure backPressure) {
        DurableLog log = durable;
        if (log != null && !isClosed) {
            boolean hasSurplus = surplusBefore > firstDurableOffset(log);
            isSurplusHeld = hasSurplus && backPressure.holdBefore(surplusBefore, true);
            if (hasSurplus && !isSurplusHeld) {
                droppedBefore = surplusBefore;
                log.dropBefore(surplusBefore);
                surplusBefore = 0; // once, although the disk may stand still
            }
        }
    }

    /** Returns whether the log has more than it may have, and a subscription holds that. */
    boolean isSurplusHeld() {
        return isSurplusHeld;
    }

    /** Returns whether a publisher must wait because of that; if so, the time of each subscription that holds it counts. */
    boolean holdSurplus(BackPressure backPressure) {
        return isSurplusHeld && backPressure.holdBefore(surplusBefore, true);
    }

    /** Removes what is kept, of a topic that goes; those who wait for something hear why. Returns what {@link DurableLog#delete} does. */
    CompletionStage<Void> delete(ProtocolException reason) {
        isClosed = true;
        failSealers(reason);
        return durable == null ? CompletableFuture.completedStage(null) : durable.delete();
    }

    private void failSealers(ProtocolException reason) {
        sealers.forEach(publication -> publication.onSealFailed(reason));
        sealers.clear();
    }

    /** Keeps what has been appended, and closes the log. */
    CompletionStage<Void> close() {
        if (durable == null || isClosed) {
            return CompletableFuture.completedStage(null);
        }
        isClosed = true;
        return durable.close();
    }

    // What the log tells the topic.

    @Override
    public void onOpened(@Nullable KeptLog kept) {
        Steps.execute(
                topic.turn().loop(),
                () -> topic.turn().resume(() -> {
                    if (kept != null) {
                        Steps.guarded(topic.turn().loop(), () -> resume(kept), this::onResumeFailed);
                    }
                }));
    }

    private void resume(KeptLog kept) {
        isSealKept = kept.isSealed();
        toldOffset = kept.nextOffset();
        topic.onKept(kept);
        Objects.requireNonNull(durable).resume(new AppendedBatches(topic.log()));
    }

    /** The log is open, and there is no room for what it keeps: nobody may begin another log in its place. */
    private void onResumeFailed(ProtocolException reason) {
        topic.onOpenFailed(reason);
        close();
    }

    @Override
    public void onOpenFailed(ProtocolException reason) {
        Steps.execute(
                topic.turn().loop(),
                () -> topic.turn().resume(() -> {
                    isClosed = true;
                    topic.onOpenFailed(reason);
                }));
    }

    @Override
    public void onCommitted(long offset) {
        committedOffset = offset;
        commit.ask();
    }

    /** On the thread that has committed: publishers and subscribers hear of it with no change of threads in between. */
    private void commit() {
        if (!isClosed) {
            topic.onCommitted(committedOffset);
        }
    }

    @Override
    public void onSealed() {
        toTurn.execute(() -> {
            isSealKept = true;
            sealers.forEach(Publication::onSealed);
            sealers.clear();
        });
    }

    @Override
    public void onRefused(@Nullable ProtocolException reason) {
        toTurn.execute(() -> {
            topic.onStorageRefused(reason);
            if (reason != null && reason.code() == ErrorCode.STORAGE_FAILED) {
                failSealers(reason);
            }
        });
    }

    @Override
    public void onSurplus(long beforeOffset) {
        toTurn.execute(() -> {
            if (!isClosed) {
                surplusBefore = beforeOffset;
                topic.onMoved();
            }
        });
    }
}
