package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.FieldMatch;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A topic: its schema, its log, its publications and subscriptions. It has no schema until its first publisher comes;
 * subscriptions wait for that.
 *
 * <p>Confined to its turn, except where a method says otherwise.
 */
final class Topic {
    private final TopicName name;
    private final Broker broker;
    private final TopicTurn turn;
    private final Commits commits;
    private final TopicLog log;
    private final Window window;
    private final BackPressure backPressure;
    private final TopicCounts counts;
    private final MemoryShare share;
    private final TopicMemory memory;
    private final Publications publications;
    private final TopicSchema schema;
    private final Audience audience;
    private final Producers producers;
    private final EmptyTopicTimer emptyTimer;
    private final TopicState state;

    /** Creates a topic that {@link #open} follows. Where this throws, the storage knows nothing of it. */
    Topic(TopicName name, Broker broker, EventExecutor loop) {
        this.name = name;
        this.broker = broker;
        this.turn = new TopicTurn(loop);
        TopicConfig config = broker.config().topic(name);
        this.counts = new TopicCounts(broker.counters());
        this.memory = new TopicMemory(broker.memory());
        BlockRoom room = new BlockRoom(config.windowBytes(), broker.memory());
        this.commits = new Commits(this, config, broker.storage());
        this.log = new TopicLog(room, memory, broker, turn, !commits.isDurable());
        this.backPressure = new BackPressure(turn, broker.config().blocking(), broker.memory(), this::onMoved);
        this.share = broker.newTopicShare();
        this.schema = new TopicSchema(share, broker.allocator());
        this.audience = new Audience(this, schema);
        this.window = new Window(config, log, backPressure, this, audience::wake);
        this.producers = new Producers(broker.config().topics(), share, turn::nanos);
        this.emptyTimer = new EmptyTopicTimer(
                turn, broker.config().topics().emptyTopicAge(), this::isEmpty, this::onEmptyForLong);
        this.publications = new Publications(loop);
        this.state = new TopicState(name);
    }

    /** Opens what is kept of the topic; it answers nobody before. */
    void open() {
        commits.open();
    }

    /** Runs a task in the topic's turn, now or later. For any thread. */
    void execute(Runnable task) {
        turn.execute(task);
    }

    /** Returns what the tasks of the topic run in. For any thread. */
    TopicTurn turn() {
        return turn;
    }

    /** Returns whether somebody has published here. For any thread. */
    boolean hasSchema() {
        return schema.isThere();
    }

    /** Returns whether this topic waits for its subscriptions that block to move on. For any thread. */
    boolean isAwaiting() {
        return backPressure.isAwaited();
    }

    TopicName name() {
        return name;
    }

    Broker broker() {
        return broker;
    }

    /** Returns what counts that which passes through here. For any thread. */
    TopicCounts counts() {
        return counts;
    }

    /** Returns what counts the batches and dictionaries of the topic, wherever they are. For any thread. */
    TopicMemory memory() {
        return memory;
    }

    /** Returns the log. */
    TopicLog log() {
        return log;
    }

    /** Returns what commits what is appended to the log. */
    Commits commits() {
        return commits;
    }

    // Publishers.

    /** Takes a publication or refuses it; the schema is consumed. */
    void onPublish(Publication publication, IpcSchema published) {
        publications.add(publication);
        emptyTimer.stop();
        try {
            publication.guarded(() -> admit(publication, published));
        } finally {
            published.release();
        }
    }

    /** Takes a publication; the schema is borrowed. */
    private void admit(Publication publication, IpcSchema published) {
        state.requireOpen();
        state.requireWritable();
        if (!producers.knows(publication.request().producer())) { // which may not have heard that the topic is sealed
            state.requireUnsealed();
        }
        publications.requireRoom(publication, window.bytes());
        boolean isFirst = !hasSchema();
        List<IpcField> fields = (isFirst ? published : schema.get()).fields();
        Map<Long, Long> dictionaryIds = FieldMatch.dictionaryIds(fields, published.fields());
        publication.claim(producers);
        if (isFirst) {
            schema.take(published, () -> broker.onSchema(this));
        }
        try {
            if (isFirst) {
                commits.onSchema(schema.get());
            }
            publication.accept(dictionaryIds, fields);
        } finally {
            if (isFirst) { // also where this publisher fails: the topic has a schema
                audience.beginAll(state.isSealed());
            }
        }
    }

    /** Throws {@code TOPIC_SEALED} where nothing more may be appended. */
    void requireUnsealed() {
        state.requireUnsealed();
    }

    /** Returns what appends to the log. */
    Window window() {
        return window;
    }

    /** There is no other way to memory: these subscriptions, which block, hold nothing any more. */
    void letGoOf(List<TopicSubscription> subscriptions) {
        backPressure.remove(subscriptions);
        onMoved();
    }

    /** A publication has messages to append; {@link #wake} follows. */
    void onWaiting(Publication publication) {
        backPressure.enter(publication);
    }

    /** A subscription that blocks has moved on, is gone, or holds nothing any more. */
    void onMoved() {
        backPressure.onMoved();
        window.onMoved();
        commits.dropSurplus(backPressure);
        backPressure.serve();
        wake();
    }

    /** Wakes subscriptions once for all that has been appended: a subscription that is woken early finds little to send. */
    void wake() {
        commits.onAppended();
        audience.onCommitted(log.committedOffset());
    }

