package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LogWindowTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher publisher = rig.publish("t");

    @Test
    void holdsWhatFitsExactly() {
        publisher.send(0, 10, 20);

        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 0", "batch 1 = 10", "batch 2 = 20", "complete");
        assertThat(status())
                .returns(3 * Messages.BATCH_WEIGHT, TopicStatus::bytes)
                .returns(3L, TopicStatus::batches)
                .returns(3L, TopicStatus::rows)
                .returns(0L, TopicStatus::firstOffset)
                .returns(3L, TopicStatus::nextOffset);
    }

    @Test
    void evictsOldestAndReleasesIt() {
        publisher.send(0, 10, 20);
        rig.run();
        long usedByThree = rig.allocator.usedBytes();

        publisher.send(30);
        rig.run();

        assertThat(rig.allocator.usedBytes()).isEqualTo(usedByThree);
        assertThat(rig.held("t"))
                .containsExactly("start 1", "batch 1 = 10", "batch 2 = 20", "batch 3 = 30", "complete");
        assertThat(status())
                .returns(3 * Messages.BATCH_WEIGHT, TopicStatus::bytes)
                .returns(3L, TopicStatus::batches)
                .returns(3L, TopicStatus::rows)
                .returns(1L, TopicStatus::firstOffset)
                .returns(4L, TopicStatus::nextOffset);
    }

    @Test
    void evictsAsManyAsALongBatchNeeds() {
        publisher.send(0, 10, 20);

        publisher.send(Messages.longBatch(100, 30, rig.allocator)); // fits beside one small batch
        rig.run();

        assertThat(rig.held("t")).containsExactly("start 2", "batch 2 = 20", "batch 3 = 30", "complete");
        assertThat(status()).returns(101L, TopicStatus::rows);
    }

    @Test
    void holdsBatchLargerThanTheWindowAlone() {
        publisher.send(0, 10);

        publisher.send(Messages.longBatch(1000, 20, rig.allocator));
        rig.run();
        assertThat(rig.held("t")).containsExactly("start 2", "batch 2 = 20", "complete");
        assertThat(status().bytes()).isGreaterThan(3 * Messages.BATCH_WEIGHT);

        publisher.send(30);
        assertThat(rig.held("t")).containsExactly("start 3", "batch 3 = 30", "complete");
        assertThat(status()).returns(Messages.BATCH_WEIGHT, TopicStatus::bytes).returns(1L, TopicStatus::rows);
    }

    @Test
    void numbersBatchesOfAllPublishersWithoutGap() {
        FakePublisher second = rig.publish("t");
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        for (int i = 0; i < 5; i++) {
            publisher.send(i);
            rig.run();
            second.send(i, i);
            rig.run();
        }

        assertThat(sink.positions).extracting(BatchPosition::offset).containsExactlyElementsOf(countTo(15));
        assertThat(sink.positions).extracting(BatchPosition::gap).containsOnly(0L);
    }

    @Test
    void marksBatchesWithTimeOfAppend() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        for (long micros : new long[] {1_000_001, 1_000_007, 999_000, 1_000_006, 1_000_008}) {
            rig.clock.setMicros(micros);
            publisher.send(0);
            rig.run();
        }

        assertThat(sink.positions)
                .extracting(BatchPosition::timeMicros)
                .containsExactly(1_000_001L, 1_000_007L, 1_000_007L, 1_000_007L, 1_000_008L);
    }

    @Test
    void replacesProtocolKeysOfPublisherAndKeepsOthers() {
        Map<String, String> sent = new LinkedHashMap<>();
        sent.put("bowstring.offset", "77");
        sent.put("mine", "kept");
        sent.put("bowstring.gap", "5");
        sent.put("bowstring.other", "x");
        rig.clock.setMicros(42);

        publisher.send(10, sent);
        FakeSink sink = rig.subscribe("t", "earliest");
        rig.run();

        assertThat(sink.metadata.get(0))
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "0"),
                        Map.entry("bowstring.time", "42"));
    }

    @Test
    void pinsNoReceivedBuffer() {
        rig.run();
        long before = rig.allocator.usedBytes();

        publisher.send(Messages.batch(7, rig.allocator)); // in a buffer of 256 bytes or more
        rig.run();

        long frameBytes = Messages.BATCH_WEIGHT - Block.OVERHEAD_BYTES;
        assertThat(rig.allocator.usedBytes() - before).isBetween(frameBytes, Messages.BATCH_WEIGHT);
    }

    @Test
    void leavesABlockReadableWhileItIsBeingSent() {
        rig.run();
        long before = rig.allocator.usedBytes();
        StreamHead head = new StreamHead();
        Block block = block(head);
        head.release();

        assertThat(block.tryRetain()).isTrue();
        Chunk chunk = block.chunk(0, 1);
        block.release();
        block.release();

        assertThat(block.tryRetain()).isFalse();
        IpcRecordBatch batch = chunk.batch(0);
        assertThat(batch.buffer(1, Long.BYTES).readLongLE()).isEqualTo(7);
        batch.release();
        chunk.release();
        assertThat(rig.allocator.usedBytes()).isEqualTo(before);
    }

    @Test
    void leavesHeadToOthersOfItsBlocks() {
        Dictionary dictionary = new Dictionary(Messages.dictionary(1, "x", rig.allocator), 0, null);
        StreamHead head = new StreamHead().with(1, dictionary);
        dictionary.release();
        Block block = block(head);
        head.release();
        assertThat(rig.allocator.usedBytes()).isPositive();
        assertThat(head.refCnt()).isOne();
        block.release();
        assertThat(head.refCnt()).isZero();
    }

    @Test
    void hasRoomForBatchesOfOthersThatNeedNoDictionaryEither() {
        Dictionary dictionary = new Dictionary(Messages.dictionary(1, "x", rig.allocator), 0, null);
        StreamHead none = new StreamHead();
        StreamHead alsoNone = new StreamHead();
        StreamHead one = none.with(1, dictionary);
        StreamHead alsoOne = none.with(1, dictionary);
        Block plain = Block.withRoom(0, none, 100, new TopicMemory(rig.broker.memory()), rig.allocator);
        Block encoded = Block.withRoom(0, one, 100, new TopicMemory(rig.broker.memory()), rig.allocator);

        assertThat(plain.roomFor(alsoNone)).isNotNull();
        assertThat(plain.roomFor(one)).isNull();
        assertThat(encoded.roomFor(one)).isNotNull();
        assertThat(encoded.roomFor(none)).isNull();
        assertThat(encoded.roomFor(alsoOne)).isNull();
        List.of(dictionary, none, alsoNone, one, alsoOne, plain, encoded).forEach(ReferenceCounted::release);
    }

    @Test
    void forgetsWhatACopyLeftThatFailed() {
        StreamHead head = new StreamHead();
        Block block = Block.withRoom(0, head, 100, new TopicMemory(rig.broker.memory()), rig.allocator);
        head.release();

        block.roomFor(head).writeInt(1);
        assertThat(block.roomFor(head).readableBytes()).isZero();
        block.roomFor(head).writeLong(2);
        block.add(1, 8, 0);
        block.roomFor(head).writeInt(3);
        assertThat(block.roomFor(head).readableBytes()).isEqualTo(8);
        block.release();
    }

    private Block block(StreamHead head) {
        Block block = Block.of(0, head, Messages.batch(7, rig.allocator));
        block.add(1, 1, 0);
        return block;
    }

    private TopicStatus status() {
        return rig.list("t").get(0);
    }

    private static List<Long> countTo(int end) {
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < end; i++) {
            numbers.add(i);
        }
        return numbers;
    }
}
