package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a reader does where the disk or the memory fails it. */
@ExtendWith(LeakDetection.class)
class SegmentsReaderFaultTest {
    private static final int BATCHES = 60;

    private final TestBuffers buffers = new TestBuffers();

    @Test
    void tellsEveryByteThatIsDamagedAndReturnsNothingWrong() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        StoredLog log = new StoredLog(disk);
        log.roll();
        for (int i = 0; i < 3; i++) {
            log.replace(0);
            log.addBatch(1);
            log.addBatch(1);
            log.write();
        }
        SegmentIndex index = log.added.get(0).index();
        for (int at = 0; at < index.end(); at++) {
            disk.damage(log.files.segment(0), at, 1 << at % 8);
            for (long from = 0; from < 6; from += 5) {
                requireDamaged(disk, log, from, at);
            }
            disk.damage(log.files.segment(0), at, 1 << at % 8);
        }
        buffers.requireFree();
    }

    private void requireDamaged(FaultyDisk disk, StoredLog log, long from, int at) throws IOException {
        Segments segments = new Segments(); // of a server that has started just now
        SegmentIndex index = log.added.get(0).index();
        segments.add(new StoredSegment(disk, log.files.segment(0), index, Runnable::run));
        LogReceiver receiver = new LogReceiver(log.batches, from);
        try (SegmentsReader reader = new SegmentsReader(segments, from, buffers)) {
            for (int i = 0; i < 2; i++) { // and does so again
                assertThatThrownBy(() -> {
                            while (true) {
                                receiver.take(reader.next(6));
                            }
                        })
                        .isInstanceOfSatisfying(DamagedRangeException.class, e -> {
                            assertThat(e.file()).isEqualTo(log.files.segment(0));
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
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
        log.roll();
        log.addBatch(1);
        log.write();
        try (DiskFile file = log.disk.open(log.files.segment(0))) {
            file.truncate(log.added.get(0).index().end() - 1);
        }

        assertThatThrownBy(() -> LogReceiver.ofAll(log, 0, buffers)).isInstanceOf(DamagedRangeException.class);

        buffers.requireFree();
    }

    @Test
    void goesOnInASegmentThatHasBeenDeleted() throws IOException {
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
            log.disk.delete(log.files.segment(0));

            receiver.takeUntil(reader, 4, new Random(1));
            assertThat(receiver.dictionaryBatches).isOne();
        }
    }

    @Test
    void releasesAllWhereverTheDiskDies() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        StoredLog log = new StoredLog(disk);
        log.addRandom(new Random(2), BATCHES);
        boolean isDead = true;
        for (int operations = 0; isDead; operations++) {
            disk.dieIn(operations);
            try {
                LogReceiver.ofAll(log, 3, buffers);
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
        StoredLog log = new StoredLog(new FaultyDisk(new Random(1)));
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
