package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SegmentTailTest {
    private static final long FROM = 10;

    private static long nextOffset(byte[] tail) throws IOException {
        try (DiskFile file = new FaultyDisk(new Random(1)).create(Path.of("/tail"))) {
            file.write(0, ByteBuffer.wrap(tail));
            return SegmentTail.nextOffset(file, 0, tail.length, FROM, at -> {});
        }
    }

    /** Returns what looks like the beginning of a batch, with a checksum that its body does not have. */
    private static byte[] head(int bodyBytes) {
        IpcMetadataEdit edit = new IpcMetadataEdit(
                "bowstring.",
                List.of(
                        Map.entry("bowstring.offset", "77"),
                        Map.entry("bowstring.time", "1"),
                        Map.entry(FrameChecksum.KEY, FrameChecksum.UNSET)));
        IpcRecordBatch batch = IpcRecordBatch.of(
                        Unpooled.wrappedBuffer(new BatchBytes(0).body(bodyBytes).message()))
                .edited(edit, UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(batch.frame());
        batch.release();
        return Arrays.copyOf(bytes, bytes.length - bodyBytes);
    }

    @Test
    void givesUpWhereEveryBodyHasWhatLooksLikeAnotherMessage() throws IOException {
        List<byte[]> heads = new ArrayList<>();
        int bodyBytes = 0;
        for (int i = 0; i < 1_200; i++) {
            heads.add(0, head(bodyBytes));
            bodyBytes += heads.get(0).length;
        }

        byte[] tail = Wire.concat(heads.toArray(new byte[0][]));

        assertThat(nextOffset(tail)).isEqualTo(SegmentTail.offsetAfter(FROM, tail.length));
    }

    @Test
    void findsABatchAmongManyPlacesThatBeginAsOne() throws IOException {
        ByteBuffer noise = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        while (noise.hasRemaining()) {
            noise.putInt(-1).putInt(8 * (1 + noise.position() % 100_000)); // as a column of numbers may have them
        }

        byte[] tail = Wire.concat(noise.array(), StoredStream.batch(FROM + 3, 1), noise.array());

        assertThat(nextOffset(tail)).isEqualTo(FROM + 4);
    }

    @Test
    void findsABatchWhereverItBegins() throws IOException {
        for (int before = 0; before < 20; before++) {
            for (int after = 0; after < 10; after++) {
                byte[] noise = new byte[before];
                Arrays.fill(noise, (byte) -1);
                byte[] tail = Wire.concat(noise, StoredStream.batch(FROM, 1), new byte[after]);

                assertThat(nextOffset(tail)).as("%d, %d", before, after).isEqualTo(FROM + 1);
            }
        }
    }

    @Test
    void tellsHowFarItHasComeInALargeFile() throws IOException {
        List<Long> told = new ArrayList<>();

        long size = 5L << 29;
        assertThat(SegmentTail.nextOffset(new Zeros(size), 0, size, FROM, told::add))
                .isEqualTo(FROM);

        assertThat(told).hasSize(2).allSatisfy(at -> assertThat(at).isBetween(1L << 30, size));
    }

    /** A file of so many zeros. */
    private record Zeros(long size) implements DiskFile {
        @Override
        public void write(long position, ByteBuffer... bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(long position, ByteBuffer to) {
            int count = (int) Math.min(to.remaining(), size - position);
            to.position(to.position() + count); // which has zeros
            return count;
        }

        @Override
        public void truncate(long newSize) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sync() {}

        @Override
        public void close() {}
    }
}
