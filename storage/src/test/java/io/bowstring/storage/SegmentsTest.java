package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.LogPart;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentsTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));

    private final FaultyDisk disk = new FaultyDisk(new Random(1));
    private final Segments segments = new Segments();

    /** Writes a segment with a range for its head and one for each of some batches. */
    private StoredSegment written(int batches) throws IOException {
        disk.makeDirectory(FILES.directory());
        try (SegmentWriter writer = SegmentWriter.create(disk, FILES, 0)) {
            write(writer, StoredStream.schema(), 0);
            for (int i = 0; i < batches; i++) {
                write(writer, StoredStream.batch(i, 1), i + 1);
            }
            writer.finish();
            StoredSegment stored = new StoredSegment(disk, FILES.segment(0), writer.index(), Runnable::run);
            segments.add(stored);
            return stored;
        }
    }

    private static void write(SegmentWriter writer, byte[] bytes, long nextOffset) throws IOException {
        writer.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, new RangeContent(nextOffset, 1, 0, false, false));
    }

    @Test
    void haveFewRangesOnceTheyHaveEnded() throws IOException {
        StoredSegment segment = written(50);
        StoredSegment before = segments.acquire(10);

        segments.end(segment);

        StoredSegment after = segments.acquire(10);
        assertThat(before).isSameAs(segment);
        assertThat(before.index().size()).isEqualTo(52); // whoever reads it has the ranges that it knows
        assertThat(after.index().size()).isEqualTo(3); // the head, the batches, the end
        assertThat(after.index().nextOffset()).isEqualTo(50);
        before.release();
        after.release();
    }

    @Test
    void doNotComeBackWhereTheyEndAfterTheyWereRemoved() throws IOException {
        StoredSegment segment = written(5);
        segments.removeAll();

        segments.end(segment);

        assertThat(segments.acquire(0)).isNull();
    }

    @Test
    void areNotOpenedByWhoeverHadFoundThemBeforeTheyEnded() throws IOException {
        StoredSegment found = written(5);
        segments.end(found);

        assertThat(found.tryAcquire()).isFalse();
    }

    private static List<Long> all(FileLogReader reader) {
        List<Long> offsets = new ArrayList<>();
        for (LogPart part = reader.next(50); part != null; part = reader.next(50)) {
            for (long i = 0; i < part.batchCount(); i++) {
                offsets.add(part.firstOffset() + i);
            }
            part.release();
        }
        reader.close();
        return offsets;
    }

    private FileLogReader reader() {
        return new FileLogReader(new TopicName("t"), segments, 0, Unpooled::directBuffer);
    }

    /** One reader meets the damage of a merged range while another one reads the index file because of it. */
    @Test
    void lackOneBatchWhereThatIsDamagedWhoeverReadsThem() throws IOException {
        StoredSegment segment = written(50);
        segments.end(segment);
        SegmentIndex index = segment.index();
        disk.damage(FILES.segment(0), (int) (index.start(25) + index.get(25).end()) / 2, 1);
        List<Long> other = new ArrayList<>();
        disk.setFault((operation, file) -> {
            if (operation == FaultyDisk.Operation.OPEN && file.equals(FILES.index(0)) && other.isEmpty()) {
                other.add(-1L);
                other.addAll(all(reader()));
            }
            return false;
        });

        List<Long> offsets = all(reader());

        assertThat(offsets).hasSize(49).doesNotContain(24L);
        assertThat(other.subList(1, other.size())).isEqualTo(offsets);
    }

    @Test
    void areTrustedOnceTheyHaveEndedAsFarAsEachPartWas() throws IOException {
        StoredSegment segment = written(50);
        for (int range = 1; range < 52; range++) {
            segment.setChecked(range);
        }

        StoredSegment merged = segment.merged();

        assertThat(merged.isChecked(0)).isFalse(); // nobody has looked at the head
        assertThat(merged.isChecked(1)).isTrue();
        assertThat(merged.isChecked(2)).isTrue();

        StoredSegment other = new StoredSegment(disk, FILES.segment(0), segment.index(), Runnable::run);
        other.setChecked(7);
        assertThat(other.merged().isChecked(1)).isFalse();
    }
}
