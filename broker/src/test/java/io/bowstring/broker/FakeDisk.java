package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Keeps copies of all messages of one topic for a {@link FakeStorage}. Confined to the test's thread. */
final class FakeDisk {
    /**
     * A batch.
     *
     * @param piece which one it was taken with, from 0 on
     * @param isFirst whether it is the first of that
     * @param own dictionaries that were taken with the piece
     * @param inForce all dictionaries that somebody needs who begins to read here
     */
    record Batch(byte[] frame, long rows, int piece, boolean isFirst, List<byte[]> own, List<byte[]> inForce) {}

    final NavigableMap<Long, Batch> batches = new TreeMap<>();
    String id;
    byte[] schema;
    boolean isSealed;
    List<DurableLog.KeptProducer> producers = List.of();

    /** Of the oldest batch that is not dropped. */
    long firstOffset;

    /** The log has taken all batches before this offset. */
    long takenOffset;

    private long committedOffset;

    /** The extent as it was computed last; null where batches have changed since. */
    private DurableLog.Extent extent;

    private final Map<Long, List<byte[]>> dictionaries = new LinkedHashMap<>();
    private int pieces;

    /** Begins; the schema is consumed. */
    void begin(String newId, IpcSchema newSchema) {
        id = newId;
        schema = bytes(newSchema);
        newSchema.release();
    }

    boolean hasBegun() {
        return id != null;
    }

    /** Keeps what comes next; the piece is consumed. */
    void take(LogPiece piece) {
        List<byte[]> own = new ArrayList<>();
        for (IpcDictionaryBatch dictionary : piece.dictionaries()) {
            byte[] frame = bytes(dictionary);
            own.add(frame);
            List<byte[]> all = dictionary.isDelta() ? dictionaries.get(dictionary.id()) : List.of();
            List<byte[]> more = new ArrayList<>(all);
            more.add(frame);
            dictionaries.put(dictionary.id(), more);
        }
        List<byte[]> inForce =
                dictionaries.values().stream().flatMap(List::stream).toList();
        Chunk chunk = piece.chunk();
        if (chunk.firstOffset() != takenOffset) {
            throw new AssertionError(chunk.firstOffset() + " (expected: " + takenOffset + ", right after the last)");
        }
        for (int i = 0; i < chunk.batchCount(); i++) {
            IpcRecordBatch batch = chunk.batch(i);
            batches.put(takenOffset, new Batch(bytes(batch), batch.rowCount(), pieces, i == 0, own, inForce));
            batch.release();
            takenOffset++;
        }
        pieces++;
        piece.release();
    }

    private static byte[] bytes(IpcMessage message) {
        return ByteBufUtil.getBytes(message.frame());
    }

    long committedOffset() {
        return committedOffset;
    }

    /** What is before an offset is committed. */
    void commit(long offset) {
        committedOffset = offset;
        extent = null;
    }

    /** Removes batches from an offset until another: nobody can read them any more. */
    void lose(long from, long until) {
        extent = null;
        batches.subMap(from, until).clear();
    }

    void dropBefore(long offset) {
        extent = null;
        firstOffset = Math.max(firstOffset, Math.min(offset, committedOffset));
        batches.headMap(firstOffset).clear();
    }

    DurableLog.Extent extent() {
        if (extent == null) {
            extent = newExtent();
        }
        return extent;
    }

    private DurableLog.Extent newExtent() {
        Map<Long, Batch> kept = batches.headMap(committedOffset);
        long rows = kept.values().stream().mapToLong(Batch::rows).sum();
        long bytes =
                kept.values().stream().mapToLong(batch -> batch.frame.length).sum();
        long end = batches.isEmpty() ? firstOffset : Math.min(committedOffset, batches.lastKey() + 1);
        return new DurableLog.Extent(firstOffset, Math.max(firstOffset, end), kept.size(), rows, bytes);
    }

    private static long timeMicros(Batch batch) {
        return BatchPosition.parse(IpcRecordBatch.of(Unpooled.wrappedBuffer(batch.frame)))
                .timeMicros();
    }

    /** Returns the time of the last batch, 0 where there is none. */
    long lastTimeMicros() {
        return batches.isEmpty() ? 0 : timeMicros(batches.lastEntry().getValue());
    }

    OptionalLong offsetOfTime(long micros) {
        for (Map.Entry<Long, Batch> batch : batches.entrySet()) {
            if (timeMicros(batch.getValue()) >= micros) {
                return OptionalLong.of(batch.getKey());
            }
        }
        return OptionalLong.empty();
    }
}
