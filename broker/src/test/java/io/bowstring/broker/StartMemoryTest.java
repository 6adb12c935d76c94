package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The schema that a subscription begins with counts in the memory until it has been sent. */
class StartMemoryTest {
    private static final List<IpcField> FIELDS = IntStream.range(0, 100)
            .mapToObj(i -> IpcField.of("f" + i, false, IpcType.INT64))
            .toList();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(new BrokerConfig(1 << 20, 10, 1 << 20, 1 << 20, 10));

    private FakeSink newSink() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.hoardsSchema = true;
        return sink;
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

        List<FakeSink> sinks = IntStream.range(0, 20)
                .mapToObj(i -> rig.subscribe("t", "latest", "live", "drop", newSink()))
                .toList();
        rig.run();

        assertCounted(sinks, before);
    }

    @Test
    void ofATopicThatWasWaitedFor() {
        rig.publish("t", FIELDS);
        rig.run();
        long ofTopic = rig.broker.usedMemoryBytes();
        List<FakeSink> sinks = IntStream.range(0, 20)
                .mapToObj(i -> rig.subscribe("later", "latest", "live", "drop", newSink()))
                .toList();
        rig.run();

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
}
