package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class SegmentRecoveryTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));
    private static final byte[] SCHEMA = StoredStream.schema();

    private static FaultyDisk written(byte[] segment, SegmentIndex index, boolean isSynced) throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        disk.makeDirectory(FILES.directory());
        try (SegmentWriter writer = SegmentWriter.create(disk, FILES, 0)) {
            writer.write(
                    new ByteBuffer[] {ByteBuffer.wrap(segment)},
                    new RangeContent(index.nextOffset(), 1, 0, false, false));
            if (isSynced) {
                writer.sync();
            }
        }
        return disk;
    }

    private static SegmentIndex oneBatch() {
        SegmentIndex index = new SegmentIndex(0);
        index.add(new IndexEntry(1, 1, 1, 0, 0, true, false, false, false));
        return index;
    }

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

    /** The server is killed after an error of the disk, which the system has forgotten. */
    @Test
    void takesNothingForSyncedThatIsNotOnDisk() throws IOException {
        for (int seed = 0; seed < 100; seed++) {
            FaultyDisk disk = new FaultyDisk(new Random(seed));
            disk.makeDirectory(FILES.directory());
            byte[] stream = Wire.concat(SCHEMA, StoredStream.batch(0, 1), StoredStream.batch(1, 1));
            SegmentWriter writer = SegmentWriter.create(disk, FILES, 0);
            writer.write(new ByteBuffer[] {ByteBuffer.wrap(stream)}, new RangeContent(2, 1, 0, false, false));
            disk.failSyncs(1);
            assertThatThrownBy(writer::sync).isInstanceOf(IOException.class);
            long recovered = SegmentRecovery.run(disk, FILES).nextOffset();

            disk.restart();

            SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
            assertThat(recovery.damaged()).isEmpty();
            assertThat(recovery.nextOffset()).isEqualTo(recovered);
            assertThat(disk.bytes(FILES.segment(0))).isEqualTo(Wire.concat(stream, Wire.END));
        }
    }

    @Test
    void cutsOffWhatWasNeverSynced() throws IOException {
        byte[] whole = Wire.concat(SCHEMA, StoredStream.batch(0, 1));
        FaultyDisk disk = written(Wire.concat(whole, new byte[500]), oneBatch(), false);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(recovery.segments()).hasSize(1);
        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(Wire.concat(whole, Wire.END));
        assertThat(SegmentIndex.read(ByteBuffer.wrap(disk.bytes(FILES.index(0))), 0)
                        .end())
                .isEqualTo(whole.length + 8);
    }

    /** Writes segments of so many batches each, and ends all but the last. */
    private static FaultyDisk written(int... batches) throws IOException {
        return written(new Random(1), batches);
    }

    private static FaultyDisk written(Random random, int... batches) throws IOException {
        FaultyDisk disk = new FaultyDisk(random);
        disk.makeDirectory(FILES.directory());
        long offset = 0;
        for (int i = 0; i < batches.length; i++) {
            try (SegmentWriter writer = SegmentWriter.create(disk, FILES, offset)) {
                for (int batch = 0; batch < batches[i]; batch++) {
                    byte[] bytes = StoredStream.batch(offset++, offset);
                    writer.write(
                            new ByteBuffer[] {ByteBuffer.wrap(batch == 0 ? SCHEMA : new byte[0]), ByteBuffer.wrap(bytes)
                            },
                            new RangeContent(offset, offset, 0, false, false));
                    writer.sync();
                }
                if (i < batches.length - 1) {
                    writer.finish();
                }
            }
        }
        return disk;
    }

    private static void loseEntries(FaultyDisk disk, long firstOffset, int left) throws IOException {
        disk.open(FILES.index(firstOffset)).truncate(SegmentIndex.HEADER_BYTES + (long) left * IndexEntry.BYTES);
    }

    @Test
    void needsNoRoomAndEndsTheSegmentAnotherTime() throws IOException {
        FaultyDisk disk = written(2);
        byte[] before = disk.bytes(FILES.segment(0));
        disk.setFreeBytes(3);
        disk.setFreeNames(0);

        SegmentRecovery full = SegmentRecovery.run(disk, FILES);

        assertThat(full.segments()).hasSize(1);
        assertThat(full.segments().get(0).isEnded()).isFalse();
        assertThat(full.segments().get(0).syncedEnd()).isEqualTo(before.length);
        assertThat(full.nextOffset()).isEqualTo(2);
        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(before);
        disk.setFreeBytes(Long.MAX_VALUE);
        assertThat(SegmentRecovery.run(disk, FILES).segments().get(0).isEnded()).isTrue();
        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(Wire.concat(before, Wire.END));
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
    void deletesASegmentThatHasNoBatch() throws IOException {
        FaultyDisk disk = written(SCHEMA, new SegmentIndex(0), true);
        assertThat(SegmentRecovery.run(disk, FILES).damaged()).isEmpty();
        assertThat(disk.list(FILES.directory())).isEmpty();
    }

    @Test
    void goesOnPastASegmentThatCannotBeReadAndReadsItAnotherTime() throws IOException {
        for (FaultyDisk.Operation failing :
                new FaultyDisk.Operation[] {FaultyDisk.Operation.OPEN, FaultyDisk.Operation.READ}) {
            for (int unreadable = 0; unreadable < 3; unreadable++) {
                FaultyDisk disk = written(2, 2, 2);
                loseEntries(disk, 2L * unreadable, 1);
                Path file = FILES.segment(2L * unreadable);
                disk.setFault((operation, path) -> operation == failing && path.equals(file));

                SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

                assertThat(recovery.unreadable()).containsExactly(file);
                assertThat(recovery.segments()).hasSize(2);
                assertThat(recovery.nextOffset()).isGreaterThanOrEqualTo(6);
                assertThat(recovery.gaps())
                        .containsExactly(new OffsetGap(
                                2L * unreadable, unreadable == 2 ? recovery.nextOffset() : 2L * unreadable + 2));
                disk.setFault(FaultyDisk.Fault.NONE);
                assertThat(SegmentRecovery.run(disk, FILES).segments()).hasSize(3);
            }
        }
    }

    @Test
    void readsASegmentWhoseIndexCannotBeRead() throws IOException {
        FaultyDisk disk = written(2, 2);
        disk.setFault((operation, path) -> operation == FaultyDisk.Operation.OPEN && path.equals(FILES.index(0)));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.index(0));
        assertThat(recovery.segments()).hasSize(2);
        assertThat(recovery.segments().get(0).nextOffset()).isEqualTo(2);
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
    void reportsASegmentThatIsGone() throws IOException {
        FaultyDisk disk = written(2, 3, 1);
        disk.delete(FILES.segment(2));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(2, 5));
        assertThat(recovery.segments()).hasSize(2);
        assertThat(recovery.damaged()).isEmpty();
        assertThat(disk.list(FILES.directory())).doesNotContain(FILES.index(2));
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

    /** A log that never syncs writes entries before what they tell of is on disk. */
    @Test
    void believesNoEntryThatWasNotSynced() throws IOException {
        FaultyDisk disk = written(3);
        byte[] whole = disk.bytes(FILES.segment(0));
        SegmentIndex index = SegmentIndex.read(ByteBuffer.wrap(disk.bytes(FILES.index(0))), 0);
        ByteBuffer unsynced = ByteBuffer.allocate(2 * IndexEntry.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        index.get(1).withSynced(false).write(unsynced);
        index.get(2).withSynced(false).write(unsynced);
        disk.open(FILES.index(0)).write(SegmentIndex.HEADER_BYTES + IndexEntry.BYTES, unsynced.flip());
        int end = (int) index.get(0).end();
        DiskFile segment = disk.open(FILES.segment(0));
        segment.write(end, ByteBuffer.allocate(400)); // a hole
        segment.truncate(whole.length - 8);

        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

        assertThat(recovery.damaged()).isEmpty();
        assertThat(recovery.segments().get(0).nextOffset()).isOne();
        assertThat(recovery.nextOffset()).isEqualTo(3);
        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(Wire.concat(Arrays.copyOf(whole, end), Wire.END));
    }

    @Test
    void refusesAFormatThatItDoesNotKnowAndChangesNothing() throws IOException {
        FaultyDisk disk = written(1, 1);
        ByteBuffer header = ByteBuffer.wrap(disk.bytes(FILES.index(1))).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(8, 2).putInt(24, Checksum.of(header.slice(0, 24)));
        disk.open(FILES.index(1)).write(0, header);
        assertThatThrownBy(() -> SegmentRecovery.run(disk, FILES))
                .isInstanceOf(UnknownFormatException.class)
                .hasMessage("format of " + FILES.index(1) + ": 2 (expected: 1)");

        byte[] schema = StoredStream.schema(Map.of(SegmentFormat.KEY, "3"));
        FaultyDisk other = written(schema, new SegmentIndex(0), false);
        assertThatThrownBy(() -> SegmentRecovery.run(other, FILES))
                .isInstanceOf(UnknownFormatException.class)
                .hasMessage("bowstring.format of " + FILES.segment(0) + ": 3 (expected: 1)");
        assertThat(other.bytes(FILES.segment(0))).isEqualTo(schema);
        int digits = new String(schema, StandardCharsets.ISO_8859_1).indexOf(FrameChecksum.KEY) + 20;
        other.damage(FILES.segment(0), digits, 1); // then nobody knows
        assertThat(SegmentRecovery.run(other, FILES).cut()).hasSize(1);
    }

    @Test
    void knowsItsOwnFormat() throws IOException {
        byte[] stream = Wire.concat(StoredStream.schema(Map.of(SegmentFormat.KEY, "1")), StoredStream.batch(0, 1));
        assertThat(SegmentRecovery.run(written(stream, oneBatch(), true), FILES).segments())
                .hasSize(1);
    }

    @Test
    void knowsFromAnIndexWhatASegmentHadThatIsGone() throws IOException {
        FaultyDisk disk = written(2, 3);
        disk.delete(FILES.segment(2));
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.nextOffset()).isEqualTo(5);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(2, 5));
        assertThat(recovery.unreadable()).containsExactly(FILES.index(2));
    }

    @Test
    void leavesAnEmptySegmentThatCannotBeDeletedAndItsName() throws IOException {
        FaultyDisk disk = written(2, 0);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.segment(2));
        assertThat(recovery.nextOffset()).isEqualTo(3);
    }

    @Test
    void deletesNoSegmentWhoseIndexCannotBeRead() throws IOException {
        FaultyDisk disk = written(2, 2);
        disk.open(FILES.segment(2)).truncate(0);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.READ && file.equals(FILES.index(2)));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.index(2), FILES.segment(2));
        assertThat(disk.list(FILES.directory())).contains(FILES.segment(2), FILES.index(2));
        disk.setFault(FaultyDisk.Fault.NONE);
        assertThat(SegmentRecovery.run(disk, FILES).damaged()).containsExactly(FILES.damaged(2, 0));
    }

    @Test
    void doesNotFailWhereTheDirectoryCannotBeSynced() throws IOException {
        FaultyDisk disk = written(2);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.SYNC_DIRECTORY);
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(2);
    }

    /** Entries after one that is damaged would follow from those that are written in its place. */
    @Test
    void leavesNoOldEntryBehindNewOnes() throws IOException {
        FaultyDisk disk = written(5);
        int second = SCHEMA.length + StoredStream.batch(0, 1).length;
        disk.damage(FILES.index(0), SegmentIndex.HEADER_BYTES + IndexEntry.BYTES, 1);
        disk.damage(FILES.segment(0), 2 * second - SCHEMA.length + 300, 1);
        disk.setFreeBytes(0); // so that the tail stays
        assertThat(SegmentRecovery.run(disk, FILES).segments().get(0).nextOffset())
                .isEqualTo(2);
        SegmentIndex index = SegmentRecovery.run(disk, FILES).segments().get(0);
        assertThat(index.nextOffset()).isEqualTo(2);
        assertThat(index.size()).isEqualTo(2);
    }

    @Test
    void syncsWhatItCannotEnd() throws IOException {
        byte[] stream = Wire.concat(SCHEMA, StoredStream.batch(0, 1));
        FaultyDisk disk = written(stream, oneBatch(), false);
        disk.setFreeBytes(0);
        SegmentIndex index = SegmentRecovery.run(disk, FILES).segments().get(0);
        assertThat(index.isEnded()).isFalse();
        assertThat(index.syncedEnd()).isEqualTo(stream.length);
        disk.restart();
        assertThat(disk.bytes(FILES.segment(0))).isEqualTo(stream);
    }

    @Test
    void leavesTheNameOfAnIndexThatCannotBeDeleted() throws IOException {
        FaultyDisk disk = written(2, 0);
        disk.delete(FILES.segment(2));
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(3);
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

    @Test
    void believesNoOffsetThatThereIsNoRoomFor() throws IOException {
        byte[] foreign = Wire.concat(SCHEMA, StoredStream.batch(0, 1), new byte[] {1}, StoredStream.batch(1L << 50, 2));
        SegmentRecovery recovery = SegmentRecovery.run(written(foreign, oneBatch(), false), FILES);
        assertThat(recovery.nextOffset()).isOne();
        assertThat(recovery.cut()).hasSize(1);
    }
}
