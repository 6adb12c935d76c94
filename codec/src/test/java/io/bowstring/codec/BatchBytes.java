package io.bowstring.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A record batch or dictionary batch that no honest writer makes: the caller says what its metadata claims. Confined to
 * the test's thread.
 */
public final class BatchBytes {
    public static final int V4 = 3;
    static final int V5 = 4;

    private final long rows;
    private final List<Long> nodes = new ArrayList<>();
    private final List<Long> ranges = new ArrayList<>();
    private final List<Long> variadicCounts = new ArrayList<>();
    private byte[] body = {};
    private int version = V5;
    private int codec = -1;
    private int method;
    private boolean isDelta;

    public BatchBytes(long rows) {
        this.rows = rows;
    }

    public BatchBytes node(long length, long nullCount) {
        nodes.addAll(List.of(length, nullCount));
        return this;
    }

    /** Adds a buffer wherever it is said to be. */
    public BatchBytes range(long offset, long length) {
        ranges.addAll(List.of(offset, length));
        return this;
    }

    /** Adds buffers of zeroes to the body, one behind the other. */
    public BatchBytes buffers(int... lengths) {
        for (int length : lengths) {
            buffer(new byte[length]);
        }
        return this;
    }

    /** Adds a buffer to the body. */
    public BatchBytes buffer(byte[] bytes) {
        range(body.length, bytes.length);
        body = Arrays.copyOf(Wire.concat(body, bytes), (body.length + bytes.length + 7) & -8);
        return this;
    }

    public BatchBytes body(int bytes) {
        return body(new byte[bytes]);
    }

    public BatchBytes body(byte[] bytes) {
        body = bytes;
        return this;
    }

    public BatchBytes variadic(long... counts) {
        Arrays.stream(counts).forEach(variadicCounts::add);
        return this;
    }

    public BatchBytes compressed(int codecValue, int methodValue) {
        codec = codecValue;
        method = methodValue;
        return this;
    }

    public BatchBytes version(int value) {
        version = value;
        return this;
    }

    /** Returns a record batch. */
    public byte[] message() {
        return message(IpcKind.RECORD_BATCH, 0);
    }

    /** Returns a dictionary batch. */
    public byte[] dictionary(long id) {
        return message(IpcKind.DICTIONARY_BATCH, id);
    }

    /** Returns a dictionary batch whose values are appended. */
    public byte[] delta(long id) {
        isDelta = true;
        return message(IpcKind.DICTIONARY_BATCH, id);
    }

    private byte[] message(IpcKind kind, long dictionaryId) {
        MetadataWriter out = new MetadataWriter(kind, version, body.length, false, 256);
        if (kind == IpcKind.DICTIONARY_BATCH) {
            int dictionary = out.table(20, 8, 4, 16);
            out.uint8(dictionary + 16, isDelta ? 1 : 0);
            out.header(dictionary);
            out.int64(dictionary + 8, dictionaryId);
            out.point(dictionary + 4, writeBatch(out));
        } else {
            out.header(writeBatch(out));
        }
        return Wire.concat(Metadata.bytes(out), body);
    }

    private int writeBatch(MetadataWriter out) {
        int batch = out.table(32, 8, 16, 20, codec < 0 ? 0 : 24, variadicCounts.isEmpty() ? 0 : 28);
        out.int64(batch + 8, rows);
        out.point(batch + 16, pairs(out, nodes));
        out.point(batch + 20, pairs(out, ranges));
        if (codec >= 0) {
            int compression = out.table(8, 4, 5);
            out.uint8(compression + 4, codec);
            out.uint8(compression + 5, method);
            out.point(batch + 24, compression);
        }
        if (!variadicCounts.isEmpty()) {
            List<Long> pairs = new ArrayList<>(variadicCounts);
            if (pairs.size() % 2 != 0) {
                pairs.add(0L);
            }
            int vector = pairs(out, pairs);
            out.int32(vector, variadicCounts.size());
            out.point(batch + 28, vector);
        }
        return batch;
    }

    private static int pairs(MetadataWriter out, List<Long> values) {
        return out.int64s(values.stream().mapToLong(Long::longValue).toArray(), values.size(), 2);
    }
}
