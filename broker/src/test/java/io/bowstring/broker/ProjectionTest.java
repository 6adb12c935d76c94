package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcFieldNode;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ColumnNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that want some of the columns. */
class ProjectionTest {
    private static final List<IpcField> FIELDS = List.of(
            IpcField.of("a", false, IpcType.INT64),
            IpcField.of("b", false, IpcType.INT64),
            IpcField.of("c", false, IpcType.INT64));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(new BrokerConfig(32 << 10, 10, 1 << 20, 1 << 20, 10));

    private final FakePublisher publisher = rig.publish("t", FIELDS);

    /** Sends a batch of one row that has {@code value}, 10 more and 20 more. */
    private void send(long value) {
        publisher.send(batch(value));
    }

    private IpcRecordBatch batch(long value) {
        List<ByteBuf> buffers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            buffers.add(Unpooled.EMPTY_BUFFER);
            buffers.add(Unpooled.buffer().writeLongLE(value + 10 * i));
        }
        return IpcRecordBatch.of(1, Collections.nCopies(3, new IpcFieldNode(1, 0)), buffers, rig.allocator);
    }

    private FakeSink subscribe(String columns) {
        return rig.subscribe("t", "earliest", "disconnect", columns, rig.sinkLoop);
    }

    private long bytes() {
        return rig.list("t").get(0).bytes();
    }

    @Test
    void deliversTheColumnsAskedForInThatOrder() {
        FakeSink b = subscribe("b");
        FakeSink ca = subscribe("c,a");
        send(1);
        send(2);
        rig.run();

        assertThat(b.fields).containsExactly(FIELDS.get(1));
        assertThat(b.lines).containsExactly("start 0", "batch 0 = 11", "batch 1 = 12", "flush");
        assertThat(ca.fields).containsExactly(FIELDS.get(2), FIELDS.get(0));
        assertThat(ca.lines).containsExactly("start 0", "batch 0 = 21", "batch 1 = 22", "flush");
        assertThat(ca.schemaMetadata).containsEntry("bowstring.topic", "t");
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

        assertThat(withOne).isBetween(whole + LogEntry.OVERHEAD_BYTES, whole + 2_000);
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
        FakePublisher plain = rig.publish("plain", FIELDS);
        for (int i = 0; i < 200; i++) {
            plain.send(batch(i));
            rig.run();
        }

        assertThat(retained).isBetween(5L, rig.list("plain").get(0).batches() - 3);
    }

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
        FakePublisher filling = tight.publish("t", FIELDS);
        while (tight.broker.usedMemoryBytes() < 76 * Messages.BATCH_WEIGHT) {
            filling.send(batch(1));
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
            assertThat(now > bytes).isEqualTo(i < Projection.MAX_PER_ENTRY);
            bytes = now;
        }
        large.close();
    }

    @Test
    void tellsOfAGap() {
        FakeSink sink = rig.subscribe("t", "earliest", "drop", "c,b", rig.sinkLoop);
        sink.credit = 0;
        for (int i = 0; i < 100; i++) {
            send(i);
            rig.run();
        }
        long first = rig.list("t").get(0).firstOffset();

        sink.grant(2);
        rig.run();

        assertThat(sink.lines)
                .containsExactly(
                        "start 0",
                        "flush",
                        "batch " + first + " = " + (20 + first) + " gap " + first,
                        "batch " + (first + 1) + " = " + (21 + first),
                        "flush");
        assertThat(sink.positions.get(0).timeMicros())
                .isEqualTo(sink.positions.get(1).timeMicros());
    }

    @Test
    void refusesColumnsThatTheTopicDoesNotHave() {
        FakeSink wrong = subscribe("a,x");
        FakeSink right = subscribe("a");
        rig.run();

        assertThat(wrong.lines).containsExactly("refuse BAD_REQUEST");
        assertThat(wrong.reason).isEqualTo("bowstring.columns: x (expected: a column of the topic, such as a)");
        assertThat(right.lines).containsExactly("start 0", "flush");
    }

    @Test
    void checksColumnsWhenTheSchemaComes() {
        FakeSink wrong = rig.subscribe("later", "earliest", "disconnect", "bb", rig.sinkLoop);
        FakeSink right = rig.subscribe("later", "earliest", "disconnect", "c", rig.sinkLoop);
        rig.run();
        assertThat(wrong.lines).isEmpty();

        rig.publish("later", FIELDS).send(batch(1));
        rig.run();

        assertThat(wrong.reason).isEqualTo("bowstring.columns: bb (expected: a column of the topic, such as b)");
        assertThat(right.lines).containsExactly("start 0", "batch 0 = 21", "flush");
        assertThat(rig.list("later").get(0).subscribers()).isEqualTo(1);
    }

    @Test
    void sendsDictionariesOfItsColumnsAlone() {
        FakePublisher encoded = rig.publish("e", List.of(Messages.encoded("x", 1), Messages.encoded("y", 2)));
        FakeSink x = rig.subscribe("e", "earliest", "disconnect", "x", rig.sinkLoop);
        FakeSink yx = rig.subscribe("e", "earliest", "disconnect", "y,x", rig.sinkLoop);
        encoded.sendDictionary(1, "one").sendDictionary(2, "two").send(Messages.batch(2, 0, rig.allocator));
        encoded.sendDelta(2, "more").send(Messages.batch(2, 1, rig.allocator));
        rig.run();

        assertThat(x.lines).containsExactly("start 0", "dictionary 1 one", "batch 0 = 0", "batch 1 = 1", "flush");
        assertThat(yx.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 1 one",
                        "dictionary 2 two",
                        "batch 0 = 0",
                        "delta 2 more",
                        "batch 1 = 1",
                        "flush");
    }

    @Test
    void cutsOnlyWhomThereIsNoMemoryFor() {
        FakeSink whole = rig.subscribe("t", "earliest");
        FakeSink part = subscribe("b");
        part.credit = 0;
        send(1);
        rig.run();

        rig.allocator.setExhausted(true);
        part.grant(9);
        rig.run();
        rig.allocator.setExhausted(false);

        assertThat(part.lines).containsExactly("start 0", "flush", "cut STORAGE_FULL");
        assertThat(whole.lines).containsExactly("start 0", "batch 0 = 1", "flush");
    }

    @Test
    void forgetsSelectionsThatNobodyHas() {
        IpcSchema schema = Messages.schema(FIELDS, rig.allocator);
        Selections selections = new Selections();
        IpcSelection first = selections.attend(ColumnNames.parse("a,c"), schema);

        assertThat(selections.attend(ColumnNames.parse("\"a\",c"), schema)).isSameAs(first);
        assertThat(selections.attend(ColumnNames.parse("a,b,c"), schema)).isNull();
        assertThat(selections.attend(null, schema)).isNull();
        selections.leave(null);
        selections.leave(first);
        assertThat(selections.attend(ColumnNames.parse("a,c"), schema)).isSameAs(first);
        selections.leave(first);
        selections.leave(first);
        assertThat(selections.size()).isZero();
        assertThat(selections.attend(ColumnNames.parse("a,c"), schema)).isNotSameAs(first);
        schema.release();
    }

    @Test
    void leavesTheSelectionOfASubscriptionThatIsRefused() {
        FakeSink expired = rig.subscribe("t", "7", "disconnect", "b", rig.sinkLoop);
        FakeSink wrong = subscribe("nope");
        rig.run();

        assertThat(List.of(expired.lines, wrong.lines)).containsOnly(List.of("refuse BAD_REQUEST"));
    }

    @Test
    void isMadeForReadersOnSeveralThreads() {
        IpcSchema schema = Messages.schema(FIELDS, rig.allocator);
        List<IpcSelection> selections = List.of(
                IpcSelection.of(schema, List.of(0)),
                IpcSelection.of(schema, List.of(1)),
                IpcSelection.of(schema, List.of(2, 1)));
        StreamHead head = new StreamHead();
        TopicMemory memory = new TopicMemory(new MemoryBudget(1 << 20, () -> {}));
        ProjectionMeter meter = new ProjectionMeter(1 << 20, memory, () -> {});
        for (int i = 0; i < 300; i++) {
            LogEntry entry = new LogEntry(new BatchPosition(i, 0, 0), batch(i), head, 1, 0);
            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                readers.add(CompletableFuture.runAsync(() -> selections.forEach(selection ->
                        entry.projected(selection, rig.allocator, meter).release())));
            }
            readers.forEach(CompletableFuture::join);
            assertThat(entry.projectionBytes()).isEqualTo(meter.bytes()).isBetween(3 * 640L, 6_000L);
            entry.release();
            assertThat(meter.bytes()).isZero();
            assertThat(memory.usedBytes()).isZero();
        }
        head.release();
        schema.release();
    }
}
