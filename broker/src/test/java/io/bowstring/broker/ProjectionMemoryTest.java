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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Projections count in the window and in the memory, and the log keeps few of them. */
class ProjectionMemoryTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(new BrokerConfig(32 << 10, 10, 1 << 20, 1 << 20, 10));

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
    void makesAProjectionOnceForAllWhoWantIt() {
        send(1);
        rig.run();
        long whole = bytes();
        FakeSink first = subscribe("b");
        rig.run();
        long withOne = bytes();

        FakeSink second = subscribe("b");
        FakeSink third = rig.subscribe("t", "earliest", "disconnect", "b", rig.newLoop());
        rig.run();

        assertThat(withOne).isBetween(whole + Block.OVERHEAD_BYTES, whole + 2_000);
        assertThat(bytes()).isEqualTo(withOne);
        assertThat(List.of(first.lines, second.lines, third.lines))
                .containsOnly(List.of("start 0", "batch 0 = 11", "flush"));
        subscribe("b,a");
        rig.run();
        assertThat(bytes()).isGreaterThan(withOne);
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

    @Test
    void makesNoneForBatchesThatNobodyReads() {
        FakeSink sink = subscribe("b");
        sink.credit = 1;
        send(1);
        send(2);
        rig.run();
        long withOne = bytes();

        sink.grant(1);
        rig.run();

        assertThat(sink.lines).contains("batch 1 = 12");
        assertThat(bytes()).isGreaterThan(withOne);
    }

    @Test
    void countsProjectionsInTheWindowAndDropsThemWithTheirBatch() {
        subscribe("b");
        rig.run();
        for (int i = 0; i < 200; i++) {
            send(i);
            rig.run();
            assertThat(bytes()).isLessThan((32 << 10) + 4_000); // one batch and its projection more
        }
        long retained = rig.list("t").get(0).batches();
        FakePublisher plain = rig.publish("plain", ThreeColumns.FIELDS);
        for (int i = 0; i < 200; i++) {
            plain.send(ThreeColumns.batch(i, rig.allocator));
            rig.run();
        }

        assertThat(retained).isBetween(5L, rig.list("plain").get(0).batches() - 3);
    }

    private static final int MANY = 100;

    /** The nodes and the buffers of a projection of so many columns. */
    private static final long HEAD_BYTES = (MANY - 1) * 3L * 16;

    /** As many orders as three columns have, but for their own. */
    private static final List<String> ORDERS = List.of(
            "a", "b", "c", "a,b", "b,a", "a,c", "c,a", "b,c", "c,b", "a,c,b", "b,a,c", "b,c,a", "c,a,b", "c,b,a");

    @Test
    void keepsNoMoreThanTheWindowHasRoomForWhereNothingIsAppended() {
        for (int i = 0; i < 20; i++) {
            send(i);
        }
        rig.run();
        List<FakeSink> sinks = ORDERS.stream().map(this::subscribe).toList();
        rig.run();

        assertThat(bytes()).isLessThanOrEqualTo(32 << 10);
        assertThat(sinks)
                .allSatisfy(sink -> assertThat(sink.lines).contains("flush").noneMatch(line -> line.startsWith("cut")));
    }

    @Test
    void countsProjectionsInTheMemory() {
        send(1);
        rig.run();
        long before = rig.broker.usedMemoryBytes();
        long heldBefore = bytes();

        subscribe("b,a");
        rig.run();

        assertThat(rig.broker.usedMemoryBytes() - before).isPositive().isEqualTo(bytes() - heldBefore);
    }

    @Test
    void keepsNoneWhileMemoryIsTight() {
        BrokerRig tight = new BrokerRig(
                new BrokerConfig(1 << 20, 10, 1 << 20, 1 << 20, 10).withMemoryBytes(100 * Messages.BATCH_WEIGHT));
        FakeSink holder = new FakeSink(tight.sinkLoop);
        holder.credit = 0;
        tight.subscribe("t", "earliest", "live", "block", holder);
        FakePublisher filling = tight.publish("t", ThreeColumns.FIELDS);
        while (tight.broker.usedMemoryBytes() < 76 * Messages.BATCH_WEIGHT) {
            filling.send(ThreeColumns.batch(1, rig.allocator));
            tight.run();
        }
        long before = tight.broker.usedMemoryBytes();

        FakeSink part = tight.subscribe("t", "earliest", "disconnect", "b", tight.sinkLoop);
        tight.run();

        assertThat(part.lines).contains("batch 0 = 11");
        assertThat(tight.broker.usedMemoryBytes()).isEqualTo(before);
        tight.close();
    }

    @Test
    void keepsNoMoreThanSomeProjectionsOfABatch() {
        List<IpcField> fields = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fields.add(IpcField.of("f" + i, false, IpcType.INT64));
        }
        BrokerRig large = new BrokerRig(new BrokerConfig(1 << 20, 10, 1 << 20, 1 << 20, 10));
        FakePublisher wide = large.publish("wide", fields);
        wide.send(Messages.batch(20, 7, large.allocator));
        long bytes = 0;
        for (int i = 0; i < 20; i++) {
            FakeSink sink = large.subscribe("wide", "earliest", "disconnect", "f" + i, large.sinkLoop);
            large.run();
            assertThat(sink.lines).containsExactly("start 0", "batch 0 = 7", "flush");
            long now = large.list("wide").get(0).bytes();
            assertThat(now > bytes).isEqualTo(i < Projections.MAX_PER_BATCH);
            bytes = now;
        }
        large.close();
    }

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
    void countsWhatItDoesNotKeepUntilItIsSent() {
        BrokerRig many = new BrokerRig(new BrokerConfig(4 * HEAD_BYTES, 10, 1 << 20, 1 << 20, 10));
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
    void countsWhatHasLeftTheLogUntilItIsSent() {
        BrokerRig many = new BrokerRig(new BrokerConfig(1 << 20, 10, 1 << 20, 1 << 20, 10)
                .withTopic(TopicConfig.DEFAULTS.withWindowBatches(1)));
        FakePublisher wide = publishMany(many);
        long whole = many.list("many").get(0).bytes();
        FakeSink sink = hoardOfMany(many, 1);
        sink.credit = 1;
        many.run();
        assertThat(many.list("many").get(0).bytes()).isGreaterThan(whole + HEAD_BYTES); // the projection is kept
        wide.send(Messages.batch(MANY, 8, many.allocator));
        many.run();
        assertThat(many.list("many").get(0).bytes()).isEqualTo(whole);
        long before = many.broker.usedMemoryBytes();

        sink.send();

        assertThat(before - many.broker.usedMemoryBytes()).isGreaterThan(whole + HEAD_BYTES);
        many.close();
    }

    @Test
    void isMadeForReadersOnSeveralThreads() {
        IpcSchema schema = Messages.schema(ThreeColumns.FIELDS, rig.allocator);
        List<IpcSelection> selections = List.of(
                IpcSelection.of(schema, List.of(0)),
                IpcSelection.of(schema, List.of(1)),
                IpcSelection.of(schema, List.of(2, 1)));
        StreamHead head = new StreamHead();
        TopicMemory memory = new TopicMemory(new MemoryBudget(1 << 20, () -> {}));
        ProjectionMeter meter = new ProjectionMeter(1 << 20, memory, () -> {});
        for (int i = 0; i < 300; i++) {
            Block block = Block.of(i, head, ThreeColumns.batch(i, rig.allocator));
            block.add(1, 1, 0);
            long offset = i;
            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                readers.add(CompletableFuture.runAsync(() -> selections.forEach(selection ->
                        block.projected(offset, selection, rig.allocator, meter).release())));
            }
            readers.forEach(CompletableFuture::join);
            assertThat(block.heldBytes(i) - 1).isEqualTo(meter.bytes()).isBetween(3 * 640L, 6_000L);
            block.release();
            assertThat(meter.bytes()).isZero();
            assertThat(memory.usedBytes()).isZero();
        }
        head.release();
        schema.release();
    }

    @Test
    void leavesNothingWhereItCannotBeCounted() {
        MemoryBudget budget = new MemoryBudget(1, () -> {
            throw new RejectedExecutionException("full");
        });
        ProjectionMeter meter = new ProjectionMeter(1 << 20, new TopicMemory(budget), () -> {});
        IpcSchema schema = Messages.schema(ThreeColumns.FIELDS, rig.allocator);
        IpcSelection selection = IpcSelection.of(schema, List.of(1));
        IpcRecordBatch batch = ThreeColumns.batch(1, rig.allocator);

        assertThatThrownBy(() -> meter.make(selection, batch, rig.allocator))
                .isInstanceOf(RejectedExecutionException.class);

        assertThat(budget.usedBytes()).isZero();
        assertThat(batch.refCnt()).isOne();
        batch.release();
        schema.release(); // the rig sees what else there is
    }

    @Test
    void cutsWhoPinsWholeBodiesOfWhichItGetsAColumn() {
        BrokerRig wide = new BrokerRig(new BrokerConfig(1 << 20, 10, 1 << 20, 1 << 20, 10)
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
