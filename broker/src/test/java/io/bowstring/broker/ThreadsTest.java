package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * What crosses threads in the broker, with three threads that do it at the same time: Lincheck draws who does what, and
 * repeats each draw many times.
 */
class ThreadsTest {
    private static final TopicName TOPIC = new TopicName("t");

    /** Lincheck switches threads wherever they touch what they share. */
    private static ModelCheckingOptions interleavings() {
        return new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(10)
                .invocationsPerIteration(150);
    }

    private static StressOptions stress() {
        return new StressOptions().threads(3).actorsPerThread(3).iterations(5).invocationsPerIteration(100);
    }

    @Test
    void losesNoWakeUp() {
        interleavings().check(Wake.class);
    }

    @Test
    void letsPublishersGoOnWhoeverFreesMemory() {
        interleavings().check(Budget.class);
    }

    @Test
    void losesNothingBetweenPublisherTopicAndSubscriber() {
        stress().actorsBefore(0).actorsAfter(0).check(HandOver.class);
    }

    /** Each outcome must be that of some order on one thread. */
    @Test
    void attendsAndLeavesTopicsAsIfOneThreadCameAfterAnother() {
        stress().check(Registry.class);
    }

    /** A log that two threads append to, and a loop that reads it when it is woken. */
    public static class Wake {
        private final ConcurrentLinkedQueue<Runnable> loop = new ConcurrentLinkedQueue<>();
        private final AtomicInteger appended = new AtomicInteger();
        private final WakeUp wakeUp = new WakeUp(loop::add, this::read);
        private int seen;

        private void read() {
            seen = appended.get();
        }

        @Operation
        public void append() {
            appended.incrementAndGet();
            wakeUp.ask();
        }

        @Operation(nonParallelGroup = "loop")
        public void run() {
            Runnable task = loop.poll();
            if (task != null) {
                task.run();
            }
        }

        @Validate
        public void allIsSeen() {
            for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
                task.run();
            }
            require(seen == appended.get(), "seen: " + seen + " of " + appended);
        }
    }

    /** Lincheck cannot run AssertJ's assertions. */
    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A publisher, a topic and a subscriber, each with a thread of its own; what may be in flight is two batches. */
    public static class HandOver {
        private static final BrokerConfig CONFIG =
                new BrokerConfig(1 << 20, 1_000, 1 << 20, 2 * Messages.BATCH_WEIGHT, 10);

        private final BrokerRig rig = new BrokerRig(CONFIG);
        private final FakePublisher publisher = rig.publish(new PublishRequest(TOPIC, true, false), Messages.PLAIN);
        private final FakeSink sink = rig.subscribe("t", "earliest");
        private final AtomicInteger sent = new AtomicInteger();

        public HandOver() {
            rig.run();
        }

        @Operation(nonParallelGroup = "publisher")
        public void publish() {
            publisher.send(sent.incrementAndGet());
            rig.publisherLoop.runAll();
        }

        @Operation(nonParallelGroup = "publisher")
        public void publishABurst() {
            publisher.send(sent.incrementAndGet(), sent.incrementAndGet(), sent.incrementAndGet());
            rig.publisherLoop.runAll();
        }

        @Operation(nonParallelGroup = "topic")
        public void append() {
            rig.topicLoop.runAll();
        }

        @Operation(nonParallelGroup = "subscriber")
        public void deliver() {
            rig.sinkLoop.runAll();
        }

        @Validate
        public void allHasArrived() {
            rig.run();
            int batches = sent.get();
            require(count(sink.lines, "batch") == batches, "delivered: " + sink.lines);
            require(count(publisher.lines, "appended") == batches, "acknowledged: " + publisher.lines);
            require(publisher.isReadable, "paused: " + publisher.lines);
            sink.cancel();
            rig.broker.drain();
            rig.run();
            rig.broker.close();
            rig.run();
            require(rig.allocator.usedBytes() == 0, "memory: " + rig.allocator.usedBytes());
        }

        private static int count(List<String> lines, String word) {
            int count = 0;
            for (String line : lines) {
                count += line.startsWith(word) ? 1 : 0;
            }
            return count;
        }
    }

    /** Memory that is short while two messages use it, whoever of three threads takes them and lets them go. */
    public static class Budget {
        private static final long MESSAGE_BYTES = 500;

        private final MemoryBudget memory = new MemoryBudget(1_000, () -> {});
        private final AtomicInteger messages = new AtomicInteger();

        @Operation
        public void take() {
            memory.add(MESSAGE_BYTES);
            messages.incrementAndGet();
        }

        @Operation
        public void letGo() {
            if (messages.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
                memory.remove(MESSAGE_BYTES);
            }
        }

        @Validate
        public void isShortWhereItMustBe() {
            require(memory.isShort() == messages.get() > 1, messages + " messages, short: " + memory.isShort());
        }
    }

    /** Two topics may be there; who attends one keeps it there. */
    @Param(name = "topic", gen = IntGen.class, conf = "0:2")
    public static class Registry {
        private static final List<TopicName> NAMES =
                List.of(new TopicName("t0"), new TopicName("t1"), new TopicName("t2"));
        private static final BrokerConfig TWO_TOPICS = new BrokerConfig(1 << 20, 2, 1, 1, 1);

        private final ManualExecutor loop = new ManualExecutor();
        private final Broker broker =
                new Broker(TWO_TOPICS, loop, UnpooledByteBufAllocator.DEFAULT, InstantSource.system());

        /** Returns whether there is room. */
        @Operation
        public boolean attend(@Param(name = "topic") int topic) {
            try {
                broker.attend(NAMES.get(topic));
                return true;
            } catch (ProtocolException e) {
                return false;
            }
        }

        /** Leaves a topic, where it is there. */
        @Operation
        public void leave(@Param(name = "topic") int topic) {
            broker.leave(new Topic(NAMES.get(topic), broker, loop));
        }
    }
}
