package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Segments that were begun before the one before them was synced, as {@code sync = os} does. */
@ExtendWith(LeakDetection.class)
class UnsyncedSegmentsTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));
    private static final int SEEDS = 300;

    /** Writes segments of two batches each, none of which is synced after its head. */
    private static FaultyDisk written(int seed, int segments) throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(seed));
        disk.makeDirectory(FILES.directory());
        for (int i = 0; i < segments; i++) {
            long offset = 2L * i;
            try (SegmentWriter writer = SegmentWriter.create(disk, FILES, offset)) {
                Map<String, String> follows = i == 0 ? Map.of() : Map.of(SegmentHead.FOLLOWS, "unsynced");
                Map<String, String> entries = new HashMap<>(follows);
                entries.put(SegmentHead.TOPIC, "topic");
                byte[] head = StoredStream.schema(entries);
                write(writer, head, offset);
                writer.sync();
                write(writer, StoredStream.batch(offset, 1), offset + 1);
                write(writer, StoredStream.batch(offset + 1, 1), offset + 2);
                writer.end();
            }
        }
        return disk;
    }

    private static void write(SegmentWriter writer, byte[] bytes, long nextOffset) throws IOException {
        writer.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, new RangeContent(nextOffset, 1, 0, false, false));
    }

    private static List<Long> kept(SegmentRecovery recovery) {
        return recovery.segments().stream()
                .flatMap(index -> LongStream.range(index.firstOffset(), index.nextOffset())
                        .boxed())
                .toList();
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    @Test
    void leavesWhatWasThereAtSomeTimeAfterALossOfPower() throws IOException {
        int setAside = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            FaultyDisk disk = written(seed, 3);
            disk.restart();

            SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

            assertThat(kept(recovery))
                    .as("seed %d", seed)
                    .isEqualTo(upTo(kept(recovery).size()));
            setAside += recovery.damaged().size();
            assertThat(kept(SegmentRecovery.run(disk, FILES)))
                    .as("seed %d", seed)
                    .isEqualTo(kept(recovery));
        }
        assertThat(setAside).as("segments without the end of the one before").isGreaterThan(SEEDS / 10);
    }

    @Test
    void leavesThatAlsoWhereRecoveryIsBrokenOff() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            FaultyDisk disk = written(seed, 3);
            disk.restart();
            disk.dieIn(seed % 60);
            try {
                SegmentRecovery.run(disk, FILES);
            } catch (FaultyDisk.PowerLoss e) {
                // As it should, most often.
            }
            disk.restartProcess();

            List<Long> kept = kept(SegmentRecovery.run(disk, FILES));

            assertThat(kept).as("seed %d", seed).isEqualTo(upTo(kept.size()));
        }
    }

    @Test
    void keepsAllOfThemAfterAKill() throws IOException {
        FaultyDisk disk = written(1, 3);
        disk.restartProcess();

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(kept(recovery)).isEqualTo(upTo(6));
        assertThat(recovery.damaged()).isEmpty();
    }

    @Test
    void giveTheirOffsetsToNobodyElseWhereTheyAreSetAside() throws IOException {
        FaultyDisk disk = written(1, 3);
        disk.open(FILES.segment(0)).truncate(disk.bytes(FILES.segment(0)).length - 9);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(kept(recovery)).isEqualTo(upTo(1));
        assertThat(recovery.damaged()).containsExactly(FILES.damaged(2, 0), FILES.damaged(4, 0));
        assertThat(recovery.nextOffset()).isEqualTo(6);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(1, 6));
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(6);
    }

    /** The segment had been synced, and is found to be damaged: what comes after it has nothing to do with that. */
    @Test
    void stayWhereTheOneBeforeIsDamagedLater() throws IOException {
        FaultyDisk disk = written(1, 3);
        SegmentRecovery.run(disk, FILES);
        disk.open(FILES.segment(0)).truncate(100);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(recovery.damaged()).containsExactly(FILES.damaged(0, 0));
        assertThat(kept(recovery)).containsExactly(2L, 3L, 4L, 5L);
    }

    @Test
    void areNoFaultBeforeTheNextStart() throws IOException {
        FaultyDisk disk = written(1, 3);
        List<StorageFinding> found = new ArrayList<>();

        StorageCheck.run(
                disk,
                new StorageDirectory(FILES.directory().getParent(), List.of(FILES.directory()), List.of(), false),
                false,
                found::add);
        assertThat(found).hasSize(3).noneMatch(StorageFinding::isFault);

        found.clear();
        StorageCheck.run(
                disk,
                new StorageDirectory(FILES.directory().getParent(), List.of(FILES.directory()), List.of(), false),
                true,
                found::add);
        assertThat(found).isEmpty();
    }

    private static SegmentWriter begun(FaultyDisk disk, long offset, boolean follows) throws IOException {
        SegmentWriter writer = SegmentWriter.create(disk, FILES, offset);
        write(writer, StoredStream.schema(follows ? Map.of(SegmentHead.FOLLOWS, "unsynced") : Map.of()), offset);
        writer.sync();
        write(writer, StoredStream.batch(offset, 1), offset + 1);
        write(writer, StoredStream.batch(offset + 1, 1), offset + 2);
        return writer;
    }

    /** The segment before them could not be read when the server started, and it can be read the next time. */
    @Test
    void takeNoSegmentWithThemThatWasBegunAfterARecovery() throws IOException {
        FaultyDisk disk = written(1, 2);
        disk.open(FILES.segment(0)).truncate(disk.bytes(FILES.segment(0)).length - 9);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.READ && file.equals(FILES.segment(0)));
        long next = SegmentRecovery.run(disk, FILES).nextOffset();
        disk.setFault(FaultyDisk.Fault.NONE);
        try (SegmentWriter writer = begun(disk, next, false)) {
            writer.finish();
        }

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(recovery.damaged()).containsExactly(FILES.damaged(2, 0));
        assertThat(kept(recovery)).containsExactly(0L, next, next + 1);
    }

    @Test
    void surviveOneBeforeThemThatRetentionDroppedBeforeItWasSynced() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            FaultyDisk disk = new FaultyDisk(new Random(seed));
            disk.makeDirectory(FILES.directory());
            LogFiles files = new LogFiles(disk, new TopicName("topic"), FILES, 0, Runnable::run);
            Segments segments = new Segments();
            Queue<Runnable> threads = new ArrayDeque<>();
            DiskBacklog backlog = new DiskBacklog(threads::add, e -> {});
            for (int i = 0; i < 4; i++) {
                SegmentWriter writer = begun(disk, 2L * i, i > 0);
                writer.end();
                StoredSegment stored = files.stored(writer.index());
                segments.add(stored);
                backlog.add(new EndedSegment(files, writer, stored, segments));
            }
            segments.removeBefore(2);
            threads.remove().run();

            disk.restart();

            assertThat(kept(SegmentRecovery.run(disk, FILES)))
                    .as("seed %d", seed)
                    .containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
        }
    }

    @Test
    void leaveTheirLogWhereTheFirstOneHasNoBatchAnyMore() throws IOException {
        FaultyDisk disk = written(1, 3);
        disk.open(FILES.segment(0)).truncate(StoredStream.schema(Map.of(SegmentHead.TOPIC, "topic")).length);

        for (int start = 0; start < 3; start++) {
            SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
            assertThat(recovery.segments()).hasSize(1);
            assertThat(kept(recovery)).isEmpty();
            assertThat(recovery.nextOffset()).isEqualTo(6);
        }
    }

    /** Memory was short after the first time. */
    @Test
    void stayWhereTheyAreSyncedTwice() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        disk.makeDirectory(FILES.directory());
        LogFiles files = new LogFiles(disk, new TopicName("topic"), FILES, 0, Runnable::run);
        Segments segments = new Segments();
        SegmentWriter writer = begun(disk, 0, false);
        writer.end();
        StoredSegment stored = files.stored(writer.index());
        segments.add(stored);
        EndedSegment ended = new EndedSegment(files, writer, stored, segments);
        ended.run();

        assertThatThrownBy(ended::run).isInstanceOf(IOException.class); // the files are closed

        assertThat(kept(SegmentRecovery.run(disk, FILES))).isEqualTo(upTo(2));
    }
}
