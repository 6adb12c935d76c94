package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.FilePart;
import io.bowstring.broker.LogPiece;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class SegmentsReaderTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));
    private static final int LOGS = 12;
    private static final int BATCHES = 60;

    private final TestBuffers buffers = new TestBuffers();

    private static StoredLog log() throws IOException {
        return new StoredLog(new FaultyDisk(new Random(1)), FILES, new ArrayList<>());
    }

    /** Reads from where the receiver is until an offset, by steps that end at random. */
    private static void readUntil(SegmentsReader reader, LogReceiver receiver, long until, Random random)
            throws IOException {
        while (receiver.offset() < until) {
            long limit = receiver.offset() + 1 + random.nextInt((int) (until - receiver.offset()));
            LogPiece piece = reader.next(limit);
            assertThat(piece).isNotNull();
            receiver.take(piece);
            assertThat(reader.offset()).isEqualTo(receiver.offset()).isLessThanOrEqualTo(limit);
        }
        assertThat(reader.next(until)).isNull();
    }

    private LogReceiver readAll(StoredLog log, long from) throws IOException {
        LogReceiver receiver = new LogReceiver(log.batches, from);
        try (SegmentsReader reader = new SegmentsReader(log.segments, from, buffers)) {
            for (LogPiece piece = reader.next(Long.MAX_VALUE); piece != null; piece = reader.next(Long.MAX_VALUE)) {
                receiver.take(piece);
            }
        }
        assertThat(receiver.offset()).isEqualTo(log.nextOffset());
        buffers.requireFree();
        return receiver;
    }

    @Test
    void readsWhatWasWrittenFromEveryOffsetOn() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            Random random = new Random(0x5DEECE66DL * seed);
            StoredLog log = log();
            log.addRandom(random, BATCHES);
            for (long from = 0; from < BATCHES; from++) {
                readAll(log, from);
                try (SegmentsReader reader = new SegmentsReader(log.segments, from, buffers)) {
                    readUntil(reader, new LogReceiver(log.batches, from), BATCHES, random);
                    assertThat(reader.next(Long.MAX_VALUE)).isNull();
                }
            }
            log.close();
            readAll(log, 0);
        }
    }

    @Test
    void findsTheFirstBatchOfEveryTime() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            StoredLog log = log();
            log.addRandom(new Random(seed), BATCHES);
            long last = log.batches.get(BATCHES - 1).timeMicros();
            for (long micros = -1; micros <= last; micros++) {
                long expected = 0;
                while (log.batches.get((int) expected).timeMicros() < micros) {
                    expected++;
                }
                assertThat(SegmentsReader.firstOffsetAtOrAfter(log.segments, micros, buffers, () -> true))
                        .hasValue(expected);
            }
            assertThat(SegmentsReader.firstOffsetAtOrAfter(log.segments, last + 1, buffers, () -> true))
                    .isEqualTo(OptionalLong.empty());
            buffers.requireFree();
        }
    }

    @Test
    void looksForNoTimeThatNobodyWants() throws IOException {
        StoredLog log = log();
        log.roll();
        log.write();
        log.addBatch(1);
        log.write();

        assertThat(SegmentsReader.firstOffsetAtOrAfter(log.segments, 1, buffers, () -> false))
                .isEqualTo(OptionalLong.empty());
        assertThat(buffers.given).isEmpty();

        Iterator<Boolean> answers = List.of(true, false).iterator(); // it goes after the schema has been read
        assertThat(SegmentsReader.firstOffsetAtOrAfter(log.segments, 1, buffers, answers::next))
                .isEqualTo(OptionalLong.empty());
        assertThat(buffers.given).hasSize(1);
        buffers.requireFree();
    }

    @Test
    void goesOnWhereTheWriterDoes() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            Random random = new Random(seed);
            StoredLog log = log();
            LogReceiver receiver = new LogReceiver(log.batches, 0);
            try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
                assertThat(reader.next(Long.MAX_VALUE)).isNull();
                for (int i = 0; i < BATCHES; i++) {
                    log.addRandom(random, 1 + random.nextInt(3));
                    readUntil(reader, receiver, log.nextOffset(), random);
                }
            }
            buffers.requireFree();
        }
    }

    @Test
    void bringsNoDictionaryAgainThatIsTheSameInTheNextSegment() throws IOException {
        StoredLog log = log();
        log.roll();
        log.replace(0);
        log.append(0);
        log.replace(1);
        log.addBatch(1);
        log.roll();
        log.addBatch(1);
        assertThat(readAllAfterWrite(log).dictionaryBatches).isEqualTo(3);

        log.appendAtRoll(0);
        log.roll();
        log.addBatch(1);
        assertThat(readAllAfterWrite(log).dictionaryBatches).isEqualTo(4);

        log.replaceAtRoll(1);
        log.roll();
        log.addBatch(1);
        assertThat(readAllAfterWrite(log).dictionaryBatches).isEqualTo(5);

        log.shortenAtRoll(0);
        log.roll();
        log.addBatch(1);
        assertThat(readAllAfterWrite(log).dictionaryBatches).isEqualTo(6);
    }

    private LogReceiver readAllAfterWrite(StoredLog log) throws IOException {
        log.write();
        return readAll(log, 0);
    }

    @Test
    void beginsWithTheDictionariesInForceAlone() throws IOException {
        StoredLog log = log();
        log.roll();
        for (int i = 0; i < 5; i++) {
            log.replace(0);
            log.append(0);
            log.addBatch(1);
            log.write();
        }

        assertThat(readAll(log, 4).dictionaryBatches).isEqualTo(2);
    }

    @Test
    void looksForDictionariesOnceForAllWhoReadASegment() throws IOException {
        StoredLog log = log();
        log.roll();
        log.write();
        log.replace(0);
        for (int i = 0; i < 20; i++) {
            log.append(0);
            log.addLargeBatch(100 << 10);
            log.write();
        }
        TestBuffers ownBuffers = new TestBuffers();
        try (SegmentsReader first = new SegmentsReader(log.segments, 18, buffers)) {
            new LogReceiver(log.batches, 18).take(first.next(19));
            assertThat(buffers.bytes()).isGreaterThan(18 * (100 << 10));

            for (long from : new long[] {17, 18, 19, 3, 19}) {
                TestBuffers own = from == 19 ? ownBuffers : new TestBuffers();
                LogReceiver receiver = new LogReceiver(log.batches, from);
                try (SegmentsReader next = new SegmentsReader(log.segments, from, own)) {
                    receiver.take(next.next(from + 1));
                }
                assertThat(receiver.dictionaryBatches).isEqualTo((int) from + 2);
                own.requireFree();
                if (from != 19) {
                    assertThat(own.bytes()).isLessThan(130 << 10); // one range, and the dictionaries
                }
            }
            assertThat(ownBuffers.bytes()).isLessThan(350 << 10); // one range more, once
        }
        buffers.requireFree();
    }

    @Test
    void readsALargeBatchAlone() throws IOException {
        StoredLog log = log();
        log.roll();
        log.addBatch(1);
        log.addLargeBatch(3 << 20);
        log.addBatch(1);
        log.write();

        List<Integer> counts = new ArrayList<>();
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            for (LogPiece piece = reader.next(3); piece != null; piece = reader.next(3)) {
                counts.add(piece.chunk().batchCount());
                receiver.take(piece);
            }
        }

        assertThat(counts).containsExactly(1, 1, 1);
        assertThat(buffers.given).hasSize(1);
        buffers.requireFree();
    }

    @Test
    void readsSmallRangesTogetherAndChunksOfAMebibyte() throws IOException {
        StoredLog log = log();
        log.roll();
        log.write();
        for (int i = 0; i < 30; i++) {
            log.addLargeBatch(100 << 10);
            log.write();
        }

        List<Integer> counts = new ArrayList<>();
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            for (LogPiece piece = reader.next(30); piece != null; piece = reader.next(30)) {
                counts.add(piece.chunk().batchCount());
                receiver.take(piece);
            }
        }

        assertThat(counts).containsExactly(1, 10, 10, 9); // the first range is read alone
        assertThat(buffers.given).hasSize(2 + 3); // before them the schema
    }

    @Test
    void tellsEveryByteThatIsDamagedAndReturnsNothingWrong() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        StoredLog log = new StoredLog(disk, FILES, new ArrayList<>());
        log.roll();
        for (int i = 0; i < 3; i++) {
            log.replace(0);
            log.addBatch(1);
            log.addBatch(1);
            log.write();
        }
        SegmentIndex index = log.added.get(0).index();
        for (int at = 0; at < index.end(); at++) {
            disk.damage(FILES.segment(0), at, 1 << at % 8);
            for (long from = 0; from < 6; from += 5) {
                requireDamaged(disk, log, from, at);
            }
            disk.damage(FILES.segment(0), at, 1 << at % 8);
        }
        buffers.requireFree();
    }

    private void requireDamaged(FaultyDisk disk, StoredLog log, long from, int at) throws IOException {
        Segments segments = new Segments(); // of a server that has started just now
        SegmentIndex index = log.added.get(0).index();
        segments.add(new StoredSegment(disk, FILES.segment(0), index, Runnable::run));
        LogReceiver receiver = new LogReceiver(log.batches, from);
        try (SegmentsReader reader = new SegmentsReader(segments, from, buffers)) {
            for (int i = 0; i < 2; i++) { // and does so again
                assertThatThrownBy(() -> {
                            while (true) {
                                receiver.take(reader.next(6));
                            }
                        })
                        .isInstanceOfSatisfying(DamagedRangeException.class, e -> {
                            assertThat(e.file()).isEqualTo(FILES.segment(0));
                            assertThat((long) at).isBetween(e.start(), e.end() - 1);
                        })
                        .hasMessageMatching("/data/topic/0{20}\\.arrows, bytes [0-9]+ to [0-9]+: "
                                + "CRC32C [0-9a-f]{8} \\(expected: CRC32C [0-9a-f]{8}\\)");
            }
        }
        assertThat(receiver.offset()).isLessThan(6);
    }

    @Test
    void tellsAFileThatIsTooShort() throws IOException {
        StoredLog log = log();
        log.roll();
        log.addBatch(1);
        log.write();
        try (DiskFile file = log.disk.open(FILES.segment(0))) {
            file.truncate(log.added.get(0).index().end() - 1);
        }

        assertThatThrownBy(() -> readAll(log, 0)).isInstanceOf(DamagedRangeException.class);

        buffers.requireFree();
    }

    @Test
    void goesOnInASegmentThatHasBeenDeleted() throws IOException {
        StoredLog log = log();
        log.roll();
        log.replace(0);
        for (int i = 0; i < 3; i++) {
            log.addBatch(1);
            log.write();
        }
        log.roll();
        log.addBatch(1);
        log.close();
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            receiver.take(reader.next(1));

            log.segments.remove(0);
            log.disk.delete(FILES.segment(0));

            readUntil(reader, receiver, 4, new Random(1));
            assertThat(receiver.dictionaryBatches).isOne();
        }
    }

    @Test
    void beginsAfterAGapWithTheDictionariesInForce() throws IOException {
        StoredLog log = log();
        for (int i = 0; i < 3; i++) {
            log.replaceAtRoll(i);
            log.roll();
            log.addBatch(1);
            log.addBatch(1);
        }
        log.close();
        log.segments.remove(2);
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            receiver.take(reader.next(6));
            assertThat(receiver.offset()).isEqualTo(2);
            assertThat(reader.next(4)).isNull();

            receiver.takeAfterGap(reader.next(6));

            assertThat(receiver.offset()).isEqualTo(6);
            assertThat(receiver.dictionaryBatches).isEqualTo(1 + 3);
        }
        buffers.requireFree();
    }

    @Test
    void keepsAPieceAliveAfterTheReader() throws IOException {
        StoredLog log = log();
        log.roll();
        log.replace(0);
        log.addBatch(1);
        log.replace(1);
        log.addBatch(1);
        log.write();
        LogPiece first;
        LogPiece second;
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            first = reader.next(2);
            second = reader.next(2);
        }

        LogReceiver receiver = new LogReceiver(log.batches, 0);
        receiver.take(first);
        assertThat(buffers.given.get(0).refCnt()).isPositive();
        receiver.take(second);

        buffers.requireFree();
    }

    @Test
    void offersAsPartsOfTheFileWhatHasBeenRead(@TempDir Path directory) throws IOException {
        StoredLog log = new StoredLog(new LocalDisk(), new SegmentFiles(directory), new ArrayList<>());
        log.roll();
        log.addBatch(1);
        log.write();
        for (int i = 1; i < 6; i++) {
            log.addBatch(1);
            log.addBatch(1);
            log.write();
        }
        log.replace(0);
        log.addBatch(1);
        log.close();
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            reader.next(1).release();
            assertThat(reader.nextFile(12, Long.MAX_VALUE)).isNull(); // nobody has read it
        }
        readAll(log, 0);
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            assertThat(reader.nextFile(12, Long.MAX_VALUE)).isNull();
            receiver.take(reader.next(12)); // the range with the schema

            takeFile(reader.nextFile(8, Long.MAX_VALUE), log, receiver, 6); // the range of 7 and 8 has more
            assertThat(reader.nextFile(12, 10)).isNull();
            log.segments.remove(0);
            log.disk.delete(log.files.segment(0));
            takeFile(reader.nextFile(12, Long.MAX_VALUE), log, receiver, 4);
            assertThat(reader.nextFile(12, Long.MAX_VALUE)).isNull(); // a dictionary
            receiver.take(reader.next(12));
            assertThat(reader.offset()).isEqualTo(12);
        }
        buffers.requireFree();
    }

    private static void takeFile(FilePart part, StoredLog log, LogReceiver receiver, int count) throws IOException {
        assertThat(part.firstOffset()).isEqualTo(receiver.offset());
        assertThat(part.batchCount()).isEqualTo(count);
        long position = part.position();
        for (int i = 0; i < count; i++) {
            byte[] frame = new byte[log.batches.get((int) receiver.offset()).frame().length];
            part.file().read(ByteBuffer.wrap(frame), position);
            receiver.require(frame);
            position += frame.length;
        }
        assertThat(position).isEqualTo(part.position() + part.bytes());
        part.release();
    }

    @Test
    void releasesAllWhereverTheDiskDies() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        StoredLog log = new StoredLog(disk, FILES, new ArrayList<>());
        log.addRandom(new Random(2), BATCHES);
        boolean isDead = true;
        for (int operations = 0; isDead; operations++) {
            disk.dieIn(operations);
            try {
                readAll(log, 3);
                SegmentsReader.firstOffsetAtOrAfter(log.segments, 1, buffers, () -> true);
                isDead = false;
            } catch (FaultyDisk.PowerLoss e) {
                // as it was asked to
            }
            buffers.requireFree();
            disk.restart();
        }
    }

    @Test
    void goesOnWhenThereIsMemoryAgain() throws IOException {
        StoredLog log = log();
        log.addRandom(new Random(2), BATCHES);
        int refusals = 0;
        LogReceiver receiver = new LogReceiver(log.batches, 3);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 3, buffers)) {
            while (receiver.offset() < BATCHES) {
                for (int count = 0; count < 2; count++) {
                    buffers.refuseAfter(count);
                    try {
                        receiver.take(reader.next(Math.min(BATCHES, receiver.offset() + 3)));
                        break;
                    } catch (TestBuffers.Refusal e) {
                        refusals++;
                    }
                }
                buffers.refuseAfter(-1);
                if (receiver.offset() < BATCHES) {
                    receiver.take(reader.next(receiver.offset() + 1));
                }
            }
        }
        assertThat(refusals).isPositive();
        buffers.requireFree();
    }
}
