package io.bowstring.codec;

import static io.bowstring.codec.BatchBytes.V4;
import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertMalformed;
import static io.bowstring.codec.StructureProbe.encoded;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.required;
import static io.bowstring.codec.StructureProbe.schema;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the metadata of a batch may claim: counts, lengths and ranges. Buffers by type: {@link BatchLayoutTest}. */
@ExtendWith(LeakDetection.class)
class IpcBatchVerifierTest {
    private static final IpcField INT32 = field(IpcType.INT32);
    private static final IpcField LIST = field(IpcType.of(IpcTypeId.LIST), INT32);
    private static final IpcField VIEW = field(IpcType.of(IpcTypeId.UTF8_VIEW));
    private static final IpcField STRUCT = field(IpcType.of(IpcTypeId.STRUCT));
    private static final int MAX_ROWS = Integer.MAX_VALUE;

    @Test
    void boundsRows() {
        IpcField nothing = field(IpcType.of(IpcTypeId.NULL));

        assertAccepted(nothing, new BatchBytes(0).node(0, 0).message());
        assertAccepted(
                nothing, new BatchBytes(MAX_ROWS).node(MAX_ROWS, MAX_ROWS).message());
        assertMalformed(
                nothing,
                new BatchBytes(MAX_ROWS + 1L).node(MAX_ROWS + 1L, 0).message(),
                "length of a batch: 2147483648 (expected: 0..2147483647)");
        assertMalformed(
                nothing, new BatchBytes(-1).node(-1, 0).message(), "length of a record batch: -1 (expected: >= 0)");
    }

    @Test
    void requiresAsManyNodesAsTheSchemaImplies() {
        String message = " (expected: 2, as the schema implies)";

        assertAccepted(
                LIST,
                new BatchBytes(0).node(0, 0).node(0, 0).buffers(0, 0, 0, 0).message());
        assertMalformed(LIST, new BatchBytes(0).node(0, 0).buffers(0, 0, 0, 0).message(), "field nodes: 1" + message);
        assertMalformed(
                LIST,
                new BatchBytes(0)
                        .node(0, 0)
                        .node(0, 0)
                        .node(0, 0)
                        .buffers(0, 0, 0, 0)
                        .message(),
                "field nodes: 3" + message);
        assertMalformed(
                INT32,
                new BatchBytes(0).buffers(0, 0).message(),
                "field nodes: 0 (expected: 1, as the schema implies)");
    }

    @Test
    void requiresAsManyBuffersAsTheSchemaImplies() {
        assertAccepted(INT32, new BatchBytes(0).node(0, 0).buffers(0, 0).message());
        assertMalformed(
                INT32,
                new BatchBytes(0).node(0, 0).buffers(0).message(),
                "buffers: 1 (expected: more, as the schema implies)");
        assertMalformed(
                INT32,
                new BatchBytes(0).node(0, 0).buffers(0, 0, 0).message(),
                "buffers: 3 (expected: 2, as the schema implies)");
        assertMalformed(
                INT32, new BatchBytes(0).node(0, 0).message(), "buffers: 0 (expected: more, as the schema implies)");
    }

    @Test
    void requiresColumnsToBeAsLongAsTheBatch() {
        String message = " (expected: 2)";

        assertAccepted(INT32, new BatchBytes(2).node(2, 0).buffers(0, 8).message());
        assertMalformed(
                INT32, new BatchBytes(2).node(1, 0).buffers(0, 8).message(), "length of field node 0: 1" + message);
        assertMalformed(
                INT32, new BatchBytes(2).node(3, 0).buffers(0, 16).message(), "length of field node 0: 3" + message);
        assertMalformed(
                INT32, new BatchBytes(2).node(-1, 0).buffers(0, 16).message(), "length of field node 0: -1" + message);
    }

    @Test
    void boundsLengthOfChild() {
        IpcField listOfNull = field(IpcType.of(IpcTypeId.LIST), field(IpcType.of(IpcTypeId.NULL)));
        String message = " (expected: 0..2147483647)";

        assertAccepted(
                listOfNull,
                new BatchBytes(0).node(0, 0).node(MAX_ROWS, 0).buffers(0, 0).message());
        assertMalformed(
                listOfNull,
                new BatchBytes(0)
                        .node(0, 0)
                        .node(MAX_ROWS + 1L, 0)
                        .buffers(0, 0)
                        .message(),
                "length of field node 1: 2147483648" + message);
        assertMalformed(
                listOfNull,
                new BatchBytes(0).node(0, 0).node(-1, 0).buffers(0, 0).message(),
                "length of field node 1: -1" + message);
    }

    @Test
    void requiresChildrenToCoverTheirParent() {
        IpcField struct = field(IpcType.of(IpcTypeId.STRUCT), INT32);
        IpcField sparse = field(IpcType.of(IpcTypeId.UNION, 0, 0), INT32);
        IpcField triples = field(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 3), INT32);

