package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A broker with executors that the test steps by hand. After the test it ends everything and checks that every
 * reference is released.
 */
final class BrokerRig implements AfterEachCallback {
    /** A window of three small batches, and room enough for all else. */
    static final BrokerConfig SMALL = SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, 1 << 20, 10)
            .withBlocking(BlockLimits.DEFAULTS.withMinBlockBytesPerSecond(0));

    final TrackingAllocator allocator = new TrackingAllocator();
    final ManualClock clock = new ManualClock();
    final ManualExecutor topicLoop;
    final ManualExecutor publisherLoop;
    final ManualExecutor sinkLoop;
    final Broker broker;

    /** Where topics are kept; null where they are in memory alone. */
    final @Nullable FakeStorage storage;

    private final Set<ManualExecutor> loops = new LinkedHashSet<>();
    private final List<FakeSink> sinks = new ArrayList<>();

    BrokerRig() {
        this(SMALL);
    }

    /** Creates a rig in which topics, publishers and subscribers each have a loop. */
    BrokerRig(BrokerConfig config) {
        this(config, null);
    }

    /** Creates such a rig whose topics are kept in a storage. */
    BrokerRig(BrokerConfig config, @Nullable FakeStorage storage) {
        this(config, storage, new ManualExecutor(), new ManualExecutor(), new ManualExecutor());
    }

    private BrokerRig(
            BrokerConfig config,
            @Nullable FakeStorage storage,
            ManualExecutor topicLoop,
            ManualExecutor publisherLoop,
            ManualExecutor sinkLoop) {
        this.storage = storage;
        this.topicLoop = topicLoop;
        this.publisherLoop = publisherLoop;
        this.sinkLoop = sinkLoop;
        this.broker = new Broker(config, topicLoop, allocator, clock, storage);
        loops.addAll(List.of(publisherLoop, topicLoop, sinkLoop));
    }

    /** Creates a rig in which topics, publishers and subscribers share one loop. */
    static BrokerRig onOneLoop(BrokerConfig config) {
        ManualExecutor loop = new ManualExecutor();
        return new BrokerRig(config, null, loop, loop, loop);
    }

    /** Returns one more loop that {@link #run()} steps. */
    ManualExecutor newLoop() {
        ManualExecutor loop = new ManualExecutor();
        loops.add(loop);
        return loop;
    }

    /** Runs tasks until none waits on any loop. */
    void run() {
        boolean hasRun = true;
        while (hasRun) {
            hasRun = false;
            for (ManualExecutor loop : List.copyOf(loops)) {
                hasRun |= loop.runAll() > 0;
            }
            if (storage != null && !storage.holdsReads) {
                hasRun |= storage.readers.runAll() > 0;
            }
        }
    }

    /** Runs tasks, also those that other threads hand in, until something is so. */
    void runUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            run();
            Thread.onSpinWait();
        }
    }

    /** Lets time pass on all loops, by the periods in which memory is looked at. */
    void pass(Duration time) {
        for (long tenths = 0; tenths < time.toMillis() / 100; tenths++) {
            loops.forEach(loop -> loop.advance(Duration.ofMillis(100)));
            run();
        }
    }

    /** Publishes so many small batches, and lets each go where it goes before the next. */
    void send(FakePublisher publisher, int batches) {
        for (int i = 0; i < batches; i++) {
            publisher.send(i);
            run();
        }
    }

    /** Begins to publish small batches to {@code topic}. */
    FakePublisher publish(String topic) {
        return publish(new PublishRequest(new TopicName(topic), false, false), Messages.PLAIN);
    }

    FakePublisher publish(String topic, List<IpcField> fields) {
        return publish(new PublishRequest(new TopicName(topic), false, false), fields);
    }

    FakePublisher publish(PublishRequest request, List<IpcField> fields) {
        return publish(request, Messages.schema(fields, allocator));
    }

    /** Begins to publish under a schema, which is consumed. */
    FakePublisher publish(PublishRequest request, IpcSchema schema) {
        return publish(request, schema, null);
    }

    /** Begins to publish from a source that counts, where it is not null, under a schema, which is consumed. */
    FakePublisher publish(PublishRequest request, IpcSchema schema, @Nullable Object source) {
        FakePublisher publisher = new FakePublisher(publisherLoop, allocator, source);
        publisher.setPublication(broker.publish(request, schema, publisher));
        return publisher;
    }

    /** Subscribes with {@code on-lag = disconnect} and without an end. */
    FakeSink subscribe(String topic, String from) {
        return subscribe(topic, from, "live", "disconnect");
    }

    FakeSink subscribe(String topic, String from, String until, String onLag) {
        return subscribe(topic, from, until, onLag, new FakeSink(sinkLoop));
    }

    FakeSink subscribe(String topic, String from, String until, String onLag, FakeSink sink) {
        return subscribe(topic, from, until, onLag, null, sink);
    }

    /** Subscribes to some of the columns, without an end; on a loop of its choice. */
    FakeSink subscribe(String topic, String from, String onLag, String columns, ManualExecutor loop) {
        return subscribe(topic, from, "live", onLag, ColumnNames.parse(columns), new FakeSink(loop));
    }

    private FakeSink subscribe(
            String topic, String from, String until, String onLag, ColumnNames columns, FakeSink sink) {
        SubscribeRequest request = new SubscribeRequest(
                new TopicName(topic),
                StartPosition.parse(from),
                until.equals("live") ? EndPosition.LIVE : EndPosition.parse(until),
                LagPolicy.parse(onLag),
                columns);
        sink.setSubscription(broker.subscribe(request, sink));
        sinks.add(sink);
        return sink;
    }

    /** Subscribes with {@code on-lag = disconnect} and without an end; the caller cancels it. */
    void subscribe(String topic, String from, ChunkSink sink) {
        SubscribeRequest request = new SubscribeRequest(
                new TopicName(topic), StartPosition.parse(from), EndPosition.LIVE, LagPolicy.DISCONNECT, null);
        sink.setSubscription(broker.subscribe(request, sink));
    }

    /** Subscribes with a sink that keeps what it gets, and runs until it has begun. */
    FakeSink hoard(String topic, String onLag) {
        FakeSink sink = new FakeSink(sinkLoop);
        sink.hoards = true;
        subscribe(topic, "latest", "live", onLag, sink);
        run();
        return sink;
    }

    /** Returns what a subscriber gets of all that the topic holds. */
    List<String> held(String topic) {
        run();
        FakeSink sink = subscribe(topic, "earliest", "end", "disconnect");
        run();
        return sink.lines;
    }

    /** Returns the topic of a name that a publisher or subscriber has found. */
    Topic topic(String name) {
        SubscribeRequest request = new SubscribeRequest(
                new TopicName(name), StartPosition.LATEST, EndPosition.LIVE, LagPolicy.DISCONNECT, null);
        TopicSubscription subscription = broker.subscribe(request, new FakeSink(sinkLoop));
        run();
        sinkLoop.execute(subscription::cancel);
        run();
        return subscription.topic();
    }

    List<TopicStatus> list(String prefix) {
        TopicListing listing = broker.list(prefix);
        List<TopicStatus> all = new ArrayList<>();
        do {
            CompletionStage<List<TopicStatus>> page = listing.next();
            run();
            all.addAll(page.toCompletableFuture().join());
        } while (listing.hasNext());
        return all;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
        LeakDetection.check();
    }

    /** Ends everything and checks that nothing is left. */
    void close() {
        allocator.setExhausted(false);
        if (storage != null) {
            storage.goOn();
        }
        run();
        broker.drain();
        run();
        sinks.stream().filter(sink -> !sink.isOver()).forEach(FakeSink::cancel);
        sinks.forEach(FakeSink::send); // what they hoard
        run();
        CompletionStage<Void> closed = broker.close();
        run();
        assertThat(closed).isCompleted();
        assertThat(allocator.usedBytes()).isZero();
        assertThat(broker.usedMemoryBytes()).isZero();
        if (storage != null) {
            assertThat(storage.openReaders).isZero();
        }
    }
}
