package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Reads back what was written. */
@ExtendWith(LeakDetection.class)
class SegmentsReaderTest {
    private static final int LOGS = 12;
    private static final int BATCHES = 60;

    private final TestBuffers buffers = new TestBuffers();

    @Test
    void readsWhatWasWrittenFromEveryOffsetOn() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            Random random = new Random(0x5DEECE66DL * seed);
            StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
            log.addRandom(random, BATCHES);
            for (long from = 0; from < BATCHES; from++) {
                LogReceiver.ofAll(log, from, buffers);
                try (SegmentsReader reader = new SegmentsReader(log.segments, from, buffers)) {
                    new LogReceiver(log.batches, from).takeUntil(reader, BATCHES, random);
                    assertThat(reader.next(Long.MAX_VALUE)).isNull();
                }
            }
            log.close();
            LogReceiver.ofAll(log, 0, buffers);
        }
    }

    @Test
    void findsTheFirstBatchOfEveryTime() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
    void goesOnWhereTheWriterDoes() throws IOException {
        for (int seed = 0; seed < LOGS; seed++) {
            Random random = new Random(seed);
            StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
            LogReceiver receiver = new LogReceiver(log.batches, 0);
            try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
                assertThat(reader.next(Long.MAX_VALUE)).isNull();
                for (int i = 0; i < BATCHES; i++) {
                    log.addRandom(random, 1 + random.nextInt(3));
                    receiver.takeUntil(reader, log.nextOffset(), random);
                }
            }
            buffers.requireFree();
        }
    }

    @Test
    void bringsNoDictionaryAgainThatIsTheSameInTheNextSegment() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
        return LogReceiver.ofAll(log, 0, buffers);
    }

    @Test
    void beginsWithTheDictionariesInForceAlone() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
        log.roll();
        for (int i = 0; i < 5; i++) {
            log.replace(0);
            log.append(0);
            log.addBatch(1);
            log.write();
        }

        assertThat(LogReceiver.ofAll(log, 4, buffers).dictionaryBatches).isEqualTo(2);
    }

    @Test
    void readsALargeBatchAlone() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
        log.roll();
        log.addBatch(1);
        log.addLargeBatch(3 << 20);
        log.addBatch(1);
        log.write();

        LogReceiver receiver = LogReceiver.ofAll(log, 0, buffers);

        assertThat(receiver.counts).containsExactly(1, 1, 1);
        assertThat(buffers.given).hasSize(1);
        buffers.requireFree();
    }

    @Test
    void readsSmallRangesTogetherAndChunksOfAMebibyte() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
        log.roll();
        log.write();
        for (int i = 0; i < 30; i++) {
            log.addLargeBatch(100 << 10);
            log.write();
        }

        LogReceiver receiver = LogReceiver.ofAll(log, 0, buffers);

        assertThat(receiver.counts).containsExactly(1, 10, 10, 9); // the first range is read alone
        assertThat(buffers.given).hasSize(2 + 3); // before them the schema
    }

    @Test
    void beginsAfterAGapWithTheDictionariesInForce() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
        LogReceiver.ofAll(log, 0, buffers);
        LogReceiver receiver = new LogReceiver(log.batches, 0);
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            assertThat(reader.nextFile(12, Long.MAX_VALUE)).isNull();
            receiver.take(reader.next(12)); // the range with the schema

            takeFile(reader.nextFile(8, Long.MAX_VALUE), log, receiver, 6); // the range of 7 and 8 has more
            takeFile(reader.nextFile(12, 10), log, receiver, 2); // one range, though that has more bytes
            log.segments.remove(0);
            log.disk.delete(log.files.segment(0));
            takeFile(reader.nextFile(12, Long.MAX_VALUE), log, receiver, 2);
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
    void looksForNoTimeThatNobodyWants() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
    void looksForDictionariesOnceForAllWhoReadASegment() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
}
