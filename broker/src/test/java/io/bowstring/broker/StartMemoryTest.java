package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The schema that a subscription begins with counts in the memory until it has been sent. */
class StartMemoryTest {
    private static final List<IpcField> FIELDS = IntStream.range(0, 100)
            .mapToObj(i -> IpcField.of("f" + i, false, IpcType.INT64))
            .toList();

    private static final long MEMORY_BYTES = 1 << 20;
    private static final long SHORT_BYTES = MEMORY_BYTES / 100 * 85;

    @RegisterExtension
    final BrokerRig rig =
            new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10).withMemoryBytes(MEMORY_BYTES));

    private FakeSink newSink() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.hoardsSchema = true;
        return sink;
    }

    private List<FakeSink> subscribe(String topic) {
        List<FakeSink> sinks = IntStream.range(0, 20)
                .mapToObj(i -> rig.subscribe(topic, "latest", "live", "drop", newSink()))
                .toList();
        rig.run();
        return sinks;
    }

    private void assertCounted(List<FakeSink> sinks, long before) {
        long pendingBytes = sinks.stream().mapToLong(FakeSink::pendingBytes).sum();
        assertThat(pendingBytes).isGreaterThan(20 * 100 * 20);
        assertThat(rig.broker.usedMemoryBytes() - before).isGreaterThanOrEqualTo(pendingBytes);
        sinks.forEach(FakeSink::send);
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    @Test
    void ofATopicThatIsThere() {
        rig.publish("t", FIELDS);
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        List<FakeSink> sinks = subscribe("t");

        assertCounted(sinks, before);
    }

    @Test
    void ofATopicThatWasWaitedFor() {
        rig.publish("t", FIELDS);
        rig.run();
        long ofTopic = rig.broker.usedMemoryBytes();
        List<FakeSink> sinks = subscribe("later");

        rig.publish("later", FIELDS);
        rig.run();

        assertCounted(sinks, 2 * ofTopic);
    }

    @Test
    void unlessTheSubscriptionIsOverBefore() {
        rig.publish("t", FIELDS);
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        FakeSink sink = rig.subscribe("t", "latest", "live", "drop", newSink());
        sink.cancel();
        rig.run();

        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    private static void full() {
        throw new RejectedExecutionException("full");
    }

    @Test
    void alsoWhereTheSubscribersLoopIsFull() {
        rig.publish("t", FIELDS);
        rig.run();
        long before = rig.broker.usedMemoryBytes();
        rig.sinkLoop.failOnce(StartMemoryTest::full);
        FakeSink sink = rig.subscribe("t", "latest", "live", "drop", newSink());

        rig.runUntil(() -> !sink.lines.isEmpty());

        assertThat(sink.lines).containsExactly("start 0", "flush");
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(before);
        sink.send();
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    @Test
    void alsoWhereItMakesMemoryShortAndTheTopicsLoopIsFull() {
        FakePublisher publisher = rig.publish("t", FIELDS);
        rig.run();
        publisher.send(Messages.batch(FIELDS.size(), 1, rig.allocator));
        rig.run();
        long before = rig.broker.usedMemoryBytes();
        rig.broker.memory().add(SHORT_BYTES - before);
        FakeSink sink = rig.subscribe("t", "latest", "live", "drop", newSink());
        rig.topicLoop.failOnce(StartMemoryTest::full); // where the window of the topic is to shrink
        rig.run();

        assertThat(sink.lines).containsExactly("start 1", "flush");
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(SHORT_BYTES);
        sink.send();
        rig.broker.memory().remove(SHORT_BYTES - before);
    }
}
