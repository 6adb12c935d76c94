package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.FieldMatch;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.SubscriptionStart;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A topic: its schema, its log, who publishes and who subscribes. It has no schema until its first publisher comes;
 * subscriptions wait for that.
 *
 * <p>Confined to its loop, except where a method says otherwise.
 */
final class Topic {
    private static final IpcMetadataEdit STRIP = new IpcMetadataEdit("bowstring.", Map.of());

    /** In how many publishers' dictionaries those of another are looked for, beside the newest batch's. */
    private static final int MAX_HEADS_LOOKED_AT = 64;

    private final TopicName name;
    private final Broker broker;
    private final EventExecutor loop;
    private final BatchMarker marker;
    private final Log log;
    private final Window window;
    private final Holders holders;
    private final TopicCounts counts;
    private final MemoryShare share;
    private final TopicMemory memory;
    private final Set<Publication> publications = new LinkedHashSet<>();
    private final PublicationLine line = new PublicationLine();
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final Producers producers;
    private final EmptyTimer emptyTimer;
    private final Map<EventExecutor, SubscriptionGroup> groups = new HashMap<>();
    private final Selections selections = new Selections();
    private volatile @Nullable IpcSchema schema;
    private String fieldsText = "";
    private boolean isSealed;
    private boolean isDraining;
    private boolean isRemoved;

    Topic(TopicName name, Broker broker, EventExecutor loop) {
        this.name = name;
        this.broker = broker;
        this.loop = loop;
        TopicConfig config = broker.config().topic(name);
        this.memory = new TopicMemory(broker.memory());
        this.marker = new BatchMarker(config.windowBytes(), memory, broker.allocator());
        WakeUp trimming = new WakeUp(loop, this::onProjected);
        this.log = new Log(marker, new ProjectionMeter(config.windowBytes(), memory, trimming::ask));
        this.holders = new Holders(
                loop,
                broker.config().blocking().blockTimeout(),
                broker.config().blocking().minBlockBytesPerSecond(),
                this::isWaitedFor,
                this::onMoved);
        this.window = new Window(config, log, holders, this, this::wakeSubscriptions);
        this.share = broker.newTopicShare();
        this.producers = new Producers(broker.config().topics(), share, window::nowNanos);
        this.emptyTimer = new EmptyTimer(loop, broker.config().topics().emptyTopicAge(), this::isEmpty, this::onOld);
        this.counts = new TopicCounts(broker.counters());
    }

