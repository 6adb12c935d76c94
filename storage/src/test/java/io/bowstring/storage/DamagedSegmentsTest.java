package io.bowstring.storage;

import static io.bowstring.storage.RecoverableSegments.FILES;
import static io.bowstring.storage.RecoverableSegments.SCHEMA;
import static io.bowstring.storage.RecoverableSegments.loseEntries;
import static io.bowstring.storage.RecoverableSegments.oneBatch;
import static io.bowstring.storage.RecoverableSegments.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recovery keeps a copy of what is damaged, and gives its offsets to nobody else. */
@ExtendWith(LeakDetection.class)
class DamagedSegmentsTest {
    @Test
    void keepsAsideWhatIsShorterThanItWas() throws IOException {
        byte[] segment = Wire.concat(SCHEMA, StoredStream.batch(0, 1));
        FaultyDisk disk = written(segment, oneBatch(), true);
        disk.open(FILES.segment(0)).truncate(segment.length - 8);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(recovery.segments()).isEmpty();
        assertThat(recovery.nextOffset()).isOne();
        assertThat(recovery.damaged()).containsExactly(FILES.damaged(0, 0));
        assertThat(disk.bytes(FILES.damaged(0, 0))).isEqualTo(Arrays.copyOf(segment, segment.length - 8));
    }

    @Test
    void isWrittenToAfterASegmentWasKeptAside() throws IOException {
        FaultyDisk disk = written(Wire.concat(SCHEMA, StoredStream.batch(0, 1)), oneBatch(), true);
        for (int number = 0; number < 2; number++) {
            disk.open(FILES.segment(0)).truncate(SCHEMA.length);
            SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
            assertThat(recovery.damaged()).containsExactly(FILES.damaged(0, number));
            assertThat(recovery.nextOffset()).isOne();
            try (SegmentWriter writer = SegmentWriter.create(disk, FILES, 0)) {
                byte[] again = Wire.concat(SCHEMA, StoredStream.batch(0, 1));
                writer.write(new ByteBuffer[] {ByteBuffer.wrap(again)}, new RangeContent(1, 1, 0, false, false));
                writer.sync();
            }
        }
    }

    @Test
    void keepsASegmentAsideOfWhichNothingWasSyncedUnlessItIsEmpty() throws IOException {
        FaultyDisk disk = written(new byte[] {1, 2, 3}, new SegmentIndex(0), false);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.damaged()).isEmpty();
        assertThat(recovery.cut()).containsExactly(FILES.cut(0, 0));
        assertThat(disk.list(FILES.directory())).containsExactly(FILES.cut(0, 0));

        disk = written(new byte[3_000], new SegmentIndex(0), false);
        assertThat(SegmentRecovery.run(disk, FILES).cut()).isEmpty();
        assertThat(disk.list(FILES.directory())).isEmpty();
    }

    @Test
    void keepsASegmentAsideThatBeginsBeforeTheEndOfTheOneBefore() throws IOException {
        FaultyDisk disk = written(1, 1, 1);
        byte[] three = Wire.concat(SCHEMA, StoredStream.batch(0, 1), StoredStream.batch(1, 2), Wire.END);
        disk.open(FILES.segment(0)).write(0, ByteBuffer.wrap(three));
        loseEntries(disk, 0, 1);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.damaged()).containsExactly(FILES.damaged(1, 0));
        assertThat(recovery.segments()).extracting(SegmentIndex::firstOffset).containsExactly(0L, 2L);
        assertThat(recovery.gaps()).isEmpty();
    }

    @Test
    void leavesADamagedSegmentThatCannotBeRenamed() throws IOException {
        FaultyDisk disk = written(2, 2);
        disk.open(FILES.segment(2)).truncate(SCHEMA.length);
        disk.setFault((operation, path) -> operation == FaultyDisk.Operation.RENAME);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.damaged()).containsExactly(FILES.segment(2));
        assertThat(recovery.segments()).hasSize(1);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(2, 4));
    }

    @Test
    void givesNoOffsetsAwayTwiceThoughItDiesAfterASegmentWasKeptAside() throws IOException {
        FaultyDisk disk = written(2, 3);
        disk.open(FILES.segment(2)).truncate(SCHEMA.length);
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(5);
        SegmentRecovery again = SegmentRecovery.run(disk, FILES);
        assertThat(again.nextOffset()).isEqualTo(5);
        assertThat(again.gaps()).containsExactly(new OffsetGap(2, 5));
    }

    @Test
    void keepsWhatItCutsOffAndGivesItsOffsetsToNobodyElse() throws IOException {
        FaultyDisk disk = written(5);
        byte[] whole = disk.bytes(FILES.segment(0));
        int second = SCHEMA.length + StoredStream.batch(0, 1).length;
        loseEntries(disk, 0, 1);
        disk.damage(FILES.segment(0), second + 300, 1);
        byte[] tail = Arrays.copyOfRange(disk.bytes(FILES.segment(0)), second, whole.length);

        for (int life = 0; life < 2; life++) {
            SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

            assertThat(recovery.nextOffset()).isEqualTo(5);
            assertThat(recovery.gaps()).containsExactly(new OffsetGap(1, 5));
            assertThat(recovery.segments().get(0).nextOffset()).isOne();
            assertThat(recovery.cut()).hasSize(1 - life);
            assertThat(disk.bytes(FILES.cut(1, 0))).isEqualTo(tail);
            disk.restart(); // and the copy survives
        }
    }

    @Test
    void cutsNothingOffThatItCannotKeep() throws IOException {
        FaultyDisk disk = written(5);
        loseEntries(disk, 0, 1);
        disk.damage(FILES.segment(0), SCHEMA.length + StoredStream.batch(0, 1).length + 300, 1);
        byte[] before = disk.bytes(FILES.segment(0));
        disk.setFreeBytes(20);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(before);
        assertThat(recovery.cut()).isEmpty();
        assertThat(disk.list(FILES.directory())).containsExactly(FILES.segment(0), FILES.index(0));
        assertThat(recovery.segments().get(0).nextOffset()).isOne();
        assertThat(recovery.nextOffset()).isEqualTo(5);
    }

    @Test
    void keepsNoSecondCopyOfWhatItCannotCutOff() throws IOException {
        FaultyDisk disk = written(Wire.concat(SCHEMA, StoredStream.batch(0, 1), new byte[] {1}), oneBatch(), false);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.TRUNCATE);
        assertThat(SegmentRecovery.run(disk, FILES).cut()).isEmpty();
        assertThat(disk.list(FILES.directory())).containsExactly(FILES.segment(0), FILES.index(0));
    }

    @Test
    void cutsNothingOffBeforeTheCopySurvives() throws IOException {
        byte[] kept = StoredStream.batch(4, 5);
        for (int operations = 0; operations < 60; operations++) {
            for (int seed = 0; seed < 5; seed++) {
                FaultyDisk disk = written(new Random(seed), 5);
                loseEntries(disk, 0, 1);
                disk.damage(FILES.segment(0), SCHEMA.length + StoredStream.batch(0, 1).length + 300, 1);
                disk.dieIn(operations);
                try {
                    SegmentRecovery.run(disk, FILES);
                } catch (FaultyDisk.PowerLoss e) {
                    // as it was asked to
                }
                disk.restart();
                StringBuilder all = new StringBuilder();
                for (Path file : disk.list(FILES.directory())) {
                    all.append(new String(disk.bytes(file), StandardCharsets.ISO_8859_1));
                }
                assertThat(all.toString())
                        .as("%d operations", operations)
                        .contains(new String(kept, StandardCharsets.ISO_8859_1));
            }
        }
    }
}
