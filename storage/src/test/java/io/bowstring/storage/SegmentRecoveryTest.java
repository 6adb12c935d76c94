package io.bowstring.storage;

import static io.bowstring.storage.RecoverableSegments.FILES;
import static io.bowstring.storage.RecoverableSegments.SCHEMA;
import static io.bowstring.storage.RecoverableSegments.oneBatch;
import static io.bowstring.storage.RecoverableSegments.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a log has after a stop that was not in order. */
@ExtendWith(LeakDetection.class)
class SegmentRecoveryTest {
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
    void deletesASegmentThatHasNoBatch() throws IOException {
        FaultyDisk disk = written(SCHEMA, new SegmentIndex(0), true);
        assertThat(SegmentRecovery.run(disk, FILES).damaged()).isEmpty();
        assertThat(disk.list(FILES.directory())).isEmpty();
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
    void believesNoOffsetThatThereIsNoRoomFor() throws IOException {
        byte[] foreign = Wire.concat(SCHEMA, StoredStream.batch(0, 1), new byte[] {1}, StoredStream.batch(1L << 50, 2));
        SegmentRecovery recovery = SegmentRecovery.run(written(foreign, oneBatch(), false), FILES);
        assertThat(recovery.nextOffset()).isOne();
        assertThat(recovery.cut()).hasSize(1);
    }
}
