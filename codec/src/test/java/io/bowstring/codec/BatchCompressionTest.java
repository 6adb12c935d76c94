package io.bowstring.codec;

import static io.bowstring.codec.IpcErrorCode.MALFORMED;
import static io.bowstring.codec.IpcErrorCode.TOO_LARGE;
import static io.bowstring.codec.IpcErrorCode.UNSUPPORTED;
import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertRefused;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.schema;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What compressed buffers may say in front of their bytes. Nothing is ever decompressed. */
@ExtendWith(LeakDetection.class)
class BatchCompressionTest {
    private static final int LZ4_FRAME = 0;
    private static final int ZSTD = 1;
    private static final byte[] INT64S = schema(field(IpcType.INT64));
    private static final int MAX = IpcLimits.DEFAULTS.maxDecompressedBytes();

    /** A compressed buffer: its length when decompressed, and so many bytes. */
    private static byte[] compressed(long declared, int bytes) {
        return ByteBuffer.allocate(8 + bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(declared)
                .array();
    }

    /** A batch of 9 rows. */
    private static byte[] batch(int codec, long declared, int bytes) {
        return new BatchBytes(9)
                .compressed(codec, 0)
                .node(9, 0)
                .buffer(new byte[0])
                .buffer(compressed(declared, bytes))
                .message();
    }

    @ParameterizedTest
    @ValueSource(ints = {LZ4_FRAME, ZSTD})
    void acceptsBuffersThatDecompressToEnough(int codec) {
        assertAccepted(INT64S, batch(codec, 72, 20));
        assertAccepted(INT64S, batch(codec, 20 * (codec == ZSTD ? 32_768 : 255), 20));
        assertAccepted(INT64S, batch(codec, -1, 72)); // not compressed after all
    }

    @ParameterizedTest
    @CsvSource({
        "8, 20, 8", // lies: there must be 72
        "71, 20, 71",
        "0, 20, 0",
        "-1, 71, 71",
        "-1, 0, 0",
    })
    void refusesBuffersThatDecompressToTooLittle(long declared, int bytes, int decompressed) {
        String message = "bytes of buffer 1: " + decompressed + " (expected: >= 72)";

        assertRefused(INT64S, batch(ZSTD, declared, bytes), MALFORMED, message);
        assertRefused(INT64S, batch(LZ4_FRAME, declared, bytes), MALFORMED, message);
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, -72, Long.MIN_VALUE})
    void refusesNegativeLengths(long declared) {
        String message = "decompressed length of buffer 1: " + declared + " (expected: >= -1)";

        assertRefused(INT64S, batch(ZSTD, declared, 100), MALFORMED, message);
    }

    @ParameterizedTest
    @ValueSource(longs = {(256 << 20) + 1, 1L << 32, 100L << 30, Long.MAX_VALUE})
    void refusesBombs(long declared) {
        String message = "decompressed bytes: " + declared + " (expected: <= 268435456)";

        assertRefused(INT64S, batch(ZSTD, declared, 100), TOO_LARGE, message);
        assertRefused(INT64S, batch(LZ4_FRAME, declared, 100), TOO_LARGE, message);
    }

    @Test
    void boundsTheBuffersOfABatchTogether() {
        byte[] schema = schema(field(IpcType.INT64), field(IpcType.INT64));
        byte[] half = compressed(MAX / 2 - 1, 5_000); // and a byte of validity for each
        byte[] more = compressed(MAX / 2 + 2, 5_000);

        assertAccepted(schema, twoColumns(half, half));
        assertRefused(
                schema, twoColumns(half, more), TOO_LARGE, "decompressed bytes: 268435457 (expected: <= 268435456)");
    }

    private static byte[] twoColumns(byte[] one, byte[] other) {
        return new BatchBytes(1)
                .compressed(ZSTD, 0)
                .node(1, 0)
                .node(1, 0)
                .buffer(new byte[0])
                .buffer(one)
                .buffer(new byte[0])
                .buffer(other)
                .message();
    }

    @Test
    void countsSharedBytesEachTime() {
        byte[] schema = schema(field(IpcType.INT64), field(IpcType.INT64), field(IpcType.INT64));
        BatchBytes batch = new BatchBytes(1).compressed(ZSTD, 0);
        for (int i = 0; i < 3; i++) {
            batch.node(1, 0).range(0, 0);
            if (i == 0) {
                batch.buffer(compressed(MAX / 2, 5_000));
            } else {
                batch.range(0, 5_008);
            }
        }

        assertRefused(schema, batch.message(), TOO_LARGE, "decompressed bytes: 402653184 (expected: <= 268435456)");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void refusesBufferWithoutRoomForItsLength(int bytes) {
        byte[] batch = new BatchBytes(1)
                .compressed(ZSTD, 0)
                .node(1, 0)
                .buffers(0, bytes)
                .message();

        assertRefused(INT64S, batch, MALFORMED, "bytes of compressed buffer 1: " + bytes + " (expected: >= 8)");
    }

    @Test
    void acceptsEmptyBuffersWithAndWithoutLength() {
        assertAccepted(
                INT64S,
                new BatchBytes(0).compressed(ZSTD, 0).node(0, 0).buffers(0, 0).message());
        assertAccepted(
                INT64S,
                new BatchBytes(0)
                        .compressed(ZSTD, 0)
                        .node(0, 0)
                        .buffer(compressed(0, 0))
                        .buffer(compressed(0, 0))
                        .message());
    }

    @Test
    void readsLengthsOfVariadicBuffers() {
        byte[] schema = schema(field(IpcType.of(IpcTypeId.UTF8_VIEW)));
        BatchBytes batch = new BatchBytes(1)
                .compressed(ZSTD, 0)
                .node(1, 0)
                .buffer(new byte[0])
                .buffer(compressed(16, 5))
                .buffer(compressed(100L << 30, 5))
                .variadic(1);

        assertRefused(schema, batch.message(), TOO_LARGE, "decompressed bytes: 107374182400 (expected: <= 268435456)");
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "255, 0", "0, 1", "1, 255"})
    void refusesUnknownCodecsAndMethods(int codec, int method) {
        byte[] batch = new BatchBytes(0)
                .compressed(codec, method)
                .node(0, 0)
                .buffers(0, 0)
                .message();
        String message = "compression: codec " + codec + ", method " + method + " (expected: codec 0 or 1, method 0)";

        assertRefused(INT64S, batch, UNSUPPORTED, message);
    }

    @Test
    void readsNoLengthsWhereNothingIsCompressed() {
        byte[] batch = new BatchBytes(9)
                .node(9, 0)
                .buffer(new byte[0])
                .buffer(compressed(100L << 30, 64))
                .message();

        assertAccepted(INT64S, batch);
    }
}
