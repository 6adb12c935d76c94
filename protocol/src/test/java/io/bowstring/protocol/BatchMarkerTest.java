package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How batches are marked in a log, and what is read of it. */
class BatchMarkerTest {
    private static final long TIME = 1_767_225_600_000_000L;
    private static final ProducerId PRODUCER = new ProducerId("feed-1");

    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    /** Returns a batch with an entry of its own, and some of the protocol; owned. */
    private IpcRecordBatch batch() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("bowstring.crc", "12345678");
        entries.put("mine", "kept");
        entries.put("bowstring.producer", "somebody else");
        entries.put("bowstring.sequence", "5");
        return PlainBatch.of(0, List.of(), List.of(), allocator.get())
                .edited(new IpcMetadataEdit("", entries), allocator.get());
    }

    /** Marks a batch in both ways, expects the same, and returns its entries. */
    private Map<String, String> marked(BatchMarker marker, long offset, long sequence) {
        IpcRecordBatch edited = batch().edited(marker.toEdit(offset, TIME, sequence), allocator.get());
        IpcRecordBatchRun run = IpcRecordBatchRun.of(batch());
        ByteBuf copied = Unpooled.buffer(1024, 1024);

        assertThat(marker.tryAppend(run, 0, offset, TIME, sequence, copied)).isTrue();

        assertThat(copied).isEqualTo(edited.frame());
        Map<String, String> entries = edited.customMetadata();
        run.release();
        edited.release();
        return entries;
    }

    @Test
    void marksPositionInMemory() {
        BatchMarker marker = BatchMarker.inMemory();

        assertThat(marked(marker, 7, 11))
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "7"),
                        Map.entry("bowstring.time", Long.toString(TIME)));
        assertThat(marker.toEdit(7, TIME, 11)).isEqualTo(new BatchPosition(7, TIME, 0).toEdit());
    }

    @Test
    void leavesPlaceForAChecksumOnDisk() {
        assertThat(marked(BatchMarker.onDisk(null), 7, BatchSequence.NONE))
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "7"),
                        Map.entry("bowstring.time", Long.toString(TIME)),
                        Map.entry("bowstring.crc", "00000000"));
    }

    @Test
    void keepsProducerAndNumberOnDisk() {
        BatchMarker marker = BatchMarker.onDisk(PRODUCER);

        marked(marker, 8, 9);
        assertThat(marked(marker, 9, 10))
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "9"),
                        Map.entry("bowstring.time", Long.toString(TIME)),
                        Map.entry("bowstring.sequence", "10"),
                        Map.entry("bowstring.crc", "00000000"),
                        Map.entry("bowstring.producer", PRODUCER.digest()));
    }

    @Test
    void leavesPlaceForAChecksumInDictionaries() {
        assertThat(BatchMarker.checksumEdit())
                .isEqualTo(new IpcMetadataEdit("bowstring.", List.of(Map.entry("bowstring.crc", "00000000"))));
    }

    @Test
    void writesNothingWithoutRoom() {
        IpcRecordBatchRun run = IpcRecordBatchRun.of(batch());
        ByteBuf small = Unpooled.buffer(64, 64);

        assertThat(BatchMarker.onDisk(PRODUCER).tryAppend(run, 0, 1, TIME, 2, small))
                .isFalse();
        assertThat(small.isReadable()).isFalse();
        run.release();
    }

    @Test
    void readsWhoNumberedABatch() {
        Map<String, String> numbered = marked(BatchMarker.onDisk(PRODUCER), 7, 11);

        assertThat(ProducerMark.parse(numbered)).isEqualTo(new ProducerMark(PRODUCER.digest(), new BatchSequence(11)));
        assertThat(BatchPosition.parse(numbered)).isEqualTo(new BatchPosition(7, TIME, 0));
        assertThat(ProducerMark.parse(marked(BatchMarker.onDisk(null), 7, 11))).isNull();
    }

    @Test
    void refusesANumberThatIsNone() {
        assertRefused(
                () -> ProducerMark.parse(Map.of("bowstring.producer", "feed-1")),
                ErrorCode.BAD_REQUEST,
                "bowstring.sequence: absent"
                        + " (expected: a number from 0 to 999999999999999999 on each batch of a producer)");
    }
}
