package io.bowstring.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;

/** Segments on a {@link FaultyDisk} that a {@link SegmentRecovery} finds. Not instantiable. */
final class RecoverableSegments {
    static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));
    static final byte[] SCHEMA = StoredStream.schema();

    private RecoverableSegments() {}

    /** Writes one segment with these bytes, for which an index of its batches is written. */
    static FaultyDisk written(byte[] segment, SegmentIndex index, boolean isSynced) throws IOException {
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

    /** Returns the index of a segment with one batch. */
    static SegmentIndex oneBatch() {
        SegmentIndex index = new SegmentIndex(0);
        index.add(new IndexEntry(1, 1, 1, 0, 0, true, false, false, false));
        return index;
    }

    /** Writes segments of so many batches each, and ends all but the last. */
    static FaultyDisk written(int... batches) throws IOException {
        return written(new Random(1), batches);
    }

    /** As {@link #written(int...)}, on a disk whose faults depend on {@code random}. */
    static FaultyDisk written(Random random, int... batches) throws IOException {
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

    /** Shortens the index of a segment to so many entries. */
    static void loseEntries(FaultyDisk disk, long firstOffset, int left) throws IOException {
        disk.open(FILES.index(firstOffset)).truncate(SegmentIndex.HEADER_BYTES + (long) left * IndexEntry.BYTES);
    }
}
