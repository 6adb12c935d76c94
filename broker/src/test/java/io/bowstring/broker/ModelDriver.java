package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/**
 * Publishers and subscribers who do at random what they can, on a broker whose loops run their tasks in random order. All
 * that the broker does is held against {@link ReferenceTopic} at once; and now and then everything comes to rest, when
 * nothing may be left undone.
 *
 * <p>Confined to the test's thread.
 */
final class ModelDriver {
    final TrackingAllocator allocator = new TrackingAllocator();
    final ModelHistory history;
    final Broker broker;

    /** Null where topics are in memory alone. */
    private final ModelStorage storage;

    private final Map<String, Integer> seen;
    private final SplittableRandom random;
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
    private int steps;

    /**
     * Creates a driver with a broker of its own.
     *
     * @param seen counts what has happened, by name
     */
    ModelDriver(long seed, Map<String, Integer> seen) {
        this.seen = seen;
        random =
                new SplittableRandom(seed); // java.util.Random draws nearly the same for seeds that are near each other
        history = ModelHistory.draw(random);
        topicLoop = new ManualExecutor();
        publisherLoop = history.isOneLoop() ? topicLoop : new ManualExecutor();
        sinkLoops = history.isOneLoop()
                ? List.of(topicLoop)
                : List.of(new ManualExecutor(), new ManualExecutor(), topicLoop);
        LinkedHashSet<ManualExecutor> all = new LinkedHashSet<>(sinkLoops);
        all.add(publisherLoop);
        storage = ModelStorage.draw(this, seed);
        if (storage != null) {
            all.add(storage().readers);
        }
        loops = List.copyOf(all);
        broker = new Broker(history.config(), topicLoop, allocator, clock, storage());
        openTopics();
        for (int i = random.nextInt(6); i > 0; i--) {
            if (random.nextBoolean()) {
                openPublisher();
            } else {
                openSubscriber();
            }
        }
        saw(history.isOneLoop() ? "one loop" : "many loops");
    }

    private void openTopics() {
        while (openTopics.size() < history.topics()) {
            ModelTopic topic = new ModelTopic(this, "t" + topics.size(), ModelColumns.drawKinds(random));
            topics.add(topic);
            openTopics.add(topic);
        }
    }

    /** Lives through all of it. */
    void run() {
        for (; steps < history.steps(); steps++) {
            step();
        }
        finish();
    }

    /** Returns how many steps have been done. */
    int steps() {
        return steps;
    }

    /** Returns where topics are kept, null where they are in memory alone. */
    FakeStorage storage() {
        return storage == null ? null : storage.storage;
    }

