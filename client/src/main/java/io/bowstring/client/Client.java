package io.bowstring.client;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.DeleteRequest;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.VectorConfig;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to a server and subscribes to its topics, over a connection for each publisher and each subscription, which is
 * made again when it is lost.
 *
 * <p>Owns its publishers and subscriptions, and event loop and allocator where the configuration has none. Thread-safe. What
 * blocks must not be called on the event loops, and throws {@code IllegalStateException} there.
 */
public final class Client implements AutoCloseable {
    /** How long calls of subscribers may last before closing does not wait for them any more. */
    private static final long PUSH_CLOSE_SECONDS = 10;

    private final ClientConfig config;
    private final Connector connector;
    private final BufferAllocator allocator;
    private final VectorConfig vectors;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private final OpenBatches batches = new OpenBatches();

    /** Of the subscribers that are called, while this is being closed. */
    private final Queue<CompletableFuture<Void>> closing = new ConcurrentLinkedQueue<>();

    private volatile boolean isClosed;

    private Client(ClientConfig config, Connector connector) {
        this.config = config;
        this.connector = connector;
        this.vectors =
                VectorConfig.DEFAULTS.withMaxDecompressedBytes(config.limits().maxDecompressedBytes());
        BufferAllocator given = config.allocator();
        this.allocator = given == null
                ? new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE)
                : given;
    }

    /**
     * Creates a client of a server at {@code bowstring://HOST:PORT} or {@code bowstring+unix:PATH}, with the defaults.
     *
     * @throws ClientException as {@link #connect(ClientConfig)}; if the text is no such address
     */
    public static Client connect(String url) throws InterruptedException {
        return connect(ClientConfig.of(url));
    }

    /**
     * Creates a client; blocks until a connection shows that there is a server. If there is none, it tries again where {@link
     * ReconnectConfig#triesAtStart} says so, and tells the listener of a connection named {@code client}.
     *
     * @throws ClientException if there is none
     * @throws IllegalArgumentException if the event loops are neither of NIO nor of epoll
     * @throws IllegalStateException if Arrow's memory cannot be used on this JVM; the message says what would help
     */
    public static Client connect(ClientConfig config) throws InterruptedException {
        if (Thread.interrupted()) { // which a wait for what is there already does not see
            throw new InterruptedException("interrupted before connecting");
        }
        Connector connector = new Connector(config);
        try {
            connector.requireMayBlock();
            FirstConnection.await(connector, config);
            return new Client(config, connector);
        } catch (InterruptedException | RuntimeException e) {
            connector.close();
            throw e;
        }
    }

    /** Returns what vectors are accounted in; borrowed. Those that are filled from it share Netty's pool with the sockets. */
    public BufferAllocator allocator() {
        return allocator;
    }

    /**
     * Opens a publisher of vectors without dictionaries, with the defaults, as the one with a {@link PublisherConfig} does.
     *
     * @throws RefusedException {@code BAD_TOPIC_NAME} if that is no name of a topic
     */
    public Publisher publisher(String topic, Schema schema) throws InterruptedException {
        return publisher(PublisherConfig.of(topic), schema);
    }

    /** Opens a publisher of vectors without dictionaries, as the one with a {@link DictionaryProvider} does. */
    public Publisher publisher(PublisherConfig publisher, Schema schema) throws InterruptedException {
        return publisher(publisher, schema, new DictionaryProvider.MapDictionaryProvider());
    }

    /**
     * Opens a publisher of vectors; blocks until the server takes batches.
     *
     * @param schema of the batches as they are in memory, encoded fields with the type of their indices
     * @param dictionaries that encoded fields refer to; borrowed until the publisher is closed
     * @throws RefusedException if the server refuses the stream
     * @throws ClientException if there is no connection to be had, the topic has the first number already, this client has been
     *     closed, or a dictionary has unions in its values
     * @throws IllegalArgumentException if a field refers to a dictionary that there is not
     */
    public Publisher publisher(PublisherConfig publisher, Schema schema, DictionaryProvider dictionaries)
            throws InterruptedException {
        BatchWriter writer = newWriter(publisher, schema, dictionaries);
        return new Publisher(open(publisher, writer.schema(), writer::close), writer);
    }

    private static BatchWriter newWriter(PublisherConfig publisher, Schema schema, DictionaryProvider dictionaries) {
        try {
            return new BatchWriter(schema, dictionaries, publisher.writer(), ByteBufAllocator.DEFAULT);
        } catch (IpcException e) {
            throw new ClientException("cannot be published: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a publisher of messages; blocks until the server takes batches.
     *
     * @param schema of the stream; consumed
     * @throws RefusedException if the server refuses the stream
     * @throws ClientException if there is no connection to be had, or this client has been closed
     */
    public MessagePublisher messagePublisher(PublisherConfig publisher, IpcSchema schema) throws InterruptedException {
        return open(publisher, schema, () -> {});
    }

    /** Consumes the schema; {@code onClosed} runs once, also where this throws. */
    private MessagePublisher open(PublisherConfig publisher, IpcSchema schema, Runnable onClosed)
            throws InterruptedException {
        IpcSchema head = schema.edited(publisher.newRequest().toEdit(), ByteBufAllocator.DEFAULT);
        Link link;
        try {
            connector.requireMayBlock();
            requireOpen();
            link = new Link("publisher of " + publisher.topic(), connector, config);
        } catch (RuntimeException e) {
            head.release();
            onClosed.run();
            throw e;
        }
        InFlight inFlight = new InFlight(publisher.maxInFlightBytes());
        PublishSession session = new PublishSession(link, inFlight, publisher, head);
        Registration registration = new Registration(onClosed);
        MessagePublisher opened = new MessagePublisher(session, inFlight, connector, registration::end);
        try {
            registration.begin(opened);
            opened.open(publisher.numbering());
            return opened;
        } catch (InterruptedException | RuntimeException e) {
            registration.end();
            session.close(new ClientException("the publisher has not been opened"));
            throw e;
        }
    }

    /**
     * Subscribes to what is published from now on, as {@link #subscribe(SubscribeRequest)} does.
     *
     * @throws RefusedException {@code BAD_TOPIC_NAME} if that is no name of a topic
     */
    public Subscription subscribe(String topic) {
        return subscribe(SubscribeRequest.of(TopicNames.parse(topic).value()));
    }

    /**
     * Subscribes, for a thread that waits for batches; does not block. A refusal is thrown by the first call that waits.
     *
     * @throws ClientException if this client has been closed
     */
    public Subscription subscribe(SubscribeRequest request) {
        String source = "topic " + request.topic();
        return open(request, messages -> new Subscription(messages, source, batches, allocator, vectors));
    }

    /**
     * Subscribes a subscriber, which is called when batches come: with as many as it asks for, each <i>owned</i>, one after
     * another, on an event loop, which it must not block. Does not block. The subscriber is told the end of a sealed topic, or
     * of what the request wants, by {@code onComplete}, and everything else by {@code onError}: all that {@link
     * Subscription#next()} throws, and that this client has been closed.
     *
     * @param subscriber of the rules of {@link Flow.Subscriber}; its subscription's methods are for any thread, and throw a {@link
     *     ClientException} where the user's event loop is full
     * @throws ClientException if this client has been closed
     */
    public void subscribe(SubscribeRequest request, Flow.Subscriber<? super ReceivedBatch> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        requireOpen();
        Link link = new Link("subscription to " + request.topic(), connector, config);
        Registration registration = new Registration(() -> {});
        String source = "topic " + request.topic();
        PushSink sink = new PushSink(
                link,
                subscriber,
                new BatchReader(allocator, vectors),
                batch -> batches.open(batch, source),
                registration::end);
        SubscribeSession session =
                new SubscribeSession(link, request, config.reconnect().isOn(), sink);
        registration.begin(() -> closing.add(sink.close(closed())));
        registration.execute(link, () -> {
            sink.begin();
            link.open(session);
        });
    }

    /**
     * Subscribes as {@link #subscribe(SubscribeRequest, Flow.Subscriber)} does, for a subscriber that may block: it is called
     * on threads of an executor, never by two at once. At most one batch is on its way to it. If the executor refuses a call,
     * the subscription ends, and the subscriber hears neither {@code onError} nor {@code onComplete}.
     *
     * @param executor borrowed until the subscription has ended
     * @throws ClientException if this client has been closed
     */
    public void subscribe(
            SubscribeRequest request, Flow.Subscriber<? super ReceivedBatch> subscriber, Executor executor) {
        Objects.requireNonNull(subscriber, "subscriber");
        Objects.requireNonNull(executor, "executor");
        Registration registration = new Registration(() -> {});
        HandedSubscriber handed = new HandedSubscriber(subscriber, executor, registration::end);
        registration.begin(() -> closing.add(handed.close(closed())));
        try {
            subscribe(request, handed);
        } catch (RuntimeException | Error e) {
            registration.end();
            throw e;
        }
    }

    /**
     * Returns a topic's batches for a library of reactive streams, such as Reactor or RxJava. Each subscriber has a subscription
     * of its own, as of {@link #subscribe(SubscribeRequest, Flow.Subscriber)}, and hears by {@code onError} that this client has
     * been closed. A library that drops batches must close them: Reactor does so where {@code
     * doOnDiscard(ReceivedBatch.class, ReceivedBatch::close)} stands at the end of the chain.
     */
    public Flow.Publisher<ReceivedBatch> flow(SubscribeRequest request) {
        return new TopicFlow(this, request);
    }

    /**
     * Subscribes, for a thread that waits for messages; does not block. A refusal is thrown by the first call that waits.
     *
     * @throws ClientException if this client has been closed
     */
    public MessageSubscription messageSubscription(SubscribeRequest request) {
        return open(request, messages -> messages);
    }

    /**
     * Asks for the table of topics whose names begin with a prefix; does not block. Its columns are those of {@code
     * bowstring.list}, in docs/reference/protocol.md.
     *
     * @throws ClientException if this client has been closed
     */
    public Subscription topics(String prefix) {
        requireOpen();
        Link link = new Link("list of topics", connector, config);
        Inbox inbox = new Inbox(link, connector);
        LinkOwner session = new ListSession(link, new ListRequest(prefix), inbox);
        return open(
                link,
                inbox,
                session,
                messages -> new Subscription(messages, "the list of topics", batches, allocator, vectors));
    }

    /**
     * Removes a topic with all that it holds; does not block. Its publishers are refused, its subscriptions are cut and wait
     * for the next topic of that name.
     *
     * @return done when the topic is gone, on an event loop; fails with a {@link ClientException}: {@link RefusedException},
     *     {@code UNKNOWN_TOPIC} for example, or {@link ConnectionLostException} where it is not known whether it is gone
     * @throws RefusedException {@code BAD_TOPIC_NAME} if that is no name of a topic
     * @throws ClientException if this client has been closed
     */
    public CompletableFuture<Void> deleteTopic(String topic) {
        requireOpen();
        DeleteRequest request = new DeleteRequest(TopicNames.parse(topic));
        Link link = new Link("deletion of " + topic, connector, config);
        CompletableFuture<Void> done = new CompletableFuture<>();
        Registration registration = new Registration(() -> {});
        done.whenComplete((nothing, failure) -> registration.end());
        registration.begin(() -> link.execute(() -> link.fail(closed())));
        registration.execute(link, () -> link.open(new DeleteSession(link, request, done)));
        return done;
    }

    private <T extends AutoCloseable> T open(SubscribeRequest request, Function<MessageSubscription, T> view) {
        requireOpen();
        Link link = new Link("subscription to " + request.topic(), connector, config);
        Inbox inbox = new Inbox(link, connector);
        return open(
                link,
                inbox,
                new SubscribeSession(link, request, config.reconnect().isOn(), inbox),
                view);
    }

    private <T extends AutoCloseable> T open(
            Link link, Inbox inbox, LinkOwner session, Function<MessageSubscription, T> view) {
        Registration registration = new Registration(() -> {});
        T subscription = view.apply(new MessageSubscription(inbox, link, registration::end));
        registration.begin(subscription);
        registration.execute(link, () -> link.open(session));
        return subscription;
    }

    private void requireOpen() {
        if (isClosed) {
            throw closed();
        }
    }

    private static ClientException closed() {
        return new ClientException("the client has been closed");
    }

    /**
     * Closes publishers, all at once and as {@link Publisher#close} does, then subscriptions, then what else this client owns;
     * blocks. A subscriber that is called may end the call that is under way, for 10 s at most, and is told by {@code onError}.
     * Batches that were received from this client must have been closed before, if the allocator is its own. Idempotent.
     *
     * @throws ClientException if it is not known of all published batches that they are in their topics; all is closed then
     * @throws IllegalStateException on an event loop of the client; if the allocator is its own, and a batch has not been
     *     closed: the message names its topic and offset; it may be closed yet, and the client then closed again; also if other
     *     memory of the allocator has not been released
     */
    @Override
    public void close() {
        connector.requireMayBlock();
        isClosed = true;
        long deadlineNanos = System.nanoTime() + connector.timeouts().close().toNanos();
        List<AutoCloseable> publishers = new ArrayList<>();
        List<AutoCloseable> others = new ArrayList<>();
        for (AutoCloseable each : open) {
            if (!(each instanceof MessagePublisher publisher)) {
                others.add(each);
            } else if (publisher.beginClose()) {
                publishers.add(() -> publisher.endClose(deadlineNanos));
            }
        }
        RuntimeException failure = null;
        for (List<AutoCloseable> all : List.of(publishers, others)) {
            for (AutoCloseable each : all) {
                failure = close(each, failure);
            }
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new))
                .completeOnTimeout(null, PUSH_CLOSE_SECONDS, TimeUnit.SECONDS)
                .join();
        connector.close();
        if (config.allocator() == null) {
            failure = close(this::closeAllocator, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void closeAllocator() {
        batches.requireNone();
        allocator.close();
    }

    /** Returns what is thrown in the end: what this adds, or what it was before. */
    private static @Nullable RuntimeException close(AutoCloseable each, @Nullable RuntimeException failure) {
        try {
            each.close();
            return failure;
        } catch (Exception e) {
            RuntimeException added = e instanceof RuntimeException known
                    ? known
                    : new ClientException(String.valueOf(e.getMessage()), e);
            if (failure != null) {
                added.addSuppressed(failure);
            }
            return added;
        }
    }

    /** The place of a publisher or subscription among those that are open. Thread-safe. */
    private final class Registration {
        private final Runnable onEnd;
        private volatile AutoCloseable registered = () -> {};

        /** Creates a place; {@code onEnd} runs once. */
        Registration(Runnable onEnd) {
            this.onEnd = onEnd;
        }

        void begin(AutoCloseable opened) {
            registered = opened;
            open.add(opened);
            if (isClosed) { // meanwhile, and may not have seen this one
                end();
                throw closed();
            }
        }

        /** Runs a task on the loop of what is registered; where that takes no more, throws, and the place is free. */
        void execute(Link link, Runnable task) {
            try {
                link.execute(task);
            } catch (RuntimeException | Error e) {
                end();
                throw e;
            }
        }

        void end() {
            if (open.remove(registered)) {
                onEnd.run();
            }
        }
    }
}
