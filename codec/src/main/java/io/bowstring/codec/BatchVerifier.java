package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Checks the metadata of a record batch, or of the batch inside a dictionary batch, against a {@link BatchLayout}: that
 * a reader which trusts it stays inside the body, and allocates nothing that the sender has not paid for in bytes.
 *
 * <pre>
 *   RecordBatch       0 length   1 nodes: [length i64, nullCount i64]   2 buffers: [offset i64, length i64]
 *                     3 compression: table   4 variadicBufferCounts: [i64]
 *   BodyCompression   0 codec: i8, 0 LZ4_FRAME, 1 ZSTD   1 method: i8, 0 BUFFER
 *   compressed buffer │ length when decompressed: i64, -1 = not compressed │ bytes │
 * </pre>
 *
 * <p>Loops, no recursion; the cost is that of the nodes and buffers that the schema implies. Confined to one decoder.
 *
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Message.fbs">Message.fbs</a>
 */
final class BatchVerifier {
    private static final int STRUCT_BYTES = 16;
    private static final int COMPRESSION_PREFIX_BYTES = 8;
    private static final int METADATA_V4 = 3;
    private static final int LAST_CODEC = 1;
    private static final int NOT_COMPRESSED = -1;

    /**
     * Where validity is left out a reader makes it up, a bit a value. So many levels of nesting may do that over the same
     * values; more, or millions of values that take no bytes at all, would be memory for nothing.
     */
    private static final int OMITTED_VALIDITY_FACTOR = 64;

    private static final int OMITTED_VALIDITY_BYTES = 1 << 20;

    private final IpcLimits limits;
    private long[] lengths = new long[16];

    BatchVerifier(IpcLimits limits) {
        this.limits = limits;
    }

    /**
     * Checks a batch.
     *
     * @param batch position of the {@code RecordBatch} table
     * @param body the message's body; borrowed
     * @throws IpcException {@code MALFORMED}, or {@code TOO_LARGE} where it decompresses to more than is allowed
     */
    void verify(BatchLayout layout, MetadataReader in, int batch, int version, ByteBuf body) {
        long rows = in.int64(batch, 0);
        if (rows < 0 || rows > Integer.MAX_VALUE) {
            throw IpcException.malformed("length of a batch", rows, "0.." + Integer.MAX_VALUE);
        }
        int nodes = in.vector(batch, 1, STRUCT_BYTES);
        requireCount("field nodes", in.count(nodes), layout.nodeCount());
        if (lengths.length < layout.nodeCount()) {
            lengths = new long[layout.nodeCount()];
        }
        ByteBuffer view = in.view();
        Buffers buffers = new Buffers(in, view, batch, isCompressed(in, batch), body, limits.maxDecompressedBytes());
        int variadicCounts = in.vector(batch, 4, Long.BYTES);
        int variadicFields = 0;
        long omittedBytes = 0;
        for (int node = 0; node < layout.nodeCount(); node++) {
            int at = nodes + 4 + STRUCT_BYTES * node;
            long length = view.getLong(at);
            long nullCount = view.getLong(at + Long.BYTES);
            requireLength(layout, node, length, rows);
            if (nullCount < 0 || nullCount > length) {
                throw IpcException.malformed("nullCount of field node " + node, nullCount, "0.." + length);
            }
            lengths[node] = length;
            omittedBytes += verifyBuffers(layout, node, version, nullCount, buffers);
            if (layout.isVariadic(node)) {
                buffers.skip(variadicCount(in, variadicCounts, variadicFields++));
            }
        }
        requireCount("variadicBufferCounts", in.count(variadicCounts), variadicFields);
        buffers.requireEnd();
        long allowed = OMITTED_VALIDITY_FACTOR * buffers.totalBytes() + OMITTED_VALIDITY_BYTES;
        if (omittedBytes > allowed) {
            throw IpcException.malformed("bytes of validity left out", omittedBytes, "<= " + allowed);
        }
    }

    /** Checks the buffers of a node but for variadic ones; returns how many bytes of validity are left out. */
    private long verifyBuffers(BatchLayout layout, int node, int version, long nullCount, Buffers buffers) {
        long omittedBytes = 0;
        for (int i = layout.firstBuffer(node); i < layout.firstBuffer(node + 1); i++) {
            byte rule = layout.rule(i);
            if (rule == BatchLayout.VALIDITY_V4 && version != METADATA_V4) {
                continue;
            }
            long bytes = buffers.next();
            if (bytes == 0 && rule <= BatchLayout.VALIDITY_V4 && nullCount == 0) {
                omittedBytes += (lengths[node] + 7) / 8;
            } else {
                buffers.requireAtLeast(minBytes(rule, layout.width(i), lengths[node], bytes));
            }
        }
        return omittedBytes;
    }