    private void step() {
        if (storage != null) {
            storage.step(topics);
        }
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
            passTime();
        } else if (dice < 60) {
            holdTurn();
        } else if (dice < 97) {
            run(1 + random.nextInt(6));
        } else {
            rest();
        }
    }

    /** Lets time pass: that of the machine, which may also go back, and that of the loops. */
    private void passTime() {
        topics.forEach(ModelTopic::observe); // by the time of day that was
        nowMicros += random.nextInt(200) - 50;
        clock.setMicros(nowMicros);
        topics.forEach(ModelTopic::observe); // what has left until now has left by the time that was
        topicLoop.advance(Duration.ofMillis(random.nextInt(20)));
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
        int dictionary = random.nextInt(ModelColumns.DICTIONARIES);
        boolean isOwn = history.texts() > 1 && random.nextInt(3) == 0;
        String text = Long.toString(isOwn ? value : random.nextInt(history.texts()), 36);
        publisherLoop.execute(() -> {
            if (!publisher.maySend()) {
                return;
            }
            if (dice == 0) {
                publisher.sendDictionary(dictionary, false, text);
            } else if (dice < 3) {
                publisher.sendDictionary(dictionary, true, text);
            } else if (dice < 5) {
                publisher.sendRun(value, 1 + rows % 4);
            } else {
                publisher.sendBatch(value, rows, isMarked);
            }
        });
    }

    private void openPublisher() {
        ModelTopic topic = any(openTopics);
        if (publishers.size() < history.publishers()) {
            String kinds = isRarely() ? ModelColumns.drawKinds(random) : topic.kinds;
            ModelColumns columns = ModelColumns.draw(kinds, random);
            ModelPublisher publisher = new ModelPublisher(this, topic, columns, random.nextInt(6) == 0);
            publishers.add(publisher);
            publisherLoop.execute(publisher::begin);
        }
    }

    private void endPublisher() {
        ModelPublisher publisher = any(publishers);
        boolean inOrder = random.nextBoolean();
        if (publisher != null) {
            publisherLoop.execute(() -> {
                if (inOrder && publisher.maySend()) {
                    publisher.end(true);
                } else if (!inOrder && publisher.mayAbort()) {
                    publisher.end(false);
                }
            });
        }
    }

    private void openSubscriber() {
        if (subscribers.size() < history.subscribers()) {
            ModelTopic topic = any(openTopics);
            SubscribeRequest request = ModelRequest.draw(topic, history.policies(), random);
            int credit = random.nextInt(6);
            ModelSubscriber subscriber = new ModelSubscriber(this, topic, request, any(sinkLoops), credit);
            subscribers.add(subscriber);
            later(subscriber.executor(), subscriber::begin);
        }
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
            if (storage != null) {
                topics.forEach(ModelTopic::observe);
            }
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
        if (storage != null) {
            storage.rest(topics);
        }
        while (loops.stream().anyMatch(loop -> loop.waitingTasks() > 0)) {
            run(1 + random.nextInt(10));
        }
        topics.forEach(ModelTopic::rest);
        publishers.removeIf(ModelPublisher::isOver);
        subscribers.removeIf(ModelSubscriber::isOver);
        if (!isDraining) {
            checkTimers();
            if (isRarely()) {
                checkList();
            }
        }
        openTopics.removeIf(topic -> topic.reference.isSealed() && random.nextBoolean());
        openTopics();
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

    private void checkTimers() {
        int timers = topicLoop.timers();
        boolean isLeast =
                timers >= topics.stream().mapToInt(ModelTopic::leastTimers).sum();
        boolean isMost =
                timers <= topics.stream().mapToInt(ModelTopic::mostTimers).sum();
        require(isLeast && isMost, "timers run where they must, and no others: " + timers, topics);
    }

    /** Stops the broker; then nothing may be left. */
    private void finish() {
        rest();
        isDraining = true;
        topics.forEach(topic -> topic.reference.seal());
        broker.drain();
        rest();
        if (storage != null) {
            storage.commitAll(topics);
            rest();
            storage().goOn();
        }
        require(publishers.isEmpty(), "all publishers are refused", publishers);
        subscribers.forEach(subscriber -> later(
                subscriber.executor(), random.nextBoolean() ? subscriber::cancel : () -> subscriber.grant(1_000)));
        rest();
        require(subscribers.isEmpty(), "all subscriptions have ended", subscribers);
        CompletionStage<Void> closed = broker.close();
        topicLoop.runAll();
        require(closed.toCompletableFuture().isDone(), "it is closed", closed);
        require(topicLoop.timers() == 0, "no timer runs", topicLoop.timers());
        require(broker.usedMemoryBytes() == 0, "nothing counts any more", broker.usedMemoryBytes());
        require(allocator.usedBytes() == 0, "all buffers are released", allocator.usedBytes());
    }

    /** Counts what has happened. */
    void saw(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    /** Returns the time of day. */
    long nowMicros() {
        return nowMicros;
    }

    /** Returns the time of the topics' loop. */
    long nowNanos() {
        return topicLoop.ticker().nanoTime();
    }

    boolean isDraining() {
        return isDraining;
    }

    boolean isRarely() {
        return random.nextInt(8) == 0;
    }
}
