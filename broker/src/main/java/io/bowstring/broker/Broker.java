package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Topics by name. A topic comes into being with its first publisher or subscriber and stays once it has a schema.
 *
 * <p>Thread-safe; no method blocks.
 */
public final class Broker {
    private final BrokerConfig config;
    private final EventExecutorGroup loops;
    private final ByteBufAllocator allocator;
    private final InstantSource clock;
    private final TopicRegistry<Topic> topics;
    private final NewTopics newTopics;
    private final MemoryBudget memory;
    private final Relief relief;
    private final Reclaimer reclaimer;
    private final Counters counters = new Counters();
    private final @Nullable TopicStorage storage;
    private volatile boolean isDraining;

    /**
     * Creates a broker without topics.
     *
     * @param loops what the topics are spread over; outlives the broker, belongs to the caller
     * @param allocator for frames that must be copied
     * @param clock the time of day, for the time of each append
     */
    public Broker(BrokerConfig config, EventExecutorGroup loops, ByteBufAllocator allocator, InstantSource clock) {
        this(config, loops, allocator, clock, null);
    }

    /**
     * Creates a broker without topics; {@link #open} finds those that are kept.
     *
     * @param storage where durable topics are kept; null where all topics are in memory alone. Outlives the broker, belongs to the
     *     caller
     */
    public Broker(
            BrokerConfig config,
            EventExecutorGroup loops,
            ByteBufAllocator allocator,
            InstantSource clock,
            @Nullable TopicStorage storage) {
        this.storage = storage;
        this.config = config;
        this.loops = loops;
        this.allocator = allocator;
        this.clock = clock;
        this.topics = new TopicRegistry<>(config.topics().maxTopics());
        this.newTopics = new NewTopics(config.topics().maxNewTopicsPerMinute(), System::nanoTime);
        this.memory = new MemoryBudget(
                config.memory().memoryBytes(), () -> reclaimer().onShort());
        this.relief = new Relief(memory, counters);
        this.reclaimer = new Reclaimer(memory, loops, relief);
    }

    /**
     * Opens the topics that are kept, several at a time. Each may be attended at once, and answers when it is open. Blocks until all
     * names are known.
     *
     * @return done when all are open, or cannot be opened
     * @throws IOException where the names cannot be found out
     * @throws ProtocolException {@code LIMIT_REACHED} where there are too many topics
     */
    public CompletionStage<Void> open() throws IOException {
        List<CompletableFuture<Void>> opened = new ArrayList<>();
        if (storage != null) {
            for (TopicName name : storage.names()) {
                Topic topic = topics.attend(name, null, () -> newTopic(name));
                topics.list(name, topic);
                opened.add(topic.turn().ask(topic::leave)); // when it is open
            }
        }
        return CompletableFuture.allOf(opened.toArray(CompletableFuture[]::new));
    }

    private Topic newTopic(TopicName name) {
        Topic topic = new Topic(name, this, loops.next());
        topic.open();
        return topic;
    }

    /**
     * Begins a publication. Whether it is refused is heard by the listener; messages may be appended at once.
     *
     * @param schema the publisher's schema; consumed
     * @throws ProtocolException {@code UNKNOWN_TOPIC} where the topic may not be, {@code LIMIT_REACHED} where there are
     *     too many topics, {@code SHUTTING_DOWN}
     */
    public Publication publish(PublishRequest request, IpcSchema schema, PublicationListener listener) {
        Topic topic;
        try {
            topic = attend(request.topic(), listener.source());
        } catch (RuntimeException | Error e) {
            schema.release();
            throw e;
        }
        Publication publication =
                new Publication(topic, request, listener, config.publishers().maxInFlightBytes());
        topic.memory().join(publication);
        try {
            topic.execute(() -> topic.onPublish(publication, schema));
        } catch (RuntimeException | Error e) {
            schema.release();
            topic.memory().leave(publication);
            leave(topic);
            throw e;
        }
        return publication;
    }

    /**
     * Begins a subscription; it waits where the topic has no publisher yet.
     *
     * @throws ProtocolException {@code UNKNOWN_TOPIC} where the topic may not be, {@code LIMIT_REACHED} where there are
     *     too many topics, {@code SHUTTING_DOWN}
     */
    public TopicSubscription subscribe(SubscribeRequest request, SubscriptionSink sink) {
        Topic topic = attend(request.topic(), sink.source());
        TopicSubscription subscription = new TopicSubscription(topic, request, sink);
        try {
            topic.execute(() -> topic.onSubscribe(subscription));
        } catch (RuntimeException | Error e) {
            leave(topic);
            throw e;
        }
        return subscription;
    }

    /** Returns the topics that have a schema and whose names begin with {@code prefix}, in the order of their names. */
    public TopicListing list(String prefix) {
        return new TopicListing(topics, prefix);
    }

