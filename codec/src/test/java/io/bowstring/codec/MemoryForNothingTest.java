package io.bowstring.codec;

import static io.bowstring.codec.IpcErrorCode.MALFORMED;
import static io.bowstring.codec.IpcErrorCode.TOO_LARGE;
import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertRefused;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.schema;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a batch may oblige its reader to allocate: it is paid for by bytes that came, whatever the metadata counts. */
@ExtendWith(LeakDetection.class)
class MemoryForNothingTest {
    private static final int ZSTD = 1;
    private static final int MAX_ROWS = Integer.MAX_VALUE;
    private static final int MAX = IpcLimits.DEFAULTS.maxDecompressedBytes();
    private static final IpcField INT64 = field(IpcType.INT64);
    private static final IpcField INT8 = field(IpcType.of(IpcTypeId.INT, 8, 1));

    /** Lists of values that take no bytes: there may be any number of them. */
    private static final IpcField FREE = field(IpcType.of(IpcTypeId.LIST), field(IpcType.of(IpcTypeId.STRUCT)));

    /** What a reader makes up for the most of them. */
    private static final long FREE_BYTES = (MAX_ROWS + 7L) / 8;

    private static byte[] compressed(long declared, int bytes) {
        return ByteBuffer.allocate(8 + bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(declared)
                .array();
    }

    private static IpcField[] fields(IpcField first, int count, IpcField other) {
        IpcField[] fields = Collections.nCopies(count + 1, other).toArray(IpcField[]::new);
        fields[0] = first;
        return fields;
    }

    @Test
    void bytesThatFieldsSharePayOnce() {
        int rows = 10_240;
        int columns = 52;
        BatchBytes batch = new BatchBytes(rows).node(rows, 0).node(MAX_ROWS, 0);
        batch.range(0, 0).range(0, 8 * rows).range(0, 0);
        for (int i = 0; i < columns; i++) {
            batch.node(rows, 0).range(0, 0).range(0, 8 * rows);
        }
        byte[] message = batch.body(8 * rows).message();
        assertThat(message.length).isLessThan(90_000);

        long leftOut = FREE_BYTES + (columns + 1) * (rows / 8);
        assertRefused(
                schema(fields(FREE, columns, INT64)),
                message,
                MALFORMED,
                "bytes of validity left out: " + leftOut + " (expected: <= " + (64 * 8 * rows + (1 << 20)) + ")");
    }

    @Test
    void declaredLengthsPayForNothingAboveTheLimit() {
        int columns = 35;
        int declared = 150 << 20;
        BatchBytes batch = new BatchBytes(1).compressed(ZSTD, 0);
        batch.node(1, 0).buffer(new byte[0]).buffer(compressed(declared, 5_000));
        for (int i = 0; i < columns; i++) {
            batch.node(1, 0).node(MAX_ROWS, 0);
            batch.range(0, 0).buffer(compressed(-1, 8)).range(0, 0);
        }

        // each column of lists: 8 bytes of offsets, a byte of validity, and that of its values; and a byte of the
        // first's
        long needed = declared + 1 + columns * (8 + 1 + FREE_BYTES);
        assertRefused(
                schema(fields(INT64, columns, FREE)),
                batch.message(),
                TOO_LARGE,
                "decompressed bytes and validity left out: " + needed + " (expected: <= " + MAX + ")");
    }

    @ParameterizedTest
    @CsvSource({"0, 255", "1, 32768"})
    void noBufferIsLongerThanItsFrameCanHold(int codec, int factor) {
        byte[] schema = schema(INT8);

        assertAccepted(schema, compressedBatch(codec, 20L * factor));
        assertRefused(
                schema,
                compressedBatch(codec, 20L * factor + 1),
                MALFORMED,
                "decompressed bytes of buffer 1: " + (20 * factor + 1) + " (expected: <= " + factor
                        + " for each of 20)");
    }

    private static byte[] compressedBatch(int codec, long declared) {
        return new BatchBytes(1)
                .compressed(codec, 0)
                .node(1, 0)
                .buffer(new byte[0])
                .buffer(compressed(declared, 20))
                .message();
    }

    @Test
    void validityLeftOutIsNoMoreThanTheLimit() {
        int body = 8 << 20;
        byte[] schema = schema(FREE, FREE);

        assertAccepted(schema, lists(MAX_ROWS / 2 - 64, MAX_ROWS / 2 - 64, body));
        long leftOut = 2 * (1 + FREE_BYTES);
        assertRefused(
                schema,
                lists(MAX_ROWS, MAX_ROWS, body),
                TOO_LARGE,
                "validity left out: " + leftOut + " (expected: <= " + MAX + ")");
    }

    private static byte[] lists(int firstValues, int secondValues, int bodyBytes) {
        return new BatchBytes(1)
                .node(1, 0)
                .node(firstValues, 0)
                .range(0, 0)
                .range(0, 8)
                .range(0, 0)
                .node(1, 0)
                .node(secondValues, 0)
                .range(0, 0)
                .range(0, 8)
                .range(0, 0)
                .body(bodyBytes)
                .message();
    }

    @Test
    void acceptsAsMuchValidityAsThereAreBytes() {
        int rows = 1 << 20; // of bits: none needs more validity than it has bytes
        byte[] batch = new BatchBytes(rows).node(rows, 0).buffers(0, rows / 8).message();

        IpcLimits limits =
                IpcLimits.DEFAULTS.toBuilder().maxDecompressedBytes(1_000).build();
        try (DecoderProbe probe = new DecoderProbe(limits, IpcVerification.STRUCTURE)) {
            probe.feed(schema(field(IpcType.BOOL)), batch);
            assertThat(probe.errors).isEmpty();
        }
    }

    @Test
    void acceptsAMillionTimesTheSameValue() {
        int rows = 128 << 20;
        int decompressed = rows / 8;
        byte[] batch = new BatchBytes(rows)
                .compressed(ZSTD, 0)
                .node(rows, 0)
                .buffer(new byte[0])
                .buffer(compressed(decompressed, decompressed / 31_000))
                .message();

        assertThat(batch.length).isLessThan(1_000);
        assertAccepted(schema(field(IpcType.BOOL)), batch);
    }

    @Test
    void acceptsRowsOfNothing() {
        IpcField[] fields = new IpcField[100];
        Arrays.fill(fields, field(IpcType.of(IpcTypeId.NULL)));
        BatchBytes batch = new BatchBytes(MAX_ROWS);
        for (int i = 0; i < fields.length; i++) {
            batch.node(MAX_ROWS, MAX_ROWS);
        }

        assertAccepted(schema(fields), batch.message()); // a reader allocates nothing for them
    }
}
