package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Chunk;
import io.bowstring.broker.KeptLog;
import io.bowstring.broker.LogPiece;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bits that flip and files that end too early, anywhere in the files of a topic that has been closed in order. */
@ExtendWith(LeakDetection.class)
class DamageTest {
    private static final int DAMAGES = 10_000;
    private static final int SEGMENTS = 3;
    private static final int BATCHES = 4;
    private static final Path DIRECTORY = Path.of("/data/t");

    private final List<byte[]> written = new ArrayList<>();

    /** Writes segments of some batches in some ranges each. */
    private FaultyDisk disk() throws IOException {
        written.clear();
        FaultyDisk disk = new FaultyDisk(new Random(1));
        disk.makeDirectory(DIRECTORY);
        for (int segment = 0; segment < SEGMENTS; segment++) {
            try (SegmentWriter writer = SegmentWriter.create(disk, new SegmentFiles(DIRECTORY), written.size())) {
                write(writer, StoredStream.schema());
                for (int i = 0; i < BATCHES; i++) {
                    byte[] batch = StoredStream.batch(written.size(), written.size());
                    written.add(batch);
                    write(writer, batch);
                }
                writer.finish();
            }
        }
        return disk;
    }

    private void write(SegmentWriter writer, byte[] bytes) throws IOException {
        RangeContent content = new RangeContent(written.size(), written.size(), 0, false, false);
        writer.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, content);
        writer.sync();
    }

    /** Flips a bit of a file, or cuts it off; says how. */
    private static String damage(FaultyDisk disk, Random random) throws IOException {
        List<Path> files = disk.list(DIRECTORY);
        Path file = files.get(random.nextInt(files.size()));
        int size = disk.bytes(file).length;
        int at = random.nextInt(size);
        if (random.nextInt(4) == 0) {
            try (DiskFile open = disk.open(file)) {
                open.truncate(at);
                open.sync();
            }
            return file + " ends at " + at;
        }
        int bit = 1 << random.nextInt(8);
        disk.damage(file, at, bit);
        return file + ": bit " + bit + " of byte " + at;
    }

    /** Starts as a server does, and reads all that there is; returns how many batches that is. */
    private int readAll(FaultyDisk disk, String damage) throws IOException {
        LogFiles files = new LogFiles(disk, new TopicName("t"), new SegmentFiles(DIRECTORY), 0, Runnable::run);
        Segments segments = new Segments();
        @Nullable KeptLog kept = LogRecovery.run(files, segments, new KeptProducers(KeptProducers.MAX));
        if (kept == null) {
            return 0;
        }
        kept.schema().release();
        assertThat(kept.nextOffset()).as(damage).isGreaterThanOrEqualTo(written.size());
        FileLogReader reader = new FileLogReader(
                new TopicName("t"), segments, 0, bytes -> UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes));
        int count = 0;
        long offset = 0;
        LogPiece piece;
        while ((piece = reader.next(written.size())) != null) {
            Chunk chunk = piece.chunk();
            assertThat(chunk.firstOffset()).as(damage).isGreaterThanOrEqualTo(offset);
            for (int i = 0; i < chunk.batchCount(); i++) {
                assertThat(ByteBufUtil.getBytes(chunk.frame(i)))
                        .as(damage)
                        .isEqualTo(written.get((int) chunk.firstOffset() + i));
            }
            count += chunk.batchCount();
            offset = chunk.firstOffset() + chunk.batchCount();
            piece.release();
        }
        reader.close();
        return count;
    }

    @Test
    void isFoundAndNeverServed() throws IOException {
        int lost = 0;
        for (int seed = 0; seed < DAMAGES; seed++) {
            FaultyDisk disk = disk();
            String damage = damage(disk, new Random(seed));
            int read = readAll(disk, "seed " + seed + ": " + damage);
            // One file is damaged: what is lost is of that segment alone.
            assertThat(read).as(damage).isGreaterThanOrEqualTo((SEGMENTS - 1) * BATCHES);
            lost += written.size() - read;
        }
        assertThat(lost).isPositive();
    }

    @Test
    void isNothingWhereNothingIsDamaged() throws IOException {
        assertThat(readAll(disk(), "none")).isEqualTo(SEGMENTS * BATCHES);
    }
}
