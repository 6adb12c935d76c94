package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.LogPiece;
import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Who reads a log, and compares what comes with what was written. Confined to one thread. */
final class LogReceiver {
    private final List<StoredLog.Batch> written;
    private final Map<Long, List<String>> dictionaries = new HashMap<>();
    private long offset;

    /** How many dictionary batches have come. */
    int dictionaryBatches;

    /** How many batches each piece has had. */
    final List<Integer> counts = new ArrayList<>();

    LogReceiver(List<StoredLog.Batch> written, long offset) {
        this.written = written;
        this.offset = offset;
    }

    /** Reads all that a log has from an offset on; returns who has read it. */
    static LogReceiver ofAll(StoredLog log, long from, TestBuffers buffers) throws IOException {
        LogReceiver receiver = new LogReceiver(log.batches, from);
        try (SegmentsReader reader = new SegmentsReader(log.segments, from, buffers)) {
            for (LogPiece piece = reader.next(Long.MAX_VALUE); piece != null; piece = reader.next(Long.MAX_VALUE)) {
                receiver.take(piece);
            }
        }
        assertThat(receiver.offset).isEqualTo(log.nextOffset());
        buffers.requireFree();
        return receiver;
    }

    /** Takes what a reader has before an offset, by steps that end at random. */
    void takeUntil(SegmentsReader reader, long until, Random random) throws IOException {
        while (offset < until) {
            long limit = offset + 1 + random.nextInt((int) (until - offset));
            LogPiece piece = reader.next(limit);
            assertThat(piece).isNotNull();
            take(piece);
            assertThat(reader.offset()).isEqualTo(offset).isLessThanOrEqualTo(limit);
        }
        assertThat(reader.next(until)).isNull();
    }

    /** Returns the offset after that of the last batch. */
    long offset() {
        return offset;
    }

    /** Takes a piece, consumed, that follows the last one. */
    void take(LogPiece piece) {
        assertThat(piece.chunk().firstOffset()).isEqualTo(offset);
        takeAfterGap(piece);
    }

    /** Takes a piece, consumed. */
    void takeAfterGap(LogPiece piece) {
        try {
            piece.dictionaries().forEach(this::put);
            counts.add(piece.chunk().batchCount());
            offset = piece.chunk().firstOffset();
            assertThat(piece.chunk().batchCount()).isPositive();
            int bytes = 0;
            for (int i = 0; i < piece.chunk().batchCount(); i++) {
                IpcRecordBatch batch = piece.chunk().batch(i);
                bytes += batch.frameBytes();
                require(ByteBufUtil.getBytes(batch.frame()));
                batch.release();
            }
            assertThat(piece.chunk().frameBytes()).isEqualTo(bytes);
        } finally {
            piece.release();
        }
    }

    private void put(IpcDictionaryBatch batch) {
        dictionaryBatches++;
        if (batch.isDelta()) {
            dictionaries.get(batch.id()).add(DictionaryFrames.text(batch));
        } else {
            dictionaries.put(batch.id(), new ArrayList<>(List.of(DictionaryFrames.text(batch))));
        }
    }

    /** The next batch has come, or a file has it. */
    void require(byte[] frame) {
        StoredLog.Batch expected = written.get((int) offset++);
        assertThat(frame).isEqualTo(expected.frame());
        assertThat(dictionaries).containsAllEntriesOf(expected.dictionaries());
    }
}
