package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {
    private static final long FIRST = 100;

    private static ByteBuffer file(IndexEntry... entries) {
        ByteBuffer file = ByteBuffer.allocate(SegmentIndex.HEADER_BYTES + entries.length * IndexEntry.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.put(new SegmentIndex(FIRST).header());
        for (IndexEntry entry : entries) {
            entry.write(file);
        }
        return file.flip();
    }

    private static IndexEntry entry(long end, long nextOffset, long timeMicros) {
        return new IndexEntry(end, nextOffset, timeMicros, 0, 7, true, false, false, false);
    }

    /** Schema and dictionaries; two batches; one batch. */
    private static IndexEntry[] three() {
        return new IndexEntry[] {
            new IndexEntry(800, 100, 0, 0, 0x01020304, true, true, false, false),
            entry(1_000, 102, 5),
            new IndexEntry(1_500, 103, 9, 17, 7, false, false, true, true)
        };
    }

    @Test
    void isWrittenAsDocumented() {
        ByteBuffer file = file(three());
        assertThat(new String(file.array(), 0, 8, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("bowindex");
        assertThat(file.getInt(8)).isEqualTo(1);
        assertThat(file.getLong(16)).isEqualTo(FIRST);
        assertThat(file.getLong(32)).isEqualTo(800);
        assertThat(file.getLong(40)).isEqualTo(100);
        assertThat(file.getLong(48)).isZero();
        assertThat(file.getInt(64)).isEqualTo(0x01020304);
        assertThat(file.getInt(68)).isEqualTo(3);
        assertThat(file.getLong(56 + 2 * IndexEntry.BYTES)).isEqualTo(17);
        assertThat(file.getInt(68 + 2 * IndexEntry.BYTES)).isEqualTo(12);
    }

    @Test
    void isReadAsItWasWritten() {
        SegmentIndex index = SegmentIndex.read(file(three()), FIRST);
        assertThat(index.size()).isEqualTo(3);
        for (int range = 0; range < 3; range++) {
            assertThat(index.get(range)).isEqualTo(three()[range]);
        }
        assertThat(index.end()).isEqualTo(1_500);
        assertThat(index.nextOffset()).isEqualTo(103);
        assertThat(index.timeMicros()).isEqualTo(9);
    }

    @Test
    void endsBeforeWhatIsDamagedWhateverBit() {
        byte[] whole = file(three()).array();
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            int expected = Math.max(0, (bit / 8 - SegmentIndex.HEADER_BYTES) / IndexEntry.BYTES);
            assertThat(SegmentIndex.read(ByteBuffer.wrap(damaged), FIRST).size())
                    .as("bit %d", bit)
                    .isEqualTo(expected);
        }
    }

    @Test
    void endsWhereItIsCut() {
        byte[] whole = file(three()).array();
        for (int length = 0; length < whole.length; length++) {
            int expected = Math.max(0, (length - SegmentIndex.HEADER_BYTES) / IndexEntry.BYTES);
            assertThat(SegmentIndex.read(ByteBuffer.wrap(whole, 0, length), FIRST)
                            .size())
                    .isEqualTo(expected);
        }
    }

    @Test
    void endsBeforeAnEntryThatDoesNotFollow() {
        IndexEntry first = entry(800, 101, 5);
        for (IndexEntry wrong : new IndexEntry[] {entry(800, 102, 6), entry(900, 100, 6), entry(900, 102, 4)}) {
            assertThat(SegmentIndex.read(file(first, wrong), FIRST).size()).isEqualTo(1);
        }
    }

    @Test
    void endsWithTheStream() {
        IndexEntry end = new IndexEntry(800, 101, 5, 0, 7, true, false, false, true);
        SegmentIndex index = SegmentIndex.read(file(end, entry(900, 102, 6)), FIRST);
        assertThat(index.size()).isOne();
        assertThat(index.isEnded()).isTrue();
    }

    @Test
    void isOfNoOtherSegment() {
        assertThat(SegmentIndex.read(file(three()), FIRST + 1).size()).isZero();
    }

    @Test
    void findsTheRangeOfABatch() {
        SegmentIndex index = SegmentIndex.read(file(three()), FIRST);
        assertThat(LongStream.of(100, 101, 102).map(index::rangeOf)).containsExactly(1L, 1L, 2L);
        assertThat(LongStream.of(0, 1, 5, 6, 9, 10).map(index::rangeOfTime)).containsExactly(0L, 1L, 1L, 2L, 2L, 3L);
        assertThat(index.start(1)).isEqualTo(800);
        assertThat(index.firstOffset(2)).isEqualTo(102);
    }

    @Test
    void knowsWhatIsSyncedForSure() {
        SegmentIndex index = new SegmentIndex(FIRST);
        assertThat(index.syncedEnd()).isZero();
        index.add(entry(800, 100, 0));
        index.add(entry(900, 101, 1).withSynced(false));
        assertThat(index.syncedEnd()).isEqualTo(800);
        index.add(entry(950, 102, 2));
        assertThat(index.syncedEnd()).isEqualTo(950);
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Writes ranges of random lengths, some with dictionaries, and an end. */
    private static SegmentIndex random(Random random, ByteBuf stream) {
        SegmentIndex index = new SegmentIndex(0);
        for (int range = 0; range < 200; range++) {
            byte[] bytes = bytes(random, 1 + random.nextInt(range % 50 == 7 ? 3 << 20 : 60_000));
            stream.writeBytes(bytes);
            boolean isEnd = range == 199;
            index.add(new IndexEntry(
                    stream.writerIndex(),
                    isEnd ? range : range + 1,
                    range * 10L,
                    range * 100L,
                    Checksum.of(ByteBuffer.wrap(bytes)),
                    true,
                    range % 20 == 0,
                    range % 3 == 0,
                    isEnd));
        }
        return index;
    }

    @Test
    void hasFewerRangesOnceItIsMergedThatSayTheSame() {
        ByteBuf stream = Unpooled.buffer();
        SegmentIndex index = random(new Random(1), stream);

        SegmentIndex merged = index.merged();

        assertThat(merged.size()).isLessThan(60).isGreaterThan(10);
        for (int range = 0; range < merged.size(); range++) {
            IndexEntry entry = merged.get(range);
            int start = (int) merged.start(range);
            int length = (int) entry.end() - start;
            assertThat(entry.checksum()).isEqualTo(Checksum.of(stream.nioBuffer(start, length)));
            assertThat(entry.rows()).isEqualTo((entry.end() == index.end() ? 199 : entry.nextOffset() - 1) * 100);
            assertThat(entry.isEnd()).isEqualTo(entry.end() == index.end());
            boolean isOneOfBefore =
                    IntStream.range(0, 200).anyMatch(i -> index.get(i).equals(entry));
            assertThat(isOneOfBefore || (length <= 1 << 20 && !entry.hasDictionaries()))
                    .isTrue();
        }
        assertThat(merged.end()).isEqualTo(index.end());
        assertThat(merged.nextOffset()).isEqualTo(index.nextOffset());
        assertThat(merged.timeMicros()).isEqualTo(index.timeMicros());
    }
}
