package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));
    private static final long FIRST = 40;
    private static final int CUTS = 500;

    private static FaultyDisk disk(Random random) throws IOException {
        FaultyDisk disk = new FaultyDisk(random);
        disk.makeDirectory(FILES.directory());
        return disk;
    }

    private static ByteBuffer[] noise(Random random, int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        int cut = random.nextInt(bytes + 1);
        return new ByteBuffer[] {ByteBuffer.wrap(noise, 0, cut), ByteBuffer.wrap(noise, cut, bytes - cut)};
    }

    private static SegmentIndex readIndex(FaultyDisk disk) {
        return SegmentIndex.read(ByteBuffer.wrap(disk.bytes(FILES.index(FIRST))), FIRST);
    }

    private static int checksum(byte[] segment, SegmentIndex index, int range) {
        int start = (int) index.start(range);
        return Checksum.of(
                ByteBuffer.wrap(segment, start, (int) index.get(range).end() - start));
    }

    @Test
    void keepsAfterALossOfPowerWhatWasSyncedAndKnowsIt() throws IOException {
        for (int seed = 0; seed < CUTS; seed++) {
            Random random = new Random(0x5DEECE66DL * seed);
            FaultyDisk disk = disk(random);
            disk.setShort(random.nextBoolean());
            disk.dieIn(3 + random.nextInt(40)); // makes the files, and syncs their names
            long syncedEnd = 0;
            byte[] written = {};
            try {
                SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
                for (int i = 1; i <= 20; i++) {
                    ByteBuffer[] bytes = noise(random, 1 + random.nextInt(3_000));
                    written = concat(written, bytes);
                    writer.write(bytes, new RangeContent(FIRST + i, i, 0, false, false));
                    writer.sync();
                    syncedEnd = writer.index().end();
                }
            } catch (FaultyDisk.PowerLoss e) {
                // as it was asked to
            } catch (IOException e) {
                throw FaultyDisk.unchecked(e);
            }
            disk.restart();
            if (syncedEnd > 0) {
                requireKept(disk, written, syncedEnd, "seed " + seed);
            }
        }
    }

    private static byte[] concat(byte[] before, ByteBuffer[] bytes) {
        byte[] all = Arrays.copyOf(before, before.length + bytes[0].remaining() + bytes[1].remaining());
        bytes[0].duplicate().get(all, before.length, bytes[0].remaining());
        bytes[1].duplicate().get(all, before.length + bytes[0].remaining(), bytes[1].remaining());
        return all;
    }

    private static void requireKept(FaultyDisk disk, byte[] written, long syncedEnd, String as) {
        byte[] segment = disk.bytes(FILES.segment(FIRST));
        assertThat(Arrays.copyOf(segment, (int) syncedEnd)).as(as).isEqualTo(Arrays.copyOf(written, (int) syncedEnd));
        SegmentIndex index = readIndex(disk);
        for (int range = 0; range < index.size(); range++) {
            assertThat(index.get(range).isSynced()).isTrue();
            assertThat(checksum(segment, index, range))
                    .as(as)
                    .isEqualTo(index.get(range).checksum());
        }
    }

    @Test
    void isAsBeforeWhereTheDiskIsFull() throws IOException {
        Random random = new Random(1);
        FaultyDisk disk = disk(random);
        SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
        ByteBuffer[] first = noise(random, 1_000);
        ByteBuffer[] second = noise(random, 1_000);
        writer.write(first, new RangeContent(FIRST + 1, 1, 0, false, false));
        disk.setFreeBytes(500);

        assertThatThrownBy(() -> writer.write(second, new RangeContent(FIRST + 2, 2, 0, false, false)))
                .hasMessage("No space left on device");

        assertThat(writer.index().nextOffset()).isEqualTo(FIRST + 1);
        assertThat(disk.bytes(FILES.segment(FIRST))).hasSize(1_000);
        disk.setFreeBytes(Long.MAX_VALUE);
        writer.write(second, new RangeContent(FIRST + 2, 2, 0, false, false));
        writer.sync();
        assertThat(disk.bytes(FILES.segment(FIRST))).isEqualTo(concat(concat(new byte[0], first), second));
    }

    @Test
    void writesNothingMoreAfterASyncThatFailed() throws IOException {
        Random random = new Random(2);
        FaultyDisk disk = disk(random);
        SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
        writer.write(noise(random, 1_000), new RangeContent(FIRST + 1, 1, 0, false, false));
        disk.failSyncs(1);

        assertThatThrownBy(writer::sync).hasMessage("Input/output error");

        assertThatThrownBy(writer::sync).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> writer.write(noise(random, 1), new RangeContent(FIRST + 2, 2, 0, false, false)))
                .isInstanceOf(IOException.class);
        assertThat(readIndex(disk).size()).isZero();
    }

    @Test
    void endsTheStream() throws IOException {
        FaultyDisk disk = disk(new Random(3));
        SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
        writer.finish();
        assertThat(disk.bytes(FILES.segment(FIRST))).isEqualTo(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0});
    }

    @Test
    void takesNothingAfterTheEnd() throws IOException {
        SegmentWriter writer = SegmentWriter.create(disk(new Random(4)), FILES, FIRST);
        writer.finish();
        assertThatThrownBy(() -> writer.write(noise(new Random(4), 1), new RangeContent(FIRST + 1, 1, 0, false, false)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("segment: ended (expected: nothing is written after its end)");
        writer.finish(); // may be repeated
        assertThat(writer.index().size()).isOne();
    }

    @Test
    void notesWhatIsSynced() throws IOException {
        SegmentWriter writer = SegmentWriter.create(disk(new Random(5)), FILES, FIRST);
        writer.write(noise(new Random(5), 100), new RangeContent(FIRST + 1, 1, 0, false, false));
        writer.write(noise(new Random(5), 100), new RangeContent(FIRST + 2, 2, 0, false, false));
        assertThat(writer.index().syncedEnd()).isZero();
        writer.sync();
        assertThat(writer.index().syncedEnd()).isEqualTo(200);
        assertThat(writer.index().get(0).isSynced()).isTrue();
    }

    @Test
    void endsASegmentThoughItsIndexCannotBeWritten() throws IOException {
        FaultyDisk disk = disk(new Random(6));
        SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.WRITE && file.equals(FILES.index(FIRST)));
        writer.finish();
        assertThat(writer.index().isEnded()).isTrue();
    }

    @Test
    void makesBothFilesOrNoneAndTouchesNoOthers() throws IOException {
        FaultyDisk disk = disk(new Random(7));
        disk.setFreeNames(1);
        assertThatThrownBy(() -> SegmentWriter.create(disk, FILES, FIRST)).hasMessage("No space left on device");
        assertThat(disk.list(FILES.directory())).isEmpty();
        disk.setFreeNames(2);
        SegmentWriter.create(disk, FILES, FIRST).close();
        assertThatThrownBy(() -> SegmentWriter.create(disk, FILES, FIRST))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(disk.list(FILES.directory())).hasSize(2);
    }

    @Test
    void discardsEachFileAlsoWhereTheOtherCannotBeDeleted() throws IOException {
        for (boolean isIndexStuck : new boolean[] {false, true}) {
            FaultyDisk disk = disk(new Random(5));
            SegmentWriter writer = SegmentWriter.create(disk, FILES, FIRST);
            Path stuck = isIndexStuck ? FILES.index(FIRST) : FILES.segment(FIRST);
            disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE && file.equals(stuck));

            assertThatThrownBy(() -> writer.discard(disk, FILES)).hasMessage("Input/output error");

            disk.setFault(FaultyDisk.Fault.NONE);
            assertThat(disk.list(FILES.directory())).containsExactly(stuck);
        }
    }
}