    /** Runs a task on the topic's loop; at once where that is the caller's. For any thread. */
    void execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            Steps.execute(loop, task);
        }
    }

    /** Runs a step on the topic's loop; returns what it returns, or fails with a {@link ProtocolException}. For any thread. */
    <T> CompletableFuture<T> ask(Supplier<T> step) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> Steps.guarded(loop, () -> answer.complete(step.get()), answer::completeExceptionally));
        return answer;
    }

    /** As {@link #ask(Supplier)}. */
    CompletableFuture<Void> ask(Runnable step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable whole = () -> {
            step.run();
            done.complete(null);
        };
        execute(() -> Steps.guarded(loop, whole, done::completeExceptionally));
        return done;
    }

    /** Returns the topic's loop. For any thread. */
    EventExecutor loop() {
        return loop;
    }

    /** Returns whether somebody has published here. For any thread. */
    boolean hasSchema() {
        return schema != null;
    }

    /** Returns whether this topic waits for its subscriptions that block to move on. For any thread. */
    boolean isAwaiting() {
        return holders.isAwaited();
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

    /** Returns what counts that which the topic keeps beside its log. For any thread. */
    MemoryShare share() {
        return share;
    }

    /** Returns the log; only its {@code oldest()} is for any thread. */
    Log log() {
        return log;
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
        requireOpen(publication);
        requireRoom(publication);
        IpcSchema present = schema;
        List<IpcField> fields = present == null ? published.fields() : present.fields();
        Map<Long, Long> dictionaryIds = FieldMatch.dictionaryIds(fields, published.fields());
        publication.claim(producers);
        if (present == null) {
            takeSchema(published);
        }
        publication.accept(dictionaryIds, fields);
        if (present == null) {
            List.copyOf(subscriptions)
                    .forEach(subscription -> Steps.guarded(loop, () -> begin(subscription), subscription::refuse));
        }
    }

    /** Makes a publisher's schema, borrowed, the topic's. */
    private void takeSchema(IpcSchema published) {
        long chargedBytes = SchemaBytes.of(published);
        fieldsText = TopicStatus.describe(published.fields());
        share.charge("schema", chargedBytes);
        try {
            schema = published.retain().edited(STRIP, broker.allocator());
        } catch (RuntimeException | OutOfMemoryError e) {
            share.release(chargedBytes);
            throw e;
        }
    }

    /** A producer may publish to a sealed topic what it had published before: it may not have heard of it. */
    private void requireOpen(Publication publication) {
        if (isDraining) {
            throw Broker.shuttingDown();
        }
        if (isRemoved) {
            throw removed();
        }
        if (!producers.knows(publication.request().producer())) {
            requireUnsealed();
        }
    }

    /** Throws {@code TOPIC_SEALED} where nothing more may be appended. */
    void requireUnsealed() {
        if (isSealed) {
            throw sealed();
        }
    }

    private ProtocolException sealed() {
        return ProtocolException.of(ErrorCode.TOPIC_SEALED, "topic", name, "one that is not sealed");
    }

    /** Publishers may come and go while a subscription blocks: what they leave behind is bounded by the window's size. */
    private void requireRoom(Publication newcomer) {
        long windowBytes = window.bytes();
        long orphanedBytes = publications.stream()
                .filter(publication -> !newcomer.fences(publication)) // what waits of that one is dropped
                .mapToLong(Publication::orphanedBytes)
                .sum();
        if (orphanedBytes > windowBytes) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED, "bytes that wait for a subscription", orphanedBytes, "<= " + windowBytes);
        }
    }

    /**
     * Appends a batch, unless that would push a batch out of the window that a blocking subscription still needs; then
     * nothing is pushed out.
     *
     * @param batch consumed where the result is true
     * @param followingBytes what the small batches count for that are about to follow
     * @return whether it was appended
     */
    boolean tryAppend(IpcRecordBatch batch, StreamHead head, long weightBytes, long followingBytes) {
        if (!window.tryMakeRoom(weightBytes)) {
            marker.onHeldUp();
            return false;
        }
        // Not of what has been replaced before it was appended: that is free, and others should not pay for it.
        broker.reclaimer().onAppend(Math.min(weightBytes, Publication.weightBytes(batch) + head.heldBytes()));
        counts.onAppended(batch.rowCount(), batch.frameBytes());
        log.append(batch, head, weightBytes, followingBytes, broker.nowMicros(), window.nowNanos());
        window.onAppended();
        return true;
    }

    /** Lets subscriptions deliver what has been appended, and notice what has been evicted. */
    private void wakeSubscriptions() {
        groups.values().forEach(SubscriptionGroup::wake);
    }

    private boolean isWaitedFor() {
        return !line.isEmpty() || broker.memory().isShort();
    }

    /** Memory is wanted; returns how much of it has left the log, in bytes. */
    long onReclaim(long bytes, boolean sparesNewest) {
        MemoryBudget budget = broker.memory();
        return window.reclaim(bytes, budget.grantedTopicBytes() / 2, sparesNewest, budget.isShort());
    }

    /** Projections have been kept, and count in the window. */
    private void onProjected() {
        window.trim();
    }

    /** There is no other way to memory: the subscriptions that block and hold most hold nothing any more. */
    void letGoOfHolders() {
        holders.letGoBefore(memory.held().beforeOffset());
        onMoved();
    }

    /** A publication has messages to append. */
    void onWaiting(Publication publication) {
        long before = log.nextOffset();
        line.enter(publication);
        wakeSince(before);
    }

    /** A subscription that blocks has moved on, is gone, or holds nothing any more. */
    void onMoved() {
        long before = log.nextOffset();
        holders.onMoved();
        window.onMoved();
        line.serve();
        holders.onWaitOver();
        wakeSince(before);
    }

    /** Wakes subscriptions once for all that has been appended: a subscription that is woken early finds little to send. */
    private void wakeSince(long offset) {
        if (log.nextOffset() > offset) {
            wakeSubscriptions();
        }
    }

    long nextOffset() {
        return log.nextOffset();
    }

    /** Returns what a message, borrowed, counts for among those that may share a buffer. */
    long smallBytes(IpcMessage message) {
        return message instanceof IpcRecordBatch batch && marker.isSmall(batch) ? Publication.weightBytes(batch) : 0;
    }

    /** Returns dictionaries that are in force here, borrowed: the newest batch's, and those of some publishers. */
    Stream<StreamHead> heads() {
        Stream<StreamHead> published =
                publications.stream().limit(MAX_HEADS_LOOKED_AT).map(Publication::head);
        return Stream.concat(Stream.ofNullable(log.newestHead()), published);
    }

    void onPublicationOver(Publication publication) {
        publications.remove(publication);
        marker.endRun();
        publication.unclaim(producers);
        line.leave(publication);
        holders.onWaitOver();
        leave();
    }

    /** Completes the topic: no more batches, and subscriptions end behind the last one. */
    void seal() {
        if (!isSealed) {
            isSealed = true;
            refuseAll(sealed());
            endSubscriptions();
        }
    }

    private void refuseAll(ProtocolException reason) {
        forEach(publications, publication -> publication.refuse(reason));
    }

    /** Takes a step for each who is there now; a fault in one is for the log alone. */
    private <T> void forEach(Set<T> attending, Consumer<T> step) {
        for (T each : List.copyOf(attending)) {
            Steps.guarded(loop, () -> step.accept(each), failure -> {});
        }
    }

    // Subscribers.

    void onSubscribe(Subscription subscription) {
        subscriptions.add(subscription);
        Steps.guarded(loop, () -> admit(subscription), subscription::refuse);
    }

    private void admit(Subscription subscription) {
        emptyTimer.stop();
        if (subscription.request().onLag() == LagPolicy.BLOCK) {
            holders.add(subscription);
        }
        if (isDraining) {
            subscription.refuse(Broker.shuttingDown());
        } else if (isRemoved) {
            subscription.refuse(removed());
        } else if (hasSchema()) {
            begin(subscription);
        } else if (subscription.request().until().kind() == EndPosition.Kind.END) {
            subscription.refuse(ProtocolException.of(
                    ErrorCode.UNKNOWN_TOPIC, "topic", name, "an existing topic with bowstring.until = end"));
        }
    }

    private void begin(Subscription subscription) {
        SubscribeRequest request = subscription.request();
        CursorRange range = CursorRange.of(request, log, isSealed);
        long from = range.from();
        IpcSelection selection = selections.attend(request.columns(), Objects.requireNonNull(schema));
        subscription.setSelection(selection); // first, so that it is given up however the subscription ends
        IpcSchema selected = selection == null ? schema() : selection.select(schema(), broker.allocator());
        SubscriptionStart mark = new SubscriptionStart(name, log.id(), from);
        IpcSchema start = selected.edited(mark.toEdit(), broker.allocator());
        subscription.begin(start, log.before(from), from, range.until());
        groups.computeIfAbsent(subscription.executor(), SubscriptionGroup::new).add(subscription);
    }

    /** Returns the topic's schema with a reference for an edit to consume. */
    private IpcSchema schema() {
        return Objects.requireNonNull(schema).retain();
    }

    void onUnsubscribed(Subscription subscription) {
        if (subscriptions.remove(subscription)) {
            holders.remove(subscription);
            selections.leave(subscription.selection());
            SubscriptionGroup group = groups.get(subscription.executor());
            if (group != null && group.remove(subscription)) {
                groups.remove(subscription.executor());
            }
            leave();
            if (isAwaiting()) {
                onMoved();
            }
        }
    }

    private void endSubscriptions() {
        subscriptions.forEach(subscription -> subscription.endAt(log.nextOffset()));
        wakeSubscriptions();
    }

    // Its end.

    /** One who attended the topic is gone. */
    private void leave() {
        broker.leave(this);
        if (hasSchema() && !isDraining && publications.isEmpty() && subscriptions.isEmpty()) {
            emptyTimer.start();
        }
    }

    /** Returns whether there is nothing here to keep. */
    private boolean isEmpty() {
        return log.size() == 0 && !producers.areExpected();
    }

    /** The topic has been empty for long. */
    private void onOld() {
        if (broker.removeIfDeserted(this)) {
            isRemoved = true;
            onClose();
        }
    }

    /** Removes the topic and all that it holds, and ends those who attend it. */
    void onDelete() {
        if (isDraining) {
            throw Broker.shuttingDown();
        }
        if (!hasSchema()) { // any more, or yet
            throw unknown(name);
        }
        isRemoved = true;
        broker.remove(this);
        refuseAll(removed());
        forEach(subscriptions, subscription -> subscription.cutUnlessOver(removed()));
        onClose();
    }

    static ProtocolException unknown(TopicName name) {
        return ProtocolException.of(ErrorCode.UNKNOWN_TOPIC, "topic", name, "one that somebody has published to");
    }

    private ProtocolException removed() {
        return ProtocolException.of(ErrorCode.UNKNOWN_TOPIC, "topic", name, "one that has not been deleted");
    }

    // The broker.

    TopicStatus status() {
        return new TopicStatus(
                name,
                fieldsText,
                log.firstOffset(),
                log.nextOffset(),
                log.size(),
                log.rows(),
                log.bytes(),
                publications.size(),
                subscriptions.size(),
                isSealed,
                counts.totals());
    }

    /** Refuses what is new and lets subscriptions end behind what is held now. */
    void onDrain() {
        isDraining = true;
        ProtocolException reason = Broker.shuttingDown();
        refuseAll(reason);
        if (!hasSchema()) {
            forEach(subscriptions, subscription -> subscription.refuse(reason));
        }
        endSubscriptions();
    }

    /** Releases all that the topic holds. */
    void onClose() {
        emptyTimer.stop();
        holders.stop();
        window.close();
        share.close();
        IpcSchema present = schema;
        schema = null;
        if (present != null) {
            present.release();
        }
    }
}
