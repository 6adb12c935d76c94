package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.codec.IpcField;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;

/**
 * Publishers and subscribers who do at random what they can, on a broker whose loops run their tasks in random order. All
 * that the broker does is held against {@link ReferenceTopic} at once; and now and then everything comes to rest, when
 * nothing may be left undone.
 *
 * <p>Confined to the test's thread.
 */
final class ModelDriver {
    /** Of a topic at most: one is plain, the others have dictionaries. */
    static final int COLUMNS = 3;

    private static final int TOPICS = 3;
    private static final int PUBLISHERS = 6;
    private static final int SUBSCRIBERS = 10;

    final TrackingAllocator allocator = new TrackingAllocator();
    final BrokerConfig config;
    final Broker broker;

    private final Map<String, Integer> seen;
    private final Random random;
    private final ManualClock clock = new ManualClock();
    private final ManualExecutor topicLoop;
    private final ManualExecutor publisherLoop;
    private final List<ManualExecutor> sinkLoops;
    private final List<ManualExecutor> loops;
    private final List<ModelTopic> topics = new ArrayList<>();
    private final List<ModelTopic> openTopics = new ArrayList<>();
    private final List<ModelPublisher> publishers = new ArrayList<>();
    private final List<ModelSubscriber> subscribers = new ArrayList<>();
    private long nowMicros;
    private long lastValue;
    private boolean isDraining;

    /**
     * Creates a driver with a broker of its own.
     *
     * @param seen counts what has happened, by name
     */
    ModelDriver(long seed, Map<String, Integer> seen) {
        this.seen = seen;
        random = new Random(seed);
        topicLoop = new ManualExecutor();
        boolean isOneLoop = random.nextInt(8) == 0;
        publisherLoop = isOneLoop ? topicLoop : new ManualExecutor();
        sinkLoops = isOneLoop ? List.of(topicLoop) : List.of(new ManualExecutor(), new ManualExecutor(), topicLoop);
        LinkedHashSet<ManualExecutor> all = new LinkedHashSet<>(sinkLoops);
        all.add(publisherLoop);
        loops = List.copyOf(all);
        BrokerConfig byBytes = SmallBrokers.config(
                (2 + random.nextInt(12)) * Messages.BATCH_WEIGHT,
                10_000,
                (3 + random.nextInt(20)) * Messages.DICTIONARY_WEIGHT,
                (3 + random.nextInt(12)) * Messages.BATCH_WEIGHT,
                10);
        TopicConfig byBatches = byBytes.topic().withWindowBatches(1 + random.nextInt(12));
        BrokerConfig byEither = switch (random.nextInt(3)) {
            case 0 -> byBytes; // so few that each batch is a block of its own
            case 1 -> byBytes.withTopic(byBatches);
            default -> byBytes.withTopic(byBatches.withWindowBytes(1 << 20)); // batches share blocks
        };
        config = byEither.withMaxDictionaryDeltas(1 + random.nextInt(6));
        broker = new Broker(config, topicLoop, allocator, clock);
        for (int i = 0; i < TOPICS; i++) {
            openTopic();
        }
    }

    private ModelTopic openTopic() {
        ModelTopic topic = new ModelTopic("t" + topics.size(), config.topic());
        topics.add(topic);
        openTopics.add(topic);
        return topic;
    }

    /** Does something. */
    void step() {
        int dice = random.nextInt(100);
        if (dice < 30) {
            publish();
        } else if (dice < 33) {
            openPublisher();
        } else if (dice < 34) {
            endPublisher();
        } else if (dice < 39) {
            openSubscriber();
        } else if (dice < 41) {
            ModelSubscriber subscriber = any(subscribers);
            later(subscriber == null ? null : subscriber.executor(), () -> subscriber.cancel());
        } else if (dice < 55) {
            grant();
        } else if (dice < 57) {
            nowMicros += random.nextInt(200) - 50;
            clock.setMicros(nowMicros);
        } else if (dice < 60) {
            holdTurn();
        } else if (dice < 97) {
            run(1 + random.nextInt(6));
        } else {
            rest();
        }
    }

    private static void later(EventExecutor executor, Runnable task) {
        if (executor != null) {
            executor.execute(task);
        }
    }