    /** Returns dictionaries that are in force here, borrowed: the newest batch's, and those of some publishers. */
    Stream<StreamHead> heads() {
        return Stream.concat(Stream.ofNullable(log.newestHead()), publications.heads());
    }

    void onPublicationOver(Publication publication) {
        publications.remove(publication);
        publication.unclaim(producers);
        backPressure.leave(publication);
        leave();
    }

    /** Completes the topic for a publication: no more batches, and subscriptions end after the last one. */
    void seal(Publication publication) {
        try {
            if (!state.isSealed()) {
                state.onSealed();
                publications.refuse(state.sealed());
                audience.end();
            }
        } finally {
            commits.seal(publication);
        }
    }

    // What is kept.

    /** Continues with what is kept. */
    void onKept(KeptLog kept) {
        try {
            schema.take(kept.schema(), () -> broker.onSchema(this));
        } finally {
            kept.schema().release();
        }
        log.resume(kept.id(), kept.nextOffset(), kept.lastTimeMicros());
        audience.resume(kept.nextOffset());
        producers.restore(kept.producers());
        if (kept.isSealed()) {
            state.onSealed();
        }
    }

    /** The log cannot be read: the topic refuses publishers and subscribers. */
    void onOpenFailed(ProtocolException reason) {
        state.onOpenFailed(reason);
    }

    /** Batches before an offset may be read, and need not stay in memory. */
    void onCommitted(long offset) {
        log.commit(offset);
        window.onCommitted();
        publications.onCommitted();
        backPressure.serve();
        wake();
    }

    /** Refuses publishers with a reason from now on; null where they are welcome again. */
    void onStorageRefused(@Nullable ProtocolException reason) {
        state.setStorageRefusal(reason);
        if (reason != null) {
            publications.refuse(reason);
        }
    }

    // Subscribers.

    void onSubscribe(TopicSubscription subscription) {
        audience.add(subscription);
        Steps.guarded(turn.loop(), () -> admit(subscription), subscription::refuse);
    }

    private void admit(TopicSubscription subscription) {
        emptyTimer.stop();
        state.requireOpen();
        if (subscription.request().onLag() == LagPolicy.BLOCK) {
            backPressure.add(subscription);
        }
        if (hasSchema()) {
            audience.begin(subscription, state.isSealed());
        } else if (subscription.request().until().kind() == EndPosition.Kind.END) {
            throw TopicState.notThereYet(name);
        }
    }

    /** It has been looked for where a subscription begins: at an offset, if there is one, or the step throws. */
    void onTimeFound(TopicSubscription subscription, Supplier<OptionalLong> found) {
        Runnable begin = () -> {
            state.requireOpen();
            audience.beginFound(subscription, found.get(), state.isSealed());
        };
        Steps.guarded(turn.loop(), begin, subscription::refuse);
    }

    void onUnsubscribed(TopicSubscription subscription) {
        if (audience.remove(subscription)) {
            backPressure.remove(List.of(subscription));
            leave();
            if (isAwaiting()) {
                onMoved();
            }
        }
    }

    // Its end.

    /** Somebody who has attended the topic is gone. */
    void leave() {
        broker.leave(this);
        if (hasSchema() && !state.isDraining() && publications.size() == 0 && audience.size() == 0) {
            emptyTimer.start();
        }
    }

    /** Returns whether there is nothing here to keep. */
    private boolean isEmpty() {
        return commits.isEmpty() && !producers.areExpected();
    }

    /** The topic has been empty for as long as it may be, and goes unless somebody has just come to attend it. */
    private void onEmptyForLong() {
        if (broker.removeIfDeserted(this, () -> commits.delete(state.removed()))) {
            state.onRemoved();
            onClose();
        }
    }

    /** Removes the topic and all that it holds, and ends its publications and subscriptions; done when none of it can come back. */
    CompletionStage<Void> onDelete() {
        state.requireNotDraining();
        if (!hasSchema()) { // any more, or yet
            throw TopicState.unknown(name);
        }
        state.onRemoved();
        CompletionStage<Void> deleted =
                commits.delete(state.removed()); // first: another of this name has a log of that name
        broker.remove(this);
        publications.refuse(state.removed());
        audience.cut(state.removed());
        onClose();
        return deleted;
    }

    // The broker.

    /** Returns how the topic is now; nothing where what is kept of it cannot be read. */
    Optional<TopicStatus> status() {
        return state.hasOpenFailed() ? Optional.empty() : Optional.of(newStatus());
    }

    private TopicStatus newStatus() {
        DurableLog.Extent extent = commits.extent();
        return new TopicStatus(
                name,
                schema.text(),
                extent.firstOffset(),
                log.committedOffset(),
                extent.batches(),
                extent.rows(),
                extent.bytes(),
                publications.size(),
                audience.size(),
                state.isSealed(),
                counts.totals());
    }

    /** Refuses what is new and lets subscriptions end after what is held now. */
    void onDrain() {
        state.onDraining();
        ProtocolException reason = Broker.shuttingDown();
        publications.refuse(reason);
        if (!hasSchema()) {
            audience.refuse(reason);
        }
        audience.end();
    }

    /** Nobody attends the topic, which has no schema, and nobody will: another takes its place. */
    void onForgotten() {
        commits.close();
        onClose();
    }

    /** Releases all that the topic holds. */
    void onClose() {
        emptyTimer.stop();
        backPressure.stop();
        window.close();
        share.close();
        schema.release();
    }
}