        assertCovers(struct, 2, 2, 0);
        assertCovers(sparse, 2, 2, 2);
        assertCovers(triples, 2, 6, 0);
    }

    /** The child must have {@code least} values: it may have more, and not one less. */
    private static void assertCovers(IpcField parent, int rows, int least, int parentBytes) {
        for (int length = least - 1; length <= least + 1; length++) {
            byte[] batch = new BatchBytes(rows)
                    .node(rows, 0)
                    .node(length, 0)
                    .buffers(parentBytes, 0, 4 * length)
                    .message();
            if (length < least) {
                assertMalformed(parent, batch, "length of field node 1: " + length + " (expected: >= " + least + ")");
            } else {
                assertAccepted(parent, batch);
            }
        }
    }

    @Test
    void doesNotOverflowWhereFixedSizeListsMultiply() {
        IpcField inner = field(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, MAX_ROWS), INT32);
        byte[] batch = new BatchBytes(MAX_ROWS)
                .node(MAX_ROWS, 0)
                .node(1, 0)
                .buffers(0, 0, 8)
                .message();

        String least = String.valueOf((long) MAX_ROWS * MAX_ROWS);
        assertMalformed(inner, batch, "length of field node 1: 1 (expected: >= " + least + ")");
    }

    @Test
    void leavesChildrenOfDenseUnionsAndListsFree() {
        IpcField dense = field(IpcType.of(IpcTypeId.UNION, 1, 0), INT32);

        assertAccepted(
                dense,
                new BatchBytes(2).node(2, 0).node(0, 0).buffers(2, 8, 0, 0).message());
        assertAccepted(
                LIST,
                new BatchBytes(2).node(2, 0).node(0, 0).buffers(0, 12, 0, 0).message());
    }

    @Test
    void requiresRunsWhereThereAreValues() {
        IpcField encoded = field(IpcType.of(IpcTypeId.RUN_END_ENCODED), required(IpcType.INT32), INT32);

        assertAccepted(encoded, runs(0, 0, 0));
        assertAccepted(encoded, runs(9, 1, 1));
        assertAccepted(encoded, runs(9, 2, 3));
        assertMalformed(encoded, runs(9, 0, 0), "length of field node 1: 0 (expected: >= 1)");
        assertMalformed(encoded, runs(9, 2, 1), "length of field node 2: 1 (expected: >= 2)");
    }

    private static byte[] runs(int rows, int runEnds, int values) {
        return runsWithNulls(rows, 0, runEnds, 0, values, 0);
    }

    private static byte[] runsWithNulls(int rows, int nulls, int runEnds, int nullEnds, int values, int nullValues) {
        return new BatchBytes(rows)
                .node(rows, nulls)
                .node(runEnds, nullEnds)
                .node(values, nullValues)
                .buffers(1, 4 * runEnds, 1, 4 * values)
                .message();
    }

    @Test
    void allowsNullsInRunsNowhereButInTheirValues() {
        IpcField encoded = field(IpcType.of(IpcTypeId.RUN_END_ENCODED), required(IpcType.INT32), INT32);

        assertAccepted(encoded, runsWithNulls(9, 0, 2, 0, 2, 1));
        assertMalformed(encoded, runsWithNulls(9, 1, 2, 0, 2, 0), "nullCount of field node 0: 1 (expected: 0..0)");
        assertMalformed(encoded, runsWithNulls(9, 0, 2, 1, 2, 0), "nullCount of field node 1: 1 (expected: 0..0)");
    }

    @Test
    void allowsNullsInMapsButNotInTheirEntries() {
        IpcField entries = required(IpcType.of(IpcTypeId.STRUCT), required(IpcType.INT32), INT32);
        IpcField map = field(IpcType.of(IpcTypeId.MAP, 0), entries);
        BatchBytes nulls = new BatchBytes(2).node(2, 1).node(2, 0).node(2, 0).node(2, 1);
        BatchBytes nullEntry =
                new BatchBytes(2).node(2, 0).node(2, 1).node(2, 0).node(2, 0);

        assertAccepted(map, nulls.buffers(1, 12, 0, 0, 8, 1, 8).message());
        assertMalformed(
                map,
                nullEntry.buffers(0, 12, 1, 0, 8, 0, 8).message(),
                "nullCount of field node 1: 1 (expected: 0..0)");
    }

    @Test
    void boundsNullCount() {
        String message = " (expected: 0..2)";

        assertAccepted(INT32, new BatchBytes(2).node(2, 2).buffers(1, 8).message());
        assertMalformed(
                INT32, new BatchBytes(2).node(2, 3).buffers(1, 8).message(), "nullCount of field node 0: 3" + message);
        assertMalformed(
                INT32,
                new BatchBytes(2).node(2, -1).buffers(1, 8).message(),
                "nullCount of field node 0: -1" + message);
    }

    @Test
    void requiresValidityWhereThereAreNulls() {
        assertAccepted(INT32, new BatchBytes(9).node(9, 1).buffers(2, 36).message());
        assertMalformed(
                INT32, new BatchBytes(9).node(9, 1).buffers(0, 36).message(), "bytes of buffer 0: 0 (expected: >= 2)");
        assertMalformed(
                INT32, new BatchBytes(9).node(9, 1).buffers(1, 36).message(), "bytes of buffer 0: 1 (expected: >= 2)");
        assertMalformed(
                INT32, new BatchBytes(9).node(9, 0).buffers(1, 36).message(), "bytes of buffer 0: 1 (expected: >= 2)");
    }

    @Test
    void requiresBuffersInsideTheBody() {
        assertAccepted(INT32, ranged(0, 16));
        assertAccepted(INT32, ranged(8, 8));
        assertAccepted(INT32, ranged(16, 0, 0));
        assertOutside(ranged(0, 17), "offset 0, 17 bytes");
        assertOutside(ranged(8, 9), "offset 8, 9 bytes");
        assertOutside(ranged(24, 0), "offset 24, 0 bytes");
        assertOutside(ranged(4, 8), "offset 4, 8 bytes");
        assertOutside(ranged(-8, 8), "offset -8, 8 bytes");
        assertOutside(ranged(16, -8), "offset 16, -8 bytes");
        assertOutside(ranged(0, Long.MIN_VALUE), "offset 0, -9223372036854775808 bytes");
        assertOutside(ranged(Long.MIN_VALUE, 8), "offset -9223372036854775808, 8 bytes");
        // sums that overflow
        assertOutside(ranged(8, Long.MAX_VALUE), "offset 8, 9223372036854775807 bytes");
        assertOutside(ranged(Long.MAX_VALUE - 7, 8), "offset 9223372036854775800, 8 bytes");
        assertOutside(ranged(1L << 32, 8), "offset 4294967296, 8 bytes");
    }

    private static byte[] ranged(long offset, long length) {
        return ranged(offset, length, 2);
    }

    /** A batch with a body of 16 bytes and 4-byte values at the given range. */
    private static byte[] ranged(long offset, long length, int rows) {
        return new BatchBytes(rows)
                .node(rows, 0)
                .range(0, 0)
                .range(offset, length)
                .body(16)
                .message();
    }

    private static void assertOutside(byte[] batch, String range) {
        String rule = " (expected: inside the body of 16 bytes, offset a multiple of 8)";
        assertMalformed(INT32, batch, "buffer 1: " + range + rule);
    }

    @Test
    void acceptsBuffersThatShareBytes() {
        assertAccepted(
                schema(INT32, INT32),
                new BatchBytes(2)
                        .node(2, 0)
                        .node(2, 0)
                        .range(0, 0)
                        .range(0, 8)
                        .range(0, 0)
                        .range(0, 8)
                        .body(8)
                        .message());
    }

    @Test
    void boundsValidityThatIsLeftOutOfValuesWithoutBytes() {
        int free = 8 << 20; // 1 MiB, a bit each

        assertAccepted(STRUCT, new BatchBytes(free).node(free, 0).buffers(0).message());
        assertMalformed(
                STRUCT,
                new BatchBytes(free + 1).node(free + 1, 0).buffers(0).message(),
                "bytes of validity left out: 1048577 (expected: <= 1048576)");
    }

    @Test
    void acceptsDeepNestingThatLeavesValidityOut() {
        int rows = 32_000_000; // 4 MB of values, a bit each; 4 MB more of validity for each of the levels
        IpcField nested = field(IpcType.BOOL);
        BatchBytes batch = new BatchBytes(rows).node(rows, 0).buffers(0);
        for (int i = 0; i < 60; i++) {
            nested = field(IpcType.of(IpcTypeId.STRUCT), nested);
            batch.node(rows, 0).buffers(0);
        }

        assertAccepted(nested, batch.buffers(rows / 8).message());
    }

    @Test
    void verifiesEachStreamAgainstItsOwnSchema() {
        assertAccepted(
                schema(INT32),
                new BatchBytes(1).node(1, 0).buffers(0, 4).message(),
                Wire.END,
                schema(VIEW),
                new BatchBytes(1).node(1, 0).buffers(0, 16).variadic(0).message(),
                Wire.END);
    }

    @Test
    void tellsVersionsOfBatchesApart() {
        IpcField union = field(IpcType.of(IpcTypeId.UNION, 0, 0), INT32);
        BatchBytes withValidity = new BatchBytes(1).node(1, 0).node(1, 0).buffers(1, 1, 0, 4);

        assertMalformed(union, withValidity.message(), "bytes of buffer 2: 0 (expected: >= 4)");
        assertAccepted(union, withValidity.version(V4).message());
    }
}
