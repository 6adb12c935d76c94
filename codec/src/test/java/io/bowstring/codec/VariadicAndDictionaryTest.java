package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertMalformed;
import static io.bowstring.codec.StructureProbe.assertRefused;
import static io.bowstring.codec.StructureProbe.encoded;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.schema;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Variadic buffers, which a batch counts itself, and dictionary batches, which have a schema of their own. */
@ExtendWith(LeakDetection.class)
class VariadicAndDictionaryTest {
    private static final IpcField INT32 = field(IpcType.INT32);
    private static final IpcField LIST = field(IpcType.of(IpcTypeId.LIST), INT32);
    private static final IpcField VIEW = field(IpcType.of(IpcTypeId.UTF8_VIEW));
    private static final int MAX_ROWS = Integer.MAX_VALUE;

    @Test
    void boundsRowsOfDictionary() {
        byte[] schema = schema(encoded(7, IpcType.of(IpcTypeId.NULL)));

        assertAccepted(schema, new BatchBytes(MAX_ROWS).node(MAX_ROWS, 0).dictionary(7));
        assertRefused(
                schema,
                new BatchBytes(-1).node(-1, 0).dictionary(7),
                IpcErrorCode.MALFORMED,
                "length of a batch: -1 (expected: 0..2147483647)");
    }

    @Test
    void countsVariadicBuffers() {
        assertAccepted(
                VIEW, new BatchBytes(1).node(1, 0).buffers(0, 16).variadic(0).message());
        assertAccepted(
                VIEW,
                new BatchBytes(1).node(1, 0).buffers(0, 16, 5, 0).variadic(2).message());
        assertMalformed(
                VIEW, new BatchBytes(1).node(1, 0).buffers(0, 16).message(), "variadicBufferCounts: 0 (expected: > 0)");
        assertMalformed(
                VIEW,
                new BatchBytes(1).node(1, 0).buffers(0, 16, 5).variadic(1, 0).message(),
                "variadicBufferCounts: 2 (expected: 1, as the schema implies)");
        assertMalformed(
                VIEW,
                new BatchBytes(1).node(1, 0).buffers(0, 16, 5).variadic(0).message(),
                "buffers: 3 (expected: 2, as the schema implies)");
        assertMalformed(
                INT32,
                new BatchBytes(1).node(1, 0).buffers(0, 4).variadic(0).message(),
                "variadicBufferCounts: 1 (expected: 0, as the schema implies)");
    }

    @ParameterizedTest
    @ValueSource(longs = {2, -1, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void boundsVariadicCountByTheBuffersThatAreLeft(long count) {
        assertMalformed(
                VIEW,
                new BatchBytes(1).node(1, 0).buffers(0, 16, 5).variadic(count).message(),
                "variadicBufferCounts: " + count + " (expected: 0..1)");
    }

    @Test
    void takesVariadicCountsInTheOrderOfFields() {
        byte[] schema = schema(VIEW, INT32, VIEW);

        assertAccepted(
                schema,
                new BatchBytes(1)
                        .node(1, 0)
                        .node(1, 0)
                        .node(1, 0)
                        .buffers(0, 16, 9, 0, 4, 0, 16, 7, 7)
                        .variadic(1, 2)
                        .message());
        assertRefused(
                schema,
                new BatchBytes(1)
                        .node(1, 0)
                        .node(1, 0)
                        .node(1, 0)
                        .buffers(0, 16, 9, 0, 4, 0, 16, 7, 7)
                        .variadic(2, 1)
                        .message(),
                IpcErrorCode.MALFORMED,
                "bytes of buffer 5: 0 (expected: >= 4)");
    }

    @Test
    void checksDictionaryBatchesAgainstTheirValues() {
        byte[] schema = schema(encoded(7, IpcType.UTF8), encoded(8, IpcType.INT64));

        assertAccepted(
                schema,
                new BatchBytes(2).node(2, 0).buffers(0, 12, 2).dictionary(7),
                new BatchBytes(2).node(2, 0).buffers(0, 16).dictionary(8),
                new BatchBytes(2).node(2, 0).node(2, 0).buffers(0, 2, 0, 2).message());
        assertRefused(
                schema,
                new BatchBytes(2).node(2, 0).buffers(0, 15).dictionary(8),
                IpcErrorCode.MALFORMED,
                "bytes of buffer 1: 15 (expected: >= 16)");
        assertRefused(
                schema,
                new BatchBytes(2).node(2, 0).buffers(0, 16).dictionary(7),
                IpcErrorCode.MALFORMED,
                "buffers: 2 (expected: more, as the schema implies)");
        assertRefused(
                schema,
                new BatchBytes(2).node(2, 0).buffers(0, 16).dictionary(9),
                IpcErrorCode.MALFORMED,
                "dictionary id: 9 (expected: an id in the schema)");
    }

    @Test
    void checksDictionaryInsideTheValuesOfAnother() {
        IpcField inner = encoded(2, IpcType.INT64);
        byte[] schema = schema(encoded(1, IpcType.of(IpcTypeId.LIST), inner));

        assertAccepted(
                schema,
                new BatchBytes(3).node(3, 0).buffers(0, 24).dictionary(2),
                new BatchBytes(2).node(2, 0).node(5, 0).buffers(0, 12, 0, 5).dictionary(1),
                new BatchBytes(4).node(4, 0).buffers(0, 4).message());
        assertRefused(
                schema,
                new BatchBytes(2).node(2, 0).node(5, 0).buffers(0, 12, 0, 4).dictionary(1),
                IpcErrorCode.MALFORMED,
                "bytes of buffer 3: 4 (expected: >= 5)");
    }

    @Test
    void acceptsDictionaryThatFieldsShare() {
        IpcField one =
                new IpcField("one", true, IpcType.UTF8, new IpcDictionaryEncoding(7, IpcType.INT32, false), List.of());

        assertAccepted(
                schema(one, encoded(7, IpcType.UTF8)),
                new BatchBytes(2).node(2, 0).buffers(0, 12, 2).dictionary(7),
                new BatchBytes(1).node(1, 0).node(1, 0).buffers(0, 4, 0, 1).message());
    }
}
