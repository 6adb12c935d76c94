package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.required;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whole streams of the types that the golden streams may lack: views, run-ends, narrow decimals. Not instantiable. */
public final class NewerTypes {
    private static final byte[] NONE = {};
    private static final byte[] LONG_VALUE = "thirteen byte".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] VIEWS = Wire.bytes("""
            02 00 00 00 61 62 00 00 00 00 00 00 00 00 00 00 // 2 bytes, in place: "ab"
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // 0 bytes
            0D 00 00 00 74 68 69 72 00 00 00 00 00 00 00 00 // 13 bytes that begin with "thir", at 0 of buffer 0
            """);

    private static final byte[] INTS = Wire.bytes("01 00 00 00 02 00 00 00 03 00 00 00 // 1, 2, 3");
    private static final byte[] LONGS = Wire.bytes("""
            01 00 00 00 00 00 00 00 // 1
            02 00 00 00 00 00 00 00 // 2
            03 00 00 00 00 00 00 00 // 3
            """);

    private static final byte[] LIST_OFFSETS = Wire.bytes("00 00 00 00 02 00 00 00 00 00 00 00 // 0, 2, 0");
    private static final byte[] LARGE_LIST_OFFSETS = Wire.bytes("""
            00 00 00 00 00 00 00 00 // 0
            02 00 00 00 00 00 00 00 // 2
            00 00 00 00 00 00 00 00 // 0
            """);
    private static final byte[] LIST_SIZES = Wire.bytes("02 00 00 00 01 00 00 00 03 00 00 00 // 2, 1, 3");
    private static final byte[] LARGE_LIST_SIZES = Wire.bytes("""
            02 00 00 00 00 00 00 00 // 2
            01 00 00 00 00 00 00 00 // 1
            03 00 00 00 00 00 00 00 // 3
            """);
    private static final byte[] RUN_ENDS = Wire.bytes("01 00 00 00 03 00 00 00 // 1, 3");
    private static final byte[] RUNS = Wire.bytes("07 00 00 00 08 00 00 00 // 7, 8");

    private NewerTypes() {}

    /** Returns the streams, of two batches with 3 rows each. Narrow decimals, which arrow-java refuses, have their own. */
    public static List<byte[]> streams() {
        return List.of(viewsAndRunEnds(), decimals());
    }

    private static byte[] viewsAndRunEnds() {
        byte[] schema = StructureProbe.schema(
                field(IpcType.of(IpcTypeId.UTF8_VIEW)),
                field(IpcType.of(IpcTypeId.BINARY_VIEW)),
                field(IpcType.of(IpcTypeId.LIST_VIEW), field(IpcType.INT32)),
                field(IpcType.of(IpcTypeId.LARGE_LIST_VIEW), field(IpcType.INT32)),
                field(IpcType.of(IpcTypeId.RUN_END_ENCODED), required(IpcType.INT32), field(IpcType.INT32)));
        BatchBytes batch = new BatchBytes(3);
        batch.node(3, 0).buffer(NONE).buffer(VIEWS).buffer(LONG_VALUE);
        batch.node(3, 0).buffer(NONE).buffer(VIEWS).buffer(LONG_VALUE).buffer(NONE);
        batch.node(3, 0).buffer(NONE).buffer(LIST_OFFSETS).buffer(LIST_SIZES);
        batch.node(3, 0).buffer(NONE).buffer(INTS);
        batch.node(3, 0).buffer(NONE).buffer(LARGE_LIST_OFFSETS).buffer(LARGE_LIST_SIZES);
        batch.node(3, 0).buffer(NONE).buffer(INTS);
        batch.node(3, 0);
        batch.node(2, 0).buffer(NONE).buffer(RUN_ENDS);
        batch.node(2, 0).buffer(NONE).buffer(RUNS);
        return stream(schema, batch.variadic(1, 2).message());
    }

    private static byte[] decimals() {
        byte[] schema = StructureProbe.schema(
                field(IpcType.of(IpcTypeId.DECIMAL, 9, 2, 32)), field(IpcType.of(IpcTypeId.DECIMAL, 18, 2, 64)));
        BatchBytes batch = new BatchBytes(3);
        batch.node(3, 0).buffer(NONE).buffer(INTS);
        batch.node(3, 0).buffer(NONE).buffer(LONGS);
        return stream(schema, batch.message());
    }

    private static byte[] stream(byte[] schema, byte[] batch) {
        return Wire.concat(schema, batch, batch, Wire.END);
    }
}