    private <T> T any(List<T> all) {
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private void publish() {
        ModelPublisher publisher = any(publishers);
        if (publisher == null) {
            return;
        }
        long value = lastValue + 1;
        lastValue += 4; // of a run, at most
        int rows = random.nextInt(4) == 0 ? random.nextInt(20) : 1;
        boolean isMarked = isRarely();
        int dice = random.nextInt(8);
        int column = random.nextInt(2);
        String text = Long.toString(random.nextInt(3) == 0 ? value : random.nextInt(2), 36); // others send it, too
        publisherLoop.execute(() -> {
            if (!publisher.maySend()) {
                return;
            }
            if (dice == 0) {
                publisher.sendDictionary(column, false, text);
            } else if (dice < 3) {
                publisher.sendDictionary(column, true, text);
            } else if (dice < 5) {
                publisher.sendRun(value, 1 + rows % 4);
            } else {
                publisher.sendBatch(value, rows, isMarked);
            }
        });
    }

    private void openPublisher() {
        ModelTopic topic = any(openTopics);
        if (publishers.size() < PUBLISHERS) {
            int columns = 1 + topic.name.value().hashCode() % COLUMNS;
            List<IpcField> fields = fields(isRarely() ? 1 + random.nextInt(COLUMNS) : columns);
            ModelPublisher publisher = new ModelPublisher(this, topic, fields, random.nextInt(6) == 0);
            publishers.add(publisher);
            publisherLoop.execute(publisher::begin);
        }
    }

    /** Returns a plain column and others with dictionaries, whose ids are any. */
    private List<IpcField> fields(int columns) {
        List<IpcField> fields = new ArrayList<>(Messages.PLAIN);
        long id = random.nextInt(3);
        while (fields.size() < columns) {
            fields.add(Messages.encoded("s" + fields.size(), id));
            id = id == 0 ? 1 + random.nextInt(2) : id - 1;
        }
        return fields;
    }

    private void endPublisher() {
        ModelPublisher publisher = any(publishers);
        boolean inOrder = random.nextBoolean();
        if (publisher != null) {
            publisherLoop.execute(() -> {
                if (publisher.maySend()) {
                    publisher.end(inOrder);
                }
            });
        }
    }

    private void openSubscriber() {
        if (subscribers.size() < SUBSCRIBERS) {
            ModelTopic topic = any(openTopics);
            long next = topic.reference.next();
            SubscribeRequest request = SubscribeRequest.of(topic.name.value())
                    .from(from(next))
                    .until(until(next))
                    .onLag(any(List.of(LagPolicy.values())));
            int credit = random.nextInt(6);
            ModelSubscriber subscriber = new ModelSubscriber(this, topic, request, any(sinkLoops), credit);
            subscribers.add(subscriber);
            later(subscriber.executor(), subscriber::begin);
        }
    }

    private StartPosition from(long next) {
        return switch (random.nextInt(5)) {
            case 0, 1 -> StartPosition.LATEST;
            case 2 -> StartPosition.EARLIEST;
            case 3 -> StartPosition.last(1 + random.nextInt(12));
            default -> StartPosition.offset(near(next));
        };
    }

    private EndPosition until(long next) {
        return switch (random.nextInt(4)) {
            case 0 -> EndPosition.END;
            case 1 -> EndPosition.before(near(next));
            default -> EndPosition.LIVE;
        };
    }

    private long near(long offset) {
        return Math.max(0, offset + random.nextInt(24) - 12);
    }

    private void grant() {
        ModelSubscriber subscriber = any(subscribers);
        if (subscriber != null) {
            int batches = random.nextInt(12);
            subscriber.executor().execute(() -> {
                if (batches == 0) {
                    subscriber.stall();
                } else {
                    subscriber.grant(batches);
                }
            });
        }
    }

    /** Runs tasks of one loop. */
    private void run(int tasks) {
        ManualExecutor loop = any(loops);
        int left = tasks;
        while (left > 0 && loop.runNext()) {
            left--;
        }
    }

    /** Some thread is at work on a topic while others run tasks: what they have to do with that topic waits. */
    private void holdTurn() {
        ModelPublisher publisher = any(publishers);
        if (publisher != null) {
            int turns = random.nextInt(4); // fewer tasks than one thread does for others
            publisher.inTurn(() -> {
                for (int i = 0; i < turns; i++) {
                    run(1 + random.nextInt(6));
                }
            });
        }
    }

    /** Runs all tasks and checks that nothing is left undone. */
    private void rest() {
        while (loops.stream().anyMatch(loop -> loop.waitingTasks() > 0)) {
            run(1 + random.nextInt(10));
        }
        topics.forEach(ModelTopic::rest);
        publishers.removeIf(ModelPublisher::isOver);
        subscribers.removeIf(ModelSubscriber::isOver);
        if (!isDraining && isRarely()) {
            checkList();
        }
        openTopics.removeIf(topic -> topic.reference.isSealed() && random.nextBoolean());
        while (openTopics.size() < TOPICS) {
            openTopic();
        }
    }

    private void checkList() {
        CompletionStage<List<TopicStatus>> list = broker.list("").next();
        topicLoop.runAll();
        List<TopicStatus> rows = list.toCompletableFuture().join();
        List<ModelTopic> listed = topics.stream()
                .filter(ModelTopic::hasSchema)
                .sorted((a, b) -> a.name.compareTo(b.name))
                .toList();
        require(rows.size() == listed.size(), "all topics that have a schema are listed", rows);
        for (int i = 0; i < rows.size(); i++) {
            listed.get(i).check(rows.get(i));
        }
    }

    /** Stops the broker; then nothing may be left. */
    void finish() {
        rest();
        isDraining = true;
        topics.forEach(topic -> topic.reference.seal());
        broker.drain();
        rest();
        require(publishers.isEmpty(), "all publishers are refused", publishers);
        subscribers.forEach(subscriber -> later(
                subscriber.executor(), random.nextBoolean() ? subscriber::cancel : () -> subscriber.grant(1_000)));
        rest();
        require(subscribers.isEmpty(), "all subscriptions have ended", subscribers);
        CompletionStage<Void> closed = broker.close();
        topicLoop.runAll();
        require(closed.toCompletableFuture().isDone(), "it is closed", closed);
        require(allocator.usedBytes() == 0, "all buffers are released", allocator.usedBytes());
    }

    /** Counts what has happened. */
    void saw(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    long nowMicros() {
        return nowMicros;
    }

    boolean isDraining() {
        return isDraining;
    }

    boolean isRarely() {
        return random.nextInt(8) == 0;
    }
}