    /**
     * Removes a topic and all that it holds: its publishers are refused, its subscriptions are cut. A later publisher
     * makes another topic.
     *
     * @return done when it is removed, also from the disk; fails with a {@link ProtocolException}: {@code UNKNOWN_TOPIC} where nobody
     *     has published to it, {@code SHUTTING_DOWN}, {@code STORAGE_FAILED} where the disk fails, and the topic may come back
     */
    public CompletionStage<Void> delete(TopicName name) {
        Topic topic = topics.find(name);
        if (isDraining) {
            return CompletableFuture.failedFuture(shuttingDown());
        }
        return topic == null ? CompletableFuture.failedFuture(TopicState.unknown(name)) : delete(topic);
    }

    private static CompletionStage<Void> delete(Topic topic) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Runnable step = () -> topic.onDelete().whenComplete((deleted, failure) -> {
            if (failure == null) {
                answer.complete(null);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        topic.execute(() -> Steps.guarded(topic.turn().loop(), step, answer::completeExceptionally));
        return answer;
    }

    /** A topic has a schema from now on. */
    void onSchema(Topic topic) {
        topics.list(topic.name(), topic);
    }

    /** Forgets a topic, also one that somebody attends. */
    void remove(Topic topic) {
        topics.remove(topic.name(), topic);
    }

    /**
     * Forgets a topic unless somebody attends it; returns whether it is forgotten.
     *
     * @param onGone runs where it is, before there can be another of its name; must not throw
     */
    boolean removeIfDeserted(Topic topic, Runnable onGone) {
        return topics.removeIfDeserted(topic.name(), topic, onGone);
    }

    static ProtocolException shuttingDown() {
        return new ProtocolException(ErrorCode.SHUTTING_DOWN, "the server is stopping");
    }

    /** Refuses publishers from now on and ends each subscription, in order, after what its topic holds. */
    public void drain() {
        isDraining = true;
        topics.stream().forEach(topic -> topic.execute(topic::onDrain));
    }

    /**
     * Keeps what is to be kept, and releases what the topics hold; call it after {@link #drain()}, when all publishers and subscribers
     * are gone.
     */
    public CompletionStage<Void> close() {
        return CompletableFuture.allOf(topics.stream()
                .map(topic -> topic.turn()
                        .ask(topic.commits()::close)
                        .thenCompose(kept -> kept)
                        .handle((kept, fault) -> topic.turn().ask(topic::onClose)) // the rest is released all the same
                        .thenCompose(closed -> closed)
                        .exceptionally(fault -> null))
                .toArray(CompletableFuture[]::new));
    }

    /** Returns how much memory all topics hold and all publishers have in flight, sockets included, in bytes. */
    public long usedMemoryBytes() {
        return memory.usedBytes();
    }

    /** Returns whether so much memory is used that no address should get more than a few connections. */
    public boolean isFull() {
        return memory.isFull();
    }

    /** Returns a share of the memory for what one connection of a front end makes it keep; the front end closes it. */
    public MemoryShare newConnectionShare() {
        return new MemoryShare(
                memory,
                "one connection",
                "max-connection-memory",
                config.memory().maxConnectionBytes());
    }

    /** Returns a share of the memory for what a topic keeps beside its log; the topic closes it. */
    MemoryShare newTopicShare() {
        return new MemoryShare(
                memory, "one topic", "max-topic-memory", config.memory().maxTopicBytes());
    }

    MemoryBudget memory() {
        return memory;
    }

    Relief relief() {
        return relief;
    }

    Reclaimer reclaimer() {
        return reclaimer;
    }

    /** Returns what this broker and its front ends have counted so far. */
    public Counters counters() {
        return counters;
    }

    @Nullable
    TopicStorage storage() {
        return storage;
    }

    BrokerConfig config() {
        return config;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** Returns the refusal of a request for which the allocator has no memory. For any thread. */
    public static ProtocolException outOfMemory() {
        return new ProtocolException(ErrorCode.STORAGE_FULL, "the server has no memory left for this");
    }

    /** Returns the refusal of a request that meets a fault of the server. For any thread. */
    public static ProtocolException fault() {
        return new ProtocolException(ErrorCode.INTERNAL, "a fault of the server; its log says more");
    }

    /** Returns a topic that stays at least until {@link #leave}, a new one where there is none. */
    private Topic attend(TopicName name, @Nullable Object source) {
        if (!config.allows(name)) {
            throw ProtocolException.of(ErrorCode.UNKNOWN_TOPIC, "topic", name, "one that the server's topics allow");
        }
        Topic topic = topics.attend(name, source, () -> {
            if (source != null) {
                newTopics.count(source);
            }
            return newTopic(name);
        });
        if (isDraining) { // looked at last: a topic that was not there yet when the others were drained is not kept
            leave(topic);
            throw shuttingDown();
        }
        return topic;
    }

    /** Takes back {@link #attend}; a topic without a schema goes when nobody attends it any more. */
    void leave(Topic topic) {
        if (topics.leave(topic.name(), topic, topic::hasSchema)) {
            topic.execute(topic::onForgotten);
        }
    }
}
