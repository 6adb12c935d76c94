package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Record batches that come together. */
class RunTest {
    private static final TopicName T = new TopicName("t");

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(BrokerConfig.DEFAULTS);

    private final FrameReader decoder = FrameReader.ofRuns();

    @Test
    void areAppendedOneByOneAndAcknowledgedTogether() {
        FakePublisher publisher = rig.publish(new PublishRequest(T, true, false), Messages.PLAIN);

        publisher.send(run(7, 8, 9)).finish();

        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 7", "batch 1 = 8", "batch 2 = 9", "complete");
        assertThat(publisher.lines).containsExactly("appended 3 @2", "finished");
        assertThat(rig.list("t").get(0))
                .returns(3 * Messages.BATCH_WEIGHT, TopicStatus::bytes)
                .returns(3L, TopicStatus::rows);
        assertThat(rig.list("t").get(0).totals().appendedBytes())
                .isEqualTo(3 * (Messages.BATCH_WEIGHT - Block.OVERHEAD_BYTES));
    }

    @Test
    void areAppendedAsFarAsThereIsRoom() {
        BrokerRig small = new BrokerRig(BrokerRig.SMALL); // a window of three batches
        FakeSink sink = new FakeSink(small.sinkLoop);
        sink.credit = 1;
        small.subscribe("t", "earliest", "live", "block", sink);
        FakePublisher publisher = small.publish(new PublishRequest(T, true, false), Messages.PLAIN);

        publisher.send(run(0, 1, 2, 3, 4));
        small.run();
        assertThat(publisher.lines).containsExactly("appended 3 @2", "appended 4 @3"); // the sink has taken one
        sink.grant(10);
        small.run();

        assertThat(publisher.lines).containsExactly("appended 3 @2", "appended 4 @3", "appended 5 @4");
        assertThat(sink.lines).contains("batch 0 = 0", "batch 1 = 1", "batch 2 = 2", "batch 3 = 3", "batch 4 = 4");
        small.close();
    }

    @Test
    void takeTurnsWithThoseOfOthersWhereThereIsNoRoom() {
        BrokerRig small = new BrokerRig(BrokerRig.SMALL);
        FakeSink sink = new FakeSink(small.sinkLoop);
        sink.credit = 0;
        small.subscribe("t", "earliest", "live", "block", sink);
        FakePublisher first = small.publish("t").send(run(10, 11, 12, 13, 14));
        small.run();
        FakePublisher second = small.publish("t");
        FrameReader other = FrameReader.ofRuns();
        other.read(Messages.schema(Messages.PLAIN, small.allocator).frame()).release();
        second.send(run(other, 20, 21));
        small.run();

        sink.grant(10);
        small.run();

        assertThat(sink.lines)
                .filteredOn(line -> line.startsWith("batch"))
                .containsExactly(
                        "batch 0 = 10",
                        "batch 1 = 11",
                        "batch 2 = 12",
                        "batch 3 = 13",
                        "batch 4 = 20",
                        "batch 5 = 14",
                        "batch 6 = 21");
        assertThat(first.lines).isEmpty();
        small.close();
    }

    @Test
    void areDroppedFromTheOneOnAtWhichTheTopicFails() {
        BrokerRig small = new BrokerRig(BrokerRig.SMALL); // each batch is a block of its own
        FakePublisher publisher = small.publish(new PublishRequest(T, true, false), Messages.PLAIN);
        small.run();
        IpcRecordBatchRun run = run(0, 1, 2);
        small.allocator.failOnceAfter(2);

        publisher.send(run);
        assertThatThrownBy(small::run).hasMessage("a fault by the test"); // for the log of the loop
        small.run();

        assertThat(publisher.lines).containsExactly("appended 2 @1", "refused INTERNAL");
        assertThat(small.held("t")).containsExactly("start 0", "batch 0 = 0", "batch 1 = 1", "complete");
        small.close();
    }

    @Test
    void leaveALargeBatchWhereItCame() {
        FakePublisher publisher = rig.publish("t");
        rig.run();
        IpcRecordBatch batch = Messages.longBatch(100_000, 7, rig.allocator);
        long before = rig.allocator.usedBytes();

        rig.allocator.setExhausted(true); // a copy would be refused
        publisher.send(batch);
        rig.run();
        rig.allocator.setExhausted(false);

        assertThat(rig.allocator.usedBytes()).isEqualTo(before);
        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 7", "complete");
    }

    /** A block of 256 KiB for it would be little beside the other one, and much beside it. */
    @Test
    void getOnlyTheRoomThatTheyNeedAfterALargeBatch() {
        FakePublisher publisher = rig.publish("t").send(Messages.longBatch(100_000, 0, rig.allocator));
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        publisher.send(run(1));
        rig.run();

        assertThat(rig.broker.usedMemoryBytes() - before).isEqualTo(Messages.BATCH_WEIGHT);
    }

    @Test
    void getTwiceTheRoomOfAFullBlockBeforeThem() {
        FakePublisher publisher = rig.publish("t").send(run(1, 2, 3, 4));
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        publisher.send(run(decoder, 5, 6, 7, 8)).send(run(decoder, 9)).send(run(decoder, 10));
        rig.run();

        assertThat(rig.broker.usedMemoryBytes() - before)
                .isBetween(4 * Messages.BATCH_WEIGHT, 8 * Messages.BATCH_WEIGHT);
        assertThat(rig.held("t")).hasSize(12);
    }

    @Test
    void areLookedAtOneByOneWhereTheyHaveNumbers() {
        PublishRequest request = new PublishRequest(T, true, false, new ProducerId("p"));
        rig.publish(request, Messages.PLAIN).sendNumbered(1, 2).abort();
        rig.run();
        FakePublisher again = rig.publish(request, Messages.PLAIN);

        again.send(numbered(2, 3, 4));

        assertThat(rig.held("t"))
                .containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "batch 2 = 3", "batch 3 = 4", "complete");
        assertThat(again.lines).containsExactly("accepted 2", "appended 3 @3");
    }

    @Test
    void areDroppedWhereTheirPublicationIsOver() {
        rig.publish("t", List.of());
        FakePublisher refused = rig.publish("t").send(run(1, 2));
        rig.run();

        assertThat(refused.lines).containsExactly("refused SCHEMA_MISMATCH");
    }

    private IpcRecordBatchRun run(long... values) {
        decoder.read(Messages.schema(Messages.PLAIN, rig.allocator).frame()).release();
        return run(decoder, values);
    }

    private IpcRecordBatchRun run(FrameReader from, long... values) {
        ByteBuf frames = rig.allocator.buffer();
        for (long value : values) {
            add(Messages.batch(value, rig.allocator), frames);
        }
        return from.readRun(frames);
    }

    private IpcRecordBatchRun numbered(long... sequences) {
        decoder.read(Messages.schema(Messages.PLAIN, rig.allocator).frame()).release();
        ByteBuf frames = rig.allocator.buffer();
        for (long sequence : sequences) {
            Map<String, String> number = Map.of("bowstring.sequence", Long.toString(sequence));
            add(Messages.batch(sequence, rig.allocator).edited(new IpcMetadataEdit("", number), rig.allocator), frames);
        }
        return decoder.readRun(frames);
    }

    private static void add(IpcRecordBatch batch, ByteBuf frames) {
        frames.writeBytes(batch.frame());
        batch.release();
    }
}
