package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Subscriptions that want so many columns, each apart from the next, that their batches are copies. */
@ExtendWith(LeakDetection.class)
class CopiedProjectionTest {
    /** Columns of which every other one is wanted: so many pieces that a projection is a copy. */
    private static final int MANY = 600;

    /** What every other one of the {@link #MANY} columns has, of 16 rows each. */
    private static final long COPIED_BYTES = MANY / 2 * 16 * Long.BYTES;

    private static FakePublisher publishMany(BrokerRig many) {
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
        }
        return many.publish("many", fields).send(Messages.batch(16, MANY, 7, many.allocator));
    }

    /** Subscribes to every other one of the columns with a sink that keeps what it gets. */
    private static FakeSink hoardOfMany(BrokerRig many) {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i < MANY; i += 2) {
            columns.add("f" + i);
        }
        FakeSink sink = many.subscribe("many", "earliest", "drop", String.join(",", columns), many.sinkLoop);
        sink.hoards = true;
        return sink;
    }

    @Test
    void countsACopyUntilItIsSent() {
        BrokerRig many = new BrokerRig(SmallBrokers.config(2 * COPIED_BYTES, 10, 1 << 20, 1 << 20, 10));
        publishMany(many);
        many.run();
        long windowBytes = many.list("many").get(0).bytes();
        long before = many.broker.usedMemoryBytes();

        FakeSink first = hoardOfMany(many);
        FakeSink second = hoardOfMany(many);
        many.run();

        assertThat(first.lines).contains("batch 0 = 7");
        assertThat(many.list("many").get(0).bytes()).isEqualTo(windowBytes);
        assertThat(many.broker.usedMemoryBytes() - before)
                .isGreaterThanOrEqualTo(first.pendingBytes() + second.pendingBytes())
                .isGreaterThan(2 * COPIED_BYTES);
        first.send();
        second.cancel();
        many.run();
        assertThat(many.broker.usedMemoryBytes() - before).isLessThan(COPIED_BYTES); // the requests
        many.close();
    }

    @Test
    void countsACopyThatHasLeftTheLogUntilItIsSent() {
        BrokerRig many = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10)
                .withTopic(TopicConfig.DEFAULTS.withWindowBatches(1)));
        FakePublisher wide = publishMany(many);
        FakeSink sink = hoardOfMany(many);
        sink.credit = 1;
        many.run();
        wide.send(Messages.batch(16, MANY, 8, many.allocator));
        many.run();
        long before = many.broker.usedMemoryBytes();

        long pendingBytes = sink.pendingBytes();
        sink.send();

        assertThat(pendingBytes).isGreaterThan(COPIED_BYTES);
        assertThat(before - many.broker.usedMemoryBytes()).isGreaterThanOrEqualTo(pendingBytes);
        many.close();
    }
}
