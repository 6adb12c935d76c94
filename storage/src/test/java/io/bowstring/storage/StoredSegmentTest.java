package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.LogPiece;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class StoredSegmentTest {
    private static final int BATCHES = 3_000;

    private final Disk disk = new LocalDisk();

    @TempDir
    private Path folder;

    private StoredSegment segment() throws IOException {
        return segment(Runnable::run);
    }

    private StoredSegment segment(Executor closers) throws IOException {
        Path file = folder.resolve("segment");
        Files.write(file, new byte[10]);
        return new StoredSegment(disk, file, new SegmentIndex(0), closers);
    }

    @Test
    void isOpenOnceForAllReadersAndClosedByTheLast() throws IOException {
        StoredSegment segment = segment();
        assertThat(segment.tryAcquire()).isTrue();
        DiskFile file = segment.openFile();
        assertThat(segment.tryAcquire()).isTrue();
        segment.retain();
        assertThat(segment.openFile()).isSameAs(file);

        segment.release();
        segment.release();
        assertThat(file.size()).isEqualTo(10);
        segment.release();

        assertThatThrownBy(file::size).isInstanceOf(IOException.class);
        assertThatThrownBy(segment::retain).isInstanceOf(IllegalStateException.class);
        assertThat(segment.tryAcquire()).isTrue();
        segment.release();
    }

    @Test
    void closesItsFileOnAThreadThatMayWait() throws IOException {
        Queue<Runnable> closings = new ArrayDeque<>();
        StoredSegment segment = segment(closings::add);
        assertThat(segment.tryAcquire()).isTrue();
        DiskFile file = segment.openFile();

        segment.release();

        assertThat(file.size()).isEqualTo(10);
        assertThat(segment.tryAcquire()).isTrue(); // by another file
        closings.remove().run();
        assertThatThrownBy(file::size).isInstanceOf(IOException.class);
        assertThat(segment.openFile().size()).isEqualTo(10);
        segment.release();
        closings.remove().run();
    }

    @Test
    void closesItsFileAtOnceWhereNoThreadIsLeft() throws IOException {
        List<Executor> spent = List.of(
                task -> {
                    throw new RejectedExecutionException();
                },
                task -> {
                    throw new OutOfMemoryError("of the test");
                });
        for (Executor closers : spent) {
            StoredSegment segment = segment(closers);
            assertThat(segment.tryAcquire()).isTrue();
            DiskFile file = segment.openFile();

            segment.release();

            assertThatThrownBy(file::size).isInstanceOf(IOException.class);
        }
    }

    @Test
    void comparesARangeOnceWithItsChecksum() throws IOException {
        Path file = folder.resolve("segment");
        Files.write(file, new byte[10]);
        SegmentIndex index = new SegmentIndex(0);
        index.add(new IndexEntry(10, 1, 0, 0, Checksum.of(ByteBuffer.allocate(10)), true, true, false, false));
        StoredSegment segment = new StoredSegment(disk, file, index, Runnable::run);
        TestBuffers buffers = new TestBuffers();
        assertThat(segment.tryAcquire()).isTrue();
        Files.write(file, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        assertThatThrownBy(() -> segment.compare(0, buffers)).isInstanceOf(DamagedRangeException.class);
        Files.write(file, new byte[10]);

        segment.compare(0, buffers);
        segment.compare(0, buffers);

        assertThat(buffers.given).hasSize(2);
        buffers.requireFree();
        segment.release();
    }

    @Test
    void hasNoNewReadersOnceRemovedAndKeepsThoseItHas() throws IOException {
        StoredSegment segment = segment();
        assertThat(segment.tryAcquire()).isTrue();

        segment.remove();
        disk.delete(segment.file());

        assertThat(segment.tryAcquire()).isFalse();
        assertThat(segment.openFile().size()).isEqualTo(10);
        segment.release();
    }

    @Test
    void hasNoReaderWhereTheFileCannotBeOpened() throws IOException {
        StoredSegment segment = segment();
        disk.delete(segment.file());
        assertThatThrownBy(segment::tryAcquire).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(segment::retain).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Timeout(60)
    void isReadWhileAnotherThreadWrites() throws IOException {
        readWhileWritten(false);
    }

    @Test
    @Timeout(60)
    void isReadWhileOthersAreRemoved() throws IOException {
        readWhileWritten(true);
    }

    private void readWhileWritten(boolean isShort) throws IOException {
        List<StoredLog.Batch> batches = Collections.synchronizedList(new ArrayList<>());
        StoredLog log = new StoredLog(disk, new SegmentFiles(folder), batches);
        AtomicLong committed = new AtomicLong();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(log, isShort, committed));

        LogReceiver receiver = new LogReceiver(batches, 0);
        TestBuffers buffers = new TestBuffers();
        try (SegmentsReader reader = new SegmentsReader(log.segments, 0, buffers)) {
            while (receiver.offset() < BATCHES && !writer.isCompletedExceptionally()) {
                LogPiece piece = reader.next(committed.get());
                if (piece == null) {
                    Thread.onSpinWait();
                } else if (isShort && piece.chunk().firstOffset() > receiver.offset()) {
                    receiver.takeAfterGap(piece);
                } else {
                    receiver.take(piece);
                }
            }
        }

        writer.join();
        assertThat(receiver.offset()).isEqualTo(BATCHES);
        buffers.requireFree();
    }

    /** Writes batches; where the log is short, each segment is deleted when there are two more. */
    private static void write(StoredLog log, boolean isShort, AtomicLong committed) {
        try {
            while (log.nextOffset() < BATCHES) {
                if (log.nextOffset() % 100 == 0) {
                    log.roll();
                }
                if (isShort && log.added.size() > 2) {
                    StoredSegment oldest = log.added.remove(0);
                    log.segments.remove(oldest.index().firstOffset());
                    log.disk.delete(oldest.file());
                }
                if (log.nextOffset() % 50 == 0) {
                    log.replace(log.nextOffset() / 50 % StoredLog.DICTIONARIES);
                }
                for (int i = 0; i < 10; i++) {
                    log.addBatch(1);
                }
                log.write();
                committed.set(log.nextOffset());
            }
            log.close();
        } catch (IOException e) {
            throw FaultyDisk.unchecked(e);
        }
    }
}
