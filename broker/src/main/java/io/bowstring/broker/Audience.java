package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.SubscriptionStart;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a topic: those that have begun, and those that wait for its schema. Where one fails, it is refused,
 * and no other notices. Confined to the topic's turn.
 */
final class Audience {
    private final Topic topic;
    private final TopicSchema schema;
    private final Set<TopicSubscription> subscriptions = new LinkedHashSet<>();
    private final Map<EventExecutor, SubscriptionGroup> groups = new HashMap<>();

    /** Those for which a time is looked for on disk. Read by any thread. */
    private final Set<TopicSubscription> searching = ConcurrentHashMap.newKeySet();

    /** Subscriptions have been woken for what is before it. */
    private long wokenOffset;

    Audience(Topic topic, TopicSchema schema) {
        this.topic = topic;
        this.schema = schema;
    }

    int size() {
        return subscriptions.size();
    }

    /** Takes one that waits. */
    void add(TopicSubscription subscription) {
        subscriptions.add(subscription);
    }

    /** Begins one that waits, where the topic has a schema; where this throws, it is to be refused. */
    void begin(TopicSubscription subscription, boolean isSealed) {
        DurableLog durable = topic.commits().durable();
        if (durable != null && TimeSearch.isNeeded(topic, subscription.request().from())) {
            searching.add(subscription);
            TimeSearch.begin(
                    topic, durable, subscription, () -> searching.contains(subscription)); // beginFound follows
        } else {
            begin(subscription, range(subscription, isSealed));
        }
    }

    /**
     * Begins one where a time has been found, unless it has gone meanwhile; where this throws, it is to be refused.
     *
     * @param found the offset; empty where no batch on disk is of that time
     */
    void beginFound(TopicSubscription subscription, OptionalLong found, boolean isSealed) {
        if (searching.remove(subscription)) {
            CursorRange range = range(subscription, isSealed);
            long first = topic.commits().firstOffset(); // what is before it may have been dropped meanwhile
            begin(
                    subscription,
                    found.isEmpty() ? range : new CursorRange(Math.max(first, found.getAsLong()), range.until()));
        }
    }

    private CursorRange range(TopicSubscription subscription, boolean isSealed) {
        return CursorRange.of(subscription.request(), topic.log(), topic.commits(), isSealed);
    }

    private void begin(TopicSubscription subscription, CursorRange range) {
        SubscribeRequest request = subscription.request();
        TopicLog log = topic.log();
        long from = range.from();
        IpcSelection selection = selection(request.columns());
        SubscriptionStart mark = new SubscriptionStart(topic.name(), log.id(), from);
        IpcSchema start = start(selection, mark);
        subscription.begin(start, selection, from, range.until());
        try {
            groups.computeIfAbsent(subscription.executor(), SubscriptionGroup::new)
                    .add(subscription);
        } catch (RuntimeException | Error e) { // it never gets it
            start.release();
            throw e;
        }
    }

    /** Returns the selection of some columns; null where it is all of them as they are, as it is where there are no names. */
    private @Nullable IpcSelection selection(@Nullable ColumnNames columns) {
        if (columns == null) {
            return null;
        }
        IpcSelection selection =
                IpcSelection.of(schema.get(), columns.indices(schema.get().fields()));
        return selection.isAll() ? null : selection;
    }

    /** Returns what a subscription begins with, owned; it counts in the memory until it has been sent. */
    private IpcSchema start(@Nullable IpcSelection selection, SubscriptionStart mark) {
        ByteBufAllocator allocator = topic.broker().allocator();
        return topic.memory()
                .counted(
                        onFree -> schema.of(selection)
                                .edited(mark.toEdit(), allocator)
                                .watched(onFree, allocator),
                        WaitingMessages::weightBytes);
    }

    /** Begins all that wait: the topic has just got its schema. */
    void beginAll(boolean isSealed) {
        for (TopicSubscription each : List.copyOf(subscriptions)) {
            Steps.guarded(topic.turn().loop(), () -> begin(each, isSealed), each::refuse);
        }
    }

    /** The log continues at an offset: nobody waits for what is before it. */
    void resume(long nextOffset) {
        wokenOffset = nextOffset;
    }

    /** Batches before an offset may be read: wakes subscriptions once for all that they have not been woken for. */
    void onCommitted(long offset) {
        if (offset > wokenOffset) {
            wake();
            wokenOffset = offset; // last: where somebody could not be woken, all are woken again
        }
    }

    /** Lets subscriptions deliver what has been appended, and notice what has been evicted. */
    void wake() {
        groups.values().forEach(SubscriptionGroup::wake);
    }

    /** Lets all end after what has been appended so far. */
    void end() {
        subscriptions.forEach(subscription -> subscription.endAt(topic.log().appendedOffset()));
        wake();
    }

    /** Refuses all that wait. */
    void refuse(ProtocolException reason) {
        forEach(subscription -> subscription.refuse(reason));
    }

    /** Cuts all that have not come to their end; those that have not begun are refused. */
    void cut(ProtocolException reason) {
        forEach(subscription -> cut(subscription, reason));
    }

    private void cut(TopicSubscription subscription, ProtocolException reason) {
        if (searching.contains(subscription)) {
            subscription.refuse(reason);
        } else {
            subscription.cutUnlessOver(reason);
        }
    }

    private void forEach(Consumer<TopicSubscription> step) {
        for (TopicSubscription each : List.copyOf(subscriptions)) {
            Steps.guarded(topic.turn().loop(), () -> step.accept(each), failure -> {}); // a fault is for the log alone
        }
    }

    /** Lets one go that is over; returns whether it was there. */
    boolean remove(TopicSubscription subscription) {
        searching.remove(subscription);
        if (!subscriptions.remove(subscription)) {
            return false;
        }
        SubscriptionGroup group = groups.get(subscription.executor());
        if (group != null && group.remove(subscription)) {
            groups.remove(subscription.executor());
        }
        return true;
    }
}
