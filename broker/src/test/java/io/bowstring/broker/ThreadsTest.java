package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * What threads share in the broker. Lincheck draws what three of them do, and switches between them wherever they touch
 * what they share. All else crosses threads as tasks of event loops, see {@link BrokerStressTest}.
 */
class ThreadsTest {
    private static final int SCENARIOS = Integer.getInteger("bowstring.scenarios", 10);

    private static ModelCheckingOptions interleavings() {
        return new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(SCENARIOS)
                .invocationsPerIteration(150);
    }

    @Test
    void losesNoWakeUp() {
        interleavings().check(Wake.class);
    }

    @Test
    void letsPublishersGoOnWhoeverFreesMemory() {
        interleavings().check(Budget.class);
    }

    /** Each outcome must be that of some order on one thread. */
    @Test
    void attendsAndLeavesTopicsAsIfOneThreadCameAfterAnother() {
        interleavings().actorsBefore(1).check(Registry.class);
    }

    /** Lincheck cannot run AssertJ's assertions. */
    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A log that three threads append to, and a loop that reads it when it is woken. */
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

    /** Memory that is short while two messages use it, whoever takes them and lets them go. */
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

    /** One topic may be there; who attends it keeps it there. */
    @Param(name = "topic", gen = IntGen.class, conf = "0:1")
    public static class Registry {
        private static final List<TopicName> NAMES = List.of(new TopicName("t0"), new TopicName("t1"));

        private final TopicRegistry<TopicName> topics = new TopicRegistry<>(1);

        /** Returns whether there is room. */
        @Operation
        public boolean attend(@Param(name = "topic") int topic) {
            TopicName name = NAMES.get(topic);
            try {
                return topics.attend(name, null, () -> name).equals(name);
            } catch (ProtocolException e) {
                return false;
            }
        }

        /** Leaves a topic, where it is there. */
        @Operation
        public void leave(@Param(name = "topic") int topic) {
            TopicName name = NAMES.get(topic);
            topics.leave(name, name, () -> false);
        }
    }
}
