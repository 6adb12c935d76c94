package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publishers that number their batches; a topic remembers two of them, and its window holds three batches. */
class ProducerTest {
    private static final long WINDOW = 3 * numberedWeightBytes();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(WINDOW, 10, 1 << 20, 20 * Messages.BATCH_WEIGHT, 2));

    @Test
    void hearsThatItIsNew() {
        FakePublisher publisher = produce("a");
        rig.run();

        assertThat(publisher.lines).containsExactly("accepted -1");
    }

    @Test
    void appendsRepublishedBatchesOnce() {
        FakePublisher publisher = produce("a");
        publisher.sendNumbered(0, 1).finish();
        rig.run();
        assertThat(publisher.lines).containsExactly("accepted -1", "appended 2 @1", "finished");

        FakePublisher again = produce("a");
        again.sendNumbered(0, 1, 2).finish();
        rig.run();

        assertThat(again.lines).containsExactly("accepted 1", "appended 1 @1", "appended 3 @2", "finished");
        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 0", "batch 1 = 1", "batch 2 = 2", "complete");
    }

    @Test
    void tellsTheOffsetOfItsOwnLastBatch() {
        produceAndFinish("a", 5);
        rig.publish("t").send(7);

        FakePublisher again = produce("a");
        again.sendNumbered(5);
        rig.run();

        assertThat(again.lines).containsExactly("accepted 5", "appended 1 @0");
    }

    @Test
    void allowsGapsInTheNumbers() {
        produceAndFinish("a", 3, 10, 999_999_999_999_999_999L);

        assertThat(rig.list("t").get(0)).returns(3L, TopicStatus::nextOffset);
    }

    @Test
    void takesNumbersInGapForRepeated() {
        produceAndFinish("a", 3, 10);

        FakePublisher again = produce("a");
        again.sendNumbered(4, 9, 11).finish();
        rig.run();

        assertThat(again.lines).containsExactly("accepted 10", "appended 1 @1", "appended 3 @2", "finished");
    }

    @Test
    void refusesNumbersThatDoNotGrow() {
        FakePublisher repeating = produce("a");
        repeating.sendNumbered(4, 4);
        FakePublisher falling = produce("b");
        falling.sendNumbered(4, 3);
        rig.run();

        assertThat(repeating.lines).containsExactly("accepted -1", "appended 1 @0", "refused BAD_REQUEST");
        assertThat(repeating.reason).isEqualTo("bowstring.sequence: 4 (expected: > 4, that of the batch before)");
        assertThat(falling.lines).endsWith("refused BAD_REQUEST");
    }

    @Test
    void refusesRepublishedNumbersThatDoNotGrow() {
        produceAndFinish("a", 0, 1, 2);

        FakePublisher again = produce("a");
        again.sendNumbered(1, 0);
        rig.run();

        assertThat(again.lines).containsExactly("accepted 2", "appended 1 @2", "refused BAD_REQUEST");
    }

    @Test
    void refusesBatchWithoutNumber() {
        FakePublisher publisher = produce("a");
        publisher.sendNumbered(0).send(1);
        rig.run();

        assertThat(publisher.lines).containsExactly("accepted -1", "appended 1 @0", "refused BAD_REQUEST");
        assertThat(publisher.reason).startsWith("bowstring.sequence: absent (expected: ");
        assertThat(rig.list("t").get(0)).returns(1L, TopicStatus::nextOffset).returns(0L, TopicStatus::publishers);
    }

    @Test
    void keepsNumbersFromSubscribers() {
        FakeSink sink = rig.subscribe("t", "latest");
        produceAndFinish("a", 0);

        assertThat(sink.metadata.get(0)).containsOnlyKeys("bowstring.offset", "bowstring.time");
    }

    @Test
    void numbersMeanNothingWithoutProducer() {
        FakePublisher publisher = rig.publish("t");
        publisher.sendNumbered(4, 4, 3).finish();
        rig.run();

        assertThat(publisher.lines).containsExactly("finished");
        assertThat(rig.list("t").get(0)).returns(3L, TopicStatus::nextOffset);
    }

    @Test
    void numbersOneTopicAndNotAnother() {
        produceAndFinish("a", 0, 1);

        FakePublisher other = rig.publish(request("u", "a"), Messages.PLAIN);
        other.sendNumbered(0);
        rig.run();

        assertThat(other.lines).containsExactly("accepted -1", "appended 1 @0");
    }

    @Test
    void tellsProducersApart() {
        produceAndFinish("a", 5);

        FakePublisher other = produce("b");
        other.sendNumbered(5);
        rig.run();

        assertThat(other.lines).containsExactly("accepted -1", "appended 1 @1");
    }

    @Test
    void dropsWhatWaitsOfFencedConnection() {
        FakeSink sink = stalled();
        FakePublisher older = produce("a");
        older.sendNumbered(0, 1, 2, 3, 4).abort();
        rig.run();
        assertThat(older.lines).endsWith("appended 3 @2");

        FakePublisher newer = produce("a");
        rig.run();
        assertThat(newer.take()).containsExactly("accepted 2");
        newer.sendNumbered(3).finish();
        sink.grant(10);
        rig.run();

        assertThat(newer.lines).containsExactly("appended 1 @3", "finished");
        assertThat(sink.lines).endsWith("batch 3 = 3", "flush");
    }

    @Test
    void needsNoRoomBesideWhatItFences() {
        stalled();
        produce("a").sendNumbered(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).abort(); // leaves more than others may come beside
        rig.run();
        FakePublisher other = rig.publish("t");
        rig.run();
        assertThat(other.lines).containsExactly("refused LIMIT_REACHED");

        FakePublisher newer = produce("a");
        rig.run();

        assertThat(newer.lines).containsExactly("accepted 2");
    }

    @Test
    void looksAgainAtBatchThatHadToWait() {
        FakeSink sink = stalled();
        FakePublisher publisher = produce("a");
        publisher.sendNumbered(0, 1, 2, 3, 4);
        rig.run();
        sink.grant(1);
        rig.run();
        sink.grant(1);
        rig.run();

        assertThat(publisher.lines).endsWith("appended 4 @3", "appended 5 @4");
    }

    @Test
    void isNotFencedByWhoIsRefused() {
        FakePublisher publisher = produce("a");
        rig.run();

        FakePublisher refused = rig.publish(request("t", "a"), List.of());
        publisher.sendNumbered(0);
        rig.run();

        assertThat(refused.lines).containsExactly("refused SCHEMA_MISMATCH");
        assertThat(publisher.lines).containsExactly("accepted -1", "appended 1 @0");
    }

    @Test
    void republishesToSealedTopic() {
        FakePublisher sealing =
                rig.publish(new PublishRequest(new TopicName("t"), true, true, new ProducerId("a")), Messages.PLAIN);
        sealing.sendNumbered(0, 1).finish();
        rig.run();

        FakePublisher again =
                rig.publish(new PublishRequest(new TopicName("t"), true, true, new ProducerId("a")), Messages.PLAIN);
        again.sendNumbered(0, 1).finish();
        rig.run();

        assertThat(again.lines).containsExactly("accepted 1", "appended 1 @1", "appended 2 @1", "finished");
        assertThat(rig.list("t").get(0)).returns(true, TopicStatus::isSealed).returns(2L, TopicStatus::nextOffset);
    }

    @Test
    void doesNotDisturbOthersWhoRepublishToSealedTopic() {
        produceAndFinish("b", 0, 1);
        FakePublisher sealing =
                rig.publish(new PublishRequest(new TopicName("t"), true, true, new ProducerId("a")), Messages.PLAIN);
        sealing.finish();
        rig.run();

        FakePublisher other = produce("b");
        FakePublisher again =
                rig.publish(new PublishRequest(new TopicName("t"), true, true, new ProducerId("a")), Messages.PLAIN);
        again.finish();
        rig.run();
        other.sendNumbered(0, 1).finish();
        rig.run();

        assertThat(other.lines).containsExactly("accepted 1", "appended 1 @1", "appended 2 @1", "finished");
    }

    @Test
    void addsNothingToSealedTopic() {
        produceAndFinish("a", 0);
        rig.publish(new PublishRequest(new TopicName("t"), false, true), Messages.PLAIN)
                .finish();
        rig.run();

        FakePublisher again = produce("a");
        again.sendNumbered(0, 1);
        FakePublisher unknown = produce("b");
        rig.run();

        assertThat(again.lines).containsExactly("accepted 0", "appended 1 @0", "refused TOPIC_SEALED");
        assertThat(unknown.lines).containsExactly("refused TOPIC_SEALED");
        assertThat(rig.list("t").get(0)).returns(1L, TopicStatus::nextOffset);
    }

    @Test
    void keepsDictionariesOfRepublishedBatches() {
        List<IpcField> fields = List.of(Messages.encoded("s", 7));
        FakeSink sink = rig.subscribe("t", "earliest");
        FakePublisher publisher = rig.publish(request("t", "a"), fields).sendDictionary(7, "x");
        publisher.sendNumbered(0).abort();
        rig.run();
        sink.take();

        FakePublisher again = rig.publish(request("t", "a"), fields).sendDictionary(7, "x");
        again.sendNumbered(0).sendDelta(7, "y");
        again.sendNumbered(1).finish();
        rig.run();

        assertThat(sink.lines).containsExactly("delta 7 y", "batch 1 = 1", "flush"); // it has the rest
        FakeSink late = rig.subscribe("t", "1");
        rig.run();
        assertThat(late.lines).containsExactly("start 1", "dictionary 7 x", "delta 7 y", "batch 1 = 1", "flush");
        assertThat(again.lines).endsWith("finished");
    }

    /** Returns what a batch with a number of one digit counts for in a window. */
    private static long numberedWeightBytes() {
        IpcRecordBatch batch = Messages.batch(0, UnpooledByteBufAllocator.DEFAULT)
                .edited(new BatchSequence(0).toEdit(), UnpooledByteBufAllocator.DEFAULT);
        long bytes = batch.frameBytes() + Block.OVERHEAD_BYTES;
        batch.release();
        return bytes;
    }

    private FakePublisher produce(String producer) {
        return rig.publish(request("t", producer), Messages.PLAIN);
    }

    private void produceAndFinish(String producer, long... sequences) {
        FakePublisher publisher = produce(producer).sendNumbered(sequences).finish();
        rig.run();
        assertThat(publisher.lines).endsWith("finished");
    }

    private static PublishRequest request(String topic, String producer) {
        return new PublishRequest(new TopicName(topic), true, false, new ProducerId(producer));
    }

    /** Subscribes somebody who blocks and takes nothing. */
    private FakeSink stalled() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "latest", "live", "block", sink);
        FakePublisher first = rig.publish("t").finish();
        rig.run();
        assertThat(first.lines).containsExactly("finished");
        sink.take();
        return sink;
    }
}