    private void requireLength(BatchLayout layout, int node, long length, long rows) {
        int parent = layout.parent(node);
        if (length < 0 || length > Integer.MAX_VALUE || (parent < 0 && length != rows)) {
            String rule = parent < 0 ? String.valueOf(rows) : "0.." + Integer.MAX_VALUE;
            throw IpcException.malformed("length of field node " + node, length, rule);
        }
        if (parent >= 0) {
            int factor = layout.lengthFactor(node);
            long min = factor == BatchLayout.NOT_EMPTY ? Math.min(1, lengths[parent]) : factor * lengths[parent];
            if (length < min) {
                throw IpcException.malformed("length of field node " + node, length, ">= " + min);
            }
        }
    }

    private static long minBytes(byte rule, int width, long length, long bytes) {
        return switch (rule) {
            case BatchLayout.FIXED -> (length * width + 7) / 8;
            case BatchLayout.OFFSETS -> length == 0 && bytes == 0 ? 0 : (length + 1) * width;
            case BatchLayout.DATA -> 0;
            default -> (length + 7) / 8;
        };
    }

    private static long variadicCount(MetadataReader in, int counts, int field) {
        if (field >= in.count(counts)) {
            throw IpcException.malformed("variadicBufferCounts", in.count(counts), "> " + field);
        }
        return in.int64AtPosition(counts + 4 + Long.BYTES * field);
    }

    private static boolean isCompressed(MetadataReader in, int batch) {
        int compression = in.table(batch, 3);
        if (compression == 0) {
            return false;
        }
        int codec = in.uint8(compression, 0);
        int method = in.uint8(compression, 1);
        if (codec > LAST_CODEC || method != 0) {
            throw IpcException.unsupported(
                    "compression", "codec " + codec + ", method " + method, "codec 0 or 1, method 0");
        }
        return true;
    }

    private static void requireCount(String what, int count, int expected) {
        if (count != expected) {
            throw IpcException.malformed(what, count, expected + ", as the schema implies");
        }
    }

    /** A walk along the buffers of one batch. Confined to the caller's thread; borrows metadata and body. */
    private static final class Buffers {
        private final ByteBuffer view;
        private final int vector;
        private final int count;
        private final boolean isCompressed;
        private final ByteBuf body;
        private final int bodyBytes;
        private final long maxTotalBytes;
        private int next;
        private long bytes;
        private long totalBytes;

        private Buffers(
                MetadataReader in, ByteBuffer view, int batch, boolean isCompressed, ByteBuf body, long maxTotalBytes) {
            this.view = view;
            this.vector = in.vector(batch, 2, STRUCT_BYTES);
            this.count = in.count(vector);
            this.isCompressed = isCompressed;
            this.body = body;
            this.bodyBytes = body.readableBytes();
            this.maxTotalBytes = maxTotalBytes;
        }

        /** Checks that the next buffer lies in the body; returns its length in bytes, decompressed. */
        private long next() {
            if (next == count) {
                throw IpcException.malformed("buffers", count, "more, as the schema implies");
            }
            int at = vector + 4 + STRUCT_BYTES * next;
            long offset = view.getLong(at);
            long length = view.getLong(at + Long.BYTES);
            if (offset < 0 || length < 0 || offset > bodyBytes - length || (offset & 7) != 0) {
                String value = "offset " + offset + ", " + length + " bytes";
                String rule = "inside the body of " + bodyBytes + " bytes, offset a multiple of 8";
                throw IpcException.malformed("buffer " + next, value, rule);
            }
            bytes = isCompressed && length > 0 ? decompressed((int) offset, length) : length;
            next++;
            totalBytes += bytes;
            if (isCompressed && totalBytes > maxTotalBytes) {
                throw IpcException.tooLarge("decompressed bytes", totalBytes, maxTotalBytes);
            }
            return bytes;
        }

        private long decompressed(int offset, long length) {
            if (length < COMPRESSION_PREFIX_BYTES) {
                throw IpcException.malformed("bytes of compressed buffer " + next, length, ">= 8");
            }
            long declared = body.getLongLE(body.readerIndex() + offset);
            if (declared < NOT_COMPRESSED) {
                throw IpcException.malformed("decompressed length of buffer " + next, declared, ">= -1");
            }
            if (declared > maxTotalBytes) {
                throw IpcException.tooLarge("decompressed bytes", declared, maxTotalBytes);
            }
            return declared == NOT_COMPRESSED ? length - COMPRESSION_PREFIX_BYTES : declared;
        }

        private void requireAtLeast(long minBytes) {
            if (bytes < minBytes) {
                throw IpcException.malformed("bytes of buffer " + (next - 1), bytes, ">= " + minBytes);
            }
        }

        private void skip(long buffers) {
            if (buffers < 0 || buffers > count - next) {
                throw IpcException.malformed("variadicBufferCounts", buffers, "0.." + (count - next));
            }
            for (long i = 0; i < buffers; i++) {
                next();
            }
        }

        private void requireEnd() {
            requireCount("buffers", count, next);
        }

        private long totalBytes() {
            return totalBytes;
        }
    }
}
