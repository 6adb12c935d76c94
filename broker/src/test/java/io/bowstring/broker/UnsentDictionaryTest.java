package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publishers whose batches come before their dictionaries, in a topic in which another publisher has sent its own. */
class UnsentDictionaryTest {
    private static final IpcField ENCODED = Messages.encoded("s", 7);
    private static final String REASON =
            "dictionary 7: not sent, with indices that are not null (expected: the publisher's own dictionary before them)";

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10));

    @Test
    void refusesIndicesWithoutDictionary() {
        FakeSink live = withWords("t", ENCODED);
        FakePublisher second = rig.publish("t", List.of(ENCODED)).send(0);
        rig.run();

        assertThat(second.lines).containsExactly("refused BAD_STREAM");
        assertThat(second.reason).isEqualTo(REASON);
        assertThat(live.take()).isEmpty();
        assertThat(rig.list("t").get(0)).returns(1L, status -> status.nextOffset());
    }

    @Test
    void refusesThemAlsoOfTheFirstPublisher() {
        FakePublisher first = rig.publish("t", List.of(ENCODED)).send(0);
        rig.run();

        assertThat(first.lines).containsExactly("refused BAD_STREAM");
    }

    @Test
    void refusesThemWhereSomeAreNull() {
        FakePublisher publisher = rig.publish("t", List.of(ENCODED)).send(batch(2, 2, 1));
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
    }

    @Test
    void refusesThemAfterAllNullBatches() {
        FakePublisher publisher =
                rig.publish("t", List.of(ENCODED)).send(batch(1, 1, 1)).send(0);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(rig.held("t")).containsExactly("start 0", "dictionary 7 (none)", "batch 0 = 0", "complete");
    }

    @Test
    void namesThePublishersOwnId() {
        withWords("t", ENCODED);
        FakePublisher second =
                rig.publish("t", List.of(Messages.encoded("s", 3))).send(0);
        rig.run();

        assertThat(second.reason).startsWith("dictionary 3: not sent");
    }

    @Test
    void letsNoSubscriberLookUpAllNullBatchInTheWordsOfAnother() {
        FakeSink live = withWords("t", ENCODED);
        FakePublisher second = rig.publish("t", List.of(ENCODED));

        second.send(batch(1, 1, 1))
                .send(batch(1, 1, 1))
                .sendDictionary(7, "own")
                .send(1);
        rig.run();

        assertThat(second.lines).isEmpty();
        assertThat(live.take())
                .containsExactly(
                        "dictionary 7 (none)",
                        "batch 1 = 0",
                        "batch 2 = 0",
                        "dictionary 7 own",
                        "batch 3 = 1",
                        "flush");
        assertThat(rig.held("t")).startsWith("start 0", "dictionary 7 words", "batch 0 = 0", "dictionary 7 (none)");
    }

    @Test
    void takesBatchesWithoutRows() {
        FakeSink live = withWords("t", ENCODED);
        FakePublisher second = rig.publish("t", List.of(ENCODED)).send(Messages.batch(0, 1, 9, rig.allocator));
        rig.run();

        assertThat(second.lines).isEmpty();
        assertThat(live.take()).containsExactly("dictionary 7 (none)", "batch 1 = 9", "flush");
    }

    @Test
    void refusesDeltaAfterAllNullBatch() {
        FakePublisher publisher = rig.publish("t", List.of(ENCODED)).send(batch(1, 1, 1));
        publisher.sendDelta(7, "x");
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(publisher.reason).isEqualTo("dictionary 7: a delta (expected: a whole dictionary before it)");
    }

    @Test
    void looksAtNestedIndices() {
        IpcField list = new IpcField("l", true, IpcType.of(IpcTypeId.LIST), null, List.of(ENCODED));

        FakePublisher full = rig.publish("lists", List.of(list)).send(nested(1, 0, 1, 0));
        FakePublisher empty = rig.publish("lists", List.of(list)).send(nested(1, 0, 0, 0));
        FakePublisher hidden = rig.publish("lists", List.of(list)).send(nested(1, 1, 1, 0));
        rig.run();

        assertThat(full.lines).containsExactly("refused BAD_STREAM");
        assertThat(empty.lines).isEmpty();
        assertThat(hidden.lines).isEmpty(); // below lists that are all null
    }

    @Test
    void looksAtTheColumnThatLacksIts() {
        List<IpcField> two = List.of(Messages.encoded("a", 1), Messages.encoded("b", 2));
        FakePublisher publisher = rig.publish("two", two).sendDictionary(1, "a");

        publisher.send(twoColumns(0, 1)).send(twoColumns(1, 0));
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(publisher.reason).startsWith("dictionary 2: ");
        assertThat(rig.list("two").get(0)).returns(1L, status -> status.nextOffset());
    }

    @Test
    void refusesValuesThatReferToDictionaryThatWasNotSent() {
        List<IpcField> fields = List.of(Messages.encodedStruct("e", 8, 7));
        FakePublisher first = rig.publish("t", fields)
                .sendDictionary(7, "words")
                .send(Messages.struct(8, 7, rig.allocator))
                .send(0);
        FakePublisher second = rig.publish("t", fields)
                .send(Messages.struct(8, 7, rig.allocator))
                .send(0);
        FakePublisher laterSent = rig.publish("t", fields)
                .send(Messages.struct(8, 7, rig.allocator))
                .sendDictionary(7, "own")
                .send(0);
        rig.run();

        assertThat(first.lines).isEmpty();
        assertThat(second.lines).containsExactly("refused BAD_STREAM");
        assertThat(second.reason).isEqualTo(REASON);
        assertThat(laterSent.lines).isEmpty();
    }

    @Test
    void refusesBatchWithoutNodes() {
        FakePublisher publisher =
                rig.publish("t", List.of(ENCODED)).send(PlainBatch.of(1, List.of(), List.of(), rig.allocator));
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
    }

    @Test
    void countsWhatStandsInForADictionary() {
        rig.publish("t", List.of(ENCODED)).send(batch(1, 1, 1));
        rig.run();

        IpcDictionaryBatch none =
                IpcDictionaryBatch.empty(7, ENCODED, rig.allocator).withId(7, rig.allocator);
        long noneBytes = WaitingMessages.weightBytes(none);
        none.release();
        assertThat(rig.list("t").get(0).bytes()).isEqualTo(noneBytes + 64 + weightBytes(batch(1, 1, 1)));
    }

    @Test
    void refusesThePublisherWhereThereIsNoMemoryForWhatStandsIn() {
        FakePublisher publisher = rig.publish("t", List.of(ENCODED));
        rig.run();

        IpcRecordBatch batch = batch(1, 1, 1);
        rig.allocator.setExhausted(true);
        publisher.send(batch);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
    }

    private FakeSink withWords(String topic, IpcField field) {
        FakeSink live = rig.subscribe(topic, "latest");
        rig.publish(topic, List.of(field)).sendDictionary(7, "words").send(0);
        rig.run();
        live.take();
        return live;
    }

    /** Returns a batch of one column, of which so many are null as its metadata says. */
    private IpcRecordBatch batch(int rows, int values, int nulls) {
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, rig.allocator)) {
            addColumn(builder, rows, values, nulls);
            return builder.recordBatch(rows, Map.of());
        }
    }

    private IpcRecordBatch twoColumns(int nullsOfFirst, int nullsOfSecond) {
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, rig.allocator)) {
            addColumn(builder, 1, 1, nullsOfFirst);
            addColumn(builder, 1, 1, nullsOfSecond);
            return builder.recordBatch(1, Map.of());
        }
    }

    /** Returns a batch of lists. */
    private IpcRecordBatch nested(int lists, int nullLists, int values, int nullValues) {
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, rig.allocator)) {
            builder.addNode(lists, nullLists);
            builder.addBuffer(Unpooled.buffer().writeZero(8));
            builder.addBuffer(Unpooled.buffer().writeIntLE(0).writeIntLE(values));
            addColumn(builder, values, values, nullValues);
            return builder.recordBatch(lists, Map.of());
        }
    }

    private static void addColumn(IpcBatchBuilder builder, int rows, int values, int nulls) {
        builder.addNode(rows, nulls);
        builder.addBuffer(Unpooled.buffer().writeZero(8));
        builder.addBuffer(Unpooled.buffer().writeZero(8 * values));
    }

    private static long weightBytes(IpcRecordBatch batch) {
        long bytes = WaitingMessages.weightBytes(batch);
        batch.release();
        return bytes;
    }
}
