package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class SegmentScanTest {
    private static final long FIRST = 7;
    private static final byte[] SCHEMA = StoredStream.schema();
    private static final byte[] BATCH = StoredStream.batch(FIRST, 100);
    private static final byte[] SECOND = StoredStream.batch(FIRST + 1, 101);
    private static final long ROWS = 2 * rowCount();
    private static final byte[] STREAM = Wire.concat(SCHEMA, BATCH, SECOND, Wire.END);

    private static long rowCount() {
        return IpcRecordBatch.of(Unpooled.wrappedBuffer(Wire.BATCH)).rowCount();
    }

    private static DiskFile file(byte[] bytes) throws IOException {
        DiskFile file = new FaultyDisk(new Random(1)).create(Path.of("/segment"));
        file.write(0, ByteBuffer.wrap(bytes));
        return file;
    }

    private SegmentIndex scan(byte[] bytes) throws IOException {
        SegmentIndex index = new SegmentIndex(FIRST);
        SegmentScan.complete(file(bytes), index);
        return index;
    }

    @Test
    void makesAnIndexThatIsLost() throws IOException {
        SegmentIndex index = scan(STREAM);

        assertThat(index.isEnded()).isTrue();
        assertThat(index.size()).isOne();
        assertThat(index.get(0))
                .isEqualTo(new IndexEntry(
                        STREAM.length,
                        FIRST + 2,
                        101,
                        ROWS,
                        Checksum.of(ByteBuffer.wrap(STREAM)),
                        false,
                        false,
                        false,
                        true));
    }

    @Test
    void continuesAfterTheLastEntry() throws IOException {
        int known = SCHEMA.length + BATCH.length;
        SegmentIndex index = new SegmentIndex(FIRST);
        index.add(new IndexEntry(known, FIRST + 1, 100, ROWS / 2, 0, true, false, false, false));

        SegmentScan.complete(file(STREAM), index);
        assertThat(index.isEnded()).isTrue();

        int checksum = Checksum.of(ByteBuffer.wrap(STREAM, known, STREAM.length - known));
        assertThat(index.size()).isEqualTo(2);
        assertThat(index.get(1))
                .isEqualTo(new IndexEntry(STREAM.length, FIRST + 2, 101, ROWS, checksum, false, false, false, true));
        assertThat(index.syncedEnd()).isEqualTo(known);
    }

    @Test
    void endsBeforeTheMessageThatIsCutWhereverThatIs() throws IOException {
        for (int length = 0; length < STREAM.length; length++) {
            SegmentIndex index = scan(Arrays.copyOf(STREAM, length));
            assertThat(index.end()).as("%d bytes", length).isEqualTo(endOfWhole(length));
            assertThat(index.isEnded()).isFalse();
        }
    }

    @Test
    void endsBeforeTheMessageThatIsDamagedWhateverBit() throws IOException {
        for (int bit = 0; bit < 8 * STREAM.length; bit++) {
            byte[] damaged = STREAM.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(scan(damaged).end()).as("bit %d", bit).isEqualTo(endOfWhole(bit / 8));
        }
    }

    /** Returns where the last message ends that is before a byte. */
    private static int endOfWhole(int index) {
        int end = 0;
        for (byte[] message : new byte[][] {SCHEMA, BATCH, SECOND, Wire.END}) {
            if (end + message.length > index) {
                return end;
            }
            end += message.length;
        }
        return end;
    }

    @Test
    void endsBeforeABatchThatIsNotTheNext() throws IOException {
        for (byte[] wrong :
                new byte[][] {BATCH, StoredStream.batch(FIRST + 2, 101), StoredStream.batch(FIRST + 1, 99), Wire.BATCH
                }) {
            SegmentIndex index = scan(Wire.concat(SCHEMA, BATCH, wrong));
            assertThat(index.end()).isEqualTo(SCHEMA.length + BATCH.length);
            assertThat(index.nextOffset()).isEqualTo(FIRST + 1);
        }
    }

    @Test
    void makesRangesOfAMebibyte() throws IOException {
        int batches = (5 << 19) / BATCH.length;
        byte[][] messages = new byte[batches + 1][];
        messages[0] = SCHEMA;
        for (int i = 0; i < batches; i++) {
            messages[i + 1] = StoredStream.batch(FIRST + i, i);
        }
        byte[] stream = Wire.concat(messages);

        SegmentIndex index = scan(stream);

        assertThat(index.size()).isEqualTo(3);
        assertThat(index.end()).isEqualTo(stream.length);
        assertThat(index.nextOffset()).isEqualTo(FIRST + batches);
        for (int range = 0; range < 3; range++) {
            int start = (int) index.start(range);
            assertThat(index.get(range).checksum())
                    .isEqualTo(Checksum.of(ByteBuffer.wrap(
                            stream, start, (int) index.get(range).end() - start)));
        }
    }
}
