package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.codec.IpcType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Projections are made for each subscription, and count in the memory until they are sent. */
class ProjectionMemoryTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(32 << 10, 10, 1 << 20, 1 << 20, 10));

    private final FakePublisher publisher = rig.publish("t", ThreeColumns.FIELDS);

    /** Sends a batch of one row that has {@code value}, 10 more and 20 more. */
    private void send(long value) {
        publisher.send(ThreeColumns.batch(value, rig.allocator));
    }

    private FakeSink subscribe(String columns) {
        return rig.subscribe("t", "earliest", "disconnect", columns, rig.sinkLoop);
    }

    private long bytes() {
        return rig.list("t").get(0).bytes();
    }

    @Test
    void doNotCountInTheWindow() {
        send(1);
        rig.run();
        long whole = bytes();
        long used = rig.broker.usedMemoryBytes();

        List<FakeSink> sinks = List.of(
                subscribe("b"), subscribe("b"), rig.subscribe("t", "earliest", "disconnect", "b", rig.newLoop()));
        rig.run();

        assertThat(sinks).extracting(sink -> sink.lines).containsOnly(List.of("start 0", "batch 0 = 11", "flush"));
        assertThat(bytes()).isEqualTo(whole);
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(used); // they have been sent
    }

    @Test
    void makesNoneWhereAllColumnsAreWantedInTheirOrder() {
        send(1);
        rig.run();
        long whole = bytes();
        long used = rig.allocator.usedBytes();

        FakeSink all = subscribe("a,b,c");
        rig.run();

        assertThat(all.lines).containsExactly("start 0", "batch 0 = 1", "flush");
        assertThat(bytes()).isEqualTo(whole);
        assertThat(rig.allocator.usedBytes()).isEqualTo(used);
    }

    private static final int MANY = 100;

    /** The nodes and the buffers of a projection of so many columns. */
    private static final long HEAD_BYTES = (MANY - 1) * 3L * 16;

    /** Subscribes to all but the first of many columns, each time in another order, with a sink that keeps what it gets. */
    private static FakeSink hoardOfMany(BrokerRig many, int turn) {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i < MANY; i++) {
            columns.add("f" + i);
        }
        Collections.rotate(columns, turn);
        FakeSink sink = many.subscribe("many", "earliest", "drop", String.join(",", columns), many.sinkLoop);
        sink.hoards = true;
        return sink;
    }

    private static FakePublisher publishMany(BrokerRig many) {
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
        }
        FakePublisher wide = many.publish("many", fields).send(Messages.batch(MANY, 7, many.allocator));
        many.run();
        return wide;
    }

    @Test
    void countUntilTheyAreSent() {
        BrokerRig many = new BrokerRig(SmallBrokers.config(4 * HEAD_BYTES, 10, 1 << 20, 1 << 20, 10));
        publishMany(many);
        long windowBytes = many.list("many").get(0).bytes();
        long before = many.broker.usedMemoryBytes();

        List<FakeSink> sinks =
                IntStream.range(0, 20).mapToObj(turn -> hoardOfMany(many, turn)).toList();
        many.run();

        assertThat(sinks).allSatisfy(sink -> assertThat(sink.lines).hasSize(3).contains("flush"));
        assertThat(many.list("many").get(0).bytes()).isEqualTo(windowBytes);
        assertThat(many.broker.usedMemoryBytes() - before).isGreaterThanOrEqualTo(20 * HEAD_BYTES);
        sinks.forEach(FakeSink::send);
        many.run();
        assertThat(many.broker.usedMemoryBytes()).isEqualTo(before);
        many.close();
    }

    @Test
    void countUntilTheyAreSentWhereTheirBatchHasLeftTheLog() {
        BrokerRig many = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10)
                .withTopic(TopicConfig.DEFAULTS.withWindowBatches(1)));
        FakePublisher wide = publishMany(many);
        long whole = many.list("many").get(0).bytes();
        FakeSink sink = hoardOfMany(many, 1);
        sink.credit = 1;
        many.run();
        wide.send(Messages.batch(MANY, 8, many.allocator));
        many.run();
        assertThat(many.list("many").get(0).bytes()).isEqualTo(whole);
        long before = many.broker.usedMemoryBytes();

        sink.send();

        assertThat(before - many.broker.usedMemoryBytes()).isGreaterThan(whole + HEAD_BYTES);
        many.close();
    }

    @Test
    void leaveNothingWhereTheyCannotBeCounted() {
        MemoryBudget budget = new MemoryBudget(1, () -> {
            throw new RejectedExecutionException("full");
        });
        TopicMemory memory = new TopicMemory(budget);
        IpcSchema schema = Messages.schema(ThreeColumns.FIELDS, rig.allocator);
        IpcSelection selection = IpcSelection.of(schema, List.of(1));
        IpcRecordBatch batch = ThreeColumns.batch(1, rig.allocator);

        assertThatThrownBy(() -> memory.counted(
                        onFree -> selection.select(batch, onFree, rig.allocator), WaitingMessages::weightBytes))
                .isInstanceOf(RejectedExecutionException.class);

        assertThat(budget.usedBytes()).isZero();
        assertThat(batch.refCnt()).isZero();
        schema.release(); // the rig sees what else there is
    }

    @Test
    void cutsWhoPinsWholeBodiesOfWhichItGetsAColumn() {
        BrokerRig wide = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10)
                .withTopic(TopicConfig.DEFAULTS.withWindowBatches(1))
                .withMemoryBytes(2 << 20));
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
        }
        FakePublisher wides = wide.publish("wide", fields);
        FakeSink sink = wide.subscribe("wide", "latest", "drop", "f7", wide.sinkLoop);
        sink.hoards = true;
        wide.run();
        while (!wide.broker.memory().isShort()) {
            wides.send(Messages.batch(64, 100, 1, wide.allocator));
            wide.run();
        }
        assertThat(sink.pendingBytes()).isLessThan(wide.broker.usedMemoryBytes() / 10);

        wide.pass(Duration.ofSeconds(2));

        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
        wide.close();
    }
}
