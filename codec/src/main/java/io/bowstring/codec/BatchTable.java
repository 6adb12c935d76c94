package io.bowstring.codec;

import java.util.Arrays;

/**
 * The {@code RecordBatch} table of a batch that is being put together.
 *
 * <pre>
 *   RecordBatch       0 length   1 nodes: [length i64, nullCount i64]   2 buffers: [offset i64, length i64]
 *                     3 compression: table   4 variadicBufferCounts: [i64]
 *   BodyCompression   0 codec: i8, 0 LZ4_FRAME, 1 ZSTD   1 method: i8, 0 BUFFER
 * </pre>
 *
 * <p>Confined to the caller's thread.
 */
final class BatchTable {
    private long[] nodes = new long[32];
    private int nodeLongs;
    private long[] ranges = new long[64];
    private int rangeLongs;
    private long[] counts = new long[4];
    private int countLongs;

    void clear() {
        nodeLongs = 0;
        rangeLongs = 0;
        countLongs = 0;
    }

    void addNode(long length, long nullCount) {
        nodes = withRoomForTwo(nodes, nodeLongs);
        nodes[nodeLongs++] = length;
        nodes[nodeLongs++] = nullCount;
    }

    /** Adds a buffer. */
    void addRange(long offset, long bytes) {
        ranges = withRoomForTwo(ranges, rangeLongs);
        ranges[rangeLongs++] = offset;
        ranges[rangeLongs++] = bytes;
    }

    void addVariadicCount(long count) {
        counts = withRoomForTwo(counts, countLongs);
        counts[countLongs++] = count;
    }

    private static long[] withRoomForTwo(long[] values, int count) {
        return count + 2 <= values.length ? values : Arrays.copyOf(values, 2 * values.length);
    }

    int bufferCount() {
        return rangeLongs / 2;
    }

    long offset(int buffer) {
        return ranges[2 * buffer];
    }

    void setOffset(int buffer, long offset) {
        ranges[2 * buffer] = offset;
    }

    /** Returns the length of a buffer. */
    long bytes(int buffer) {
        return ranges[2 * buffer + 1];
    }

    /** Returns how long the vectors are, in bytes. */
    int vectorBytes() {
        return Long.BYTES * (nodeLongs + rangeLongs + countLongs);
    }

    /**
     * Writes the table and returns its position.
     *
     * @param compressionBits see {@link IpcBatchMetadata#compressionBits}
     */
    int write(MetadataWriter out, long rowCount, int compressionBits) {
        int batch = out.table(32, 8, 16, 20, compressionBits < 0 ? 0 : 24, countLongs == 0 ? 0 : 28);
        out.int64(batch + 8, rowCount);
        out.point(batch + 16, out.int64s(nodes, nodeLongs, 2));
        out.point(batch + 20, out.int64s(ranges, rangeLongs, 2));
        if (compressionBits >= 0) {
            int compression = out.table(8, 4, 5);
            out.int16(compression + 4, compressionBits);
            out.point(batch + 24, compression);
        }
        if (countLongs != 0) {
            out.point(batch + 28, out.int64s(counts, countLongs, 1));
        }
        return batch;
    }
}
