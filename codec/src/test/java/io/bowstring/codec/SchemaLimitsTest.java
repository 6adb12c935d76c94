package io.bowstring.codec;

import static io.bowstring.codec.Metadata.ENTRIES;
import static io.bowstring.codec.Metadata.LEFT_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Schemas and entries at and above every limit. */
@ExtendWith(LeakDetection.class)
class SchemaLimitsTest {
    /** 4 fields, depth 2, 2 schema entries of 16 bytes, 1 message entry of 8 bytes, 1 dictionary. */
    private static final IpcLimits TIGHT = new IpcLimits(4096, 1 << 20, 4096, 4, 2, 2, 16, 1, 8, 1, 1 << 20);

    @Test
    void namesTheLimitThatRefuses() {
        IpcField field = IpcField.of("f", true, IpcType.BOOL);

        assertLimit("maxFields", schema(field, field, field, field, field));
        assertLimit("maxDepth", schema(struct(struct(field))));
        assertLimit("maxDictionaries", schema(encoded(1), encoded(2)));
        assertLimit("maxSchemaEntries", schema(Map.of("k1", "v", "k2", "v", "k3", "v")));
        assertLimit("maxSchemaEntryBytes", schema(Map.of("key45", "value6789012")));
        assertLimit("maxSchemaBytes", Wire.bytes("FF FF FF FF 08 00 10 00"));
        assertLimit("maxMetadataBytes", Wire.SCHEMA, Wire.bytes("FF FF FF FF 08 10 00 00"));
        assertLimit("maxBodyBytes", Wire.SCHEMA, Wire.inMetadata(Wire.BATCH, 24, "08 10"));
        assertLimit(null, Wire.bytes("00 00 00 00 00 00 00 00")); // wrong, and would be with any limit
    }

    private static void assertLimit(String limit, byte[]... messages) {
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(messages)) {
            assertThat(probe.error().limit()).isEqualTo(limit);
        }
    }

    @Test
    void boundsFields() {
        IpcField field = IpcField.of("f", true, IpcType.BOOL);

        assertAccepted(schema(field, field, field, field));
        assertTooLarge(schema(field, field, field, field, field), "fields: 5 (expected: <= 4)");
        assertAccepted(schema(field, struct(field, field)));
        assertTooLarge(schema(field, struct(field, field), field), "fields: 5 (expected: <= 4)");
        assertTooLarge(schema(struct(field, field), struct(field)), "fields: 5 (expected: <= 4)");
    }

    @Test
    void boundsDepth() {
        IpcField field = IpcField.of("f", true, IpcType.BOOL);

        assertAccepted(schema(struct(field)));
        assertTooLarge(schema(struct(struct(field))), "field depth: 3 (expected: <= 2)");
    }

    @Test
    void boundsDictionaries() {
        assertAccepted(schema(encoded(1), encoded(1)));
        assertTooLarge(schema(encoded(1), encoded(2)), "dictionaries: 2 (expected: <= 1)");
        assertTooLarge(schema(encoded(1), struct(encoded(2))), "dictionaries: 2 (expected: <= 1)");
    }

    @Test
    void boundsEntriesOfSchema() {
        assertAccepted(schema(Map.of("k1", "v", "k2", "v")));
        assertTooLarge(schema(Map.of("k1", "v", "k2", "v", "k3", "v")), "custom_metadata entries: 3 (expected: <= 2)");
        assertAccepted(schema(Map.of("key45", "value678901"))); // 5 + 11 bytes
        assertTooLarge(
                schema(Map.of("key45", "value6789012")),
                "custom_metadata bytes, most of them of key key45: 17 (expected: <= 16)");
        assertTooLarge(
                schema(Map.of("key456", "value678901")),
                "custom_metadata bytes, most of them of key key456: 17 (expected: <= 16)");
        assertTooLarge(
                schema(Map.of("key4567", "xxxxxxx", "k", "xx")),
                "custom_metadata bytes, most of them of key key4567: 17 (expected: <= 16)");
    }

    @Test
    void boundsEntriesOfField() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(1);
        int field = metadata.field(LEFT_OUT, LEFT_OUT, ENTRIES);
        metadata.pointAll(fields, 1, field);
        int entries = metadata.out.offsets(3);
        metadata.out.point(field + ENTRIES, entries);
        metadata.pointAll(entries, 3, CustomMetadata.write(metadata.out, Map.entry("k", "v")));

        assertTooLarge(metadata.message(), "custom_metadata entries: 3 (expected: <= 2)");
    }

    @Test
    void boundsEntriesOfMessage() {
        Map<String, String> two = new LinkedHashMap<>(Map.of("k1", "v", "k2", "v"));

        assertAcceptedInStream(batch(Map.of("key4", "val8")));
        assertTooLargeInStream(batch(two), "custom_metadata entries: 2 (expected: <= 1)");
        assertTooLargeInStream(
                batch(Map.of("key4", "value")), "custom_metadata bytes, most of them of key key4: 9 (expected: <= 8)");
    }

    private static IpcField struct(IpcField... children) {
        return new IpcField("s", true, IpcType.of(IpcTypeId.STRUCT), null, List.of(children));
    }

    private static IpcField encoded(long id) {
        return new IpcField("d", true, IpcType.UTF8, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }

    private static byte[] schema(IpcField... fields) {
        return bytes(IpcSchema.of(Arrays.asList(fields), Map.of(), UnpooledByteBufAllocator.DEFAULT));
    }

    private static byte[] schema(Map<String, String> metadata) {
        return bytes(IpcSchema.of(List.of(), metadata, UnpooledByteBufAllocator.DEFAULT));
    }

    private static byte[] batch(Map<String, String> entries) {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        IpcMetadataEdit edit = new IpcMetadataEdit("", entries);
        return bytes(PlainBatch.of(0, List.of(), List.of(), allocator).edited(edit, allocator));
    }

    private static byte[] bytes(IpcMessage message) {
        byte[] bytes = ByteBufUtil.getBytes(message.frame());
        message.release();
        return bytes;
    }

    private static void assertAccepted(byte[] schema) {
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(schema)) {
            assertThat(probe.frames()).isEqualTo(schema);
        }
    }

    private static void assertAcceptedInStream(byte[] batch) {
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(Wire.SCHEMA, batch)) {
            assertThat(probe.messages).hasSize(2);
        }
    }

    private static void assertTooLarge(byte[] schema, String message) {
        assertTooLarge(TIGHT, schema, message);
    }

    static void assertTooLarge(IpcLimits limits, byte[] schema, String message) {
        try (DecoderProbe probe = new DecoderProbe(limits).feed(schema)) {
            assertError(probe.error(), IpcErrorCode.TOO_LARGE, message);
        }
    }

    private static void assertTooLargeInStream(byte[] batch, String message) {
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(Wire.SCHEMA, batch)) {
            assertError(probe.error(), IpcErrorCode.TOO_LARGE, message);
        }
    }

    static void assertError(IpcException error, IpcErrorCode code, String message) {
        assertThat(error).hasMessage(message);
        assertThat(error.code()).isEqualTo(code);
    }

    @Test
    void takesTenThousandColumnsAndWhatPandasSaysOfThem() {
        String pandas = "x".repeat(10_000 * 250);
        List<IpcField> columns = IntStream.range(0, 10_002) // two of them are its index
                .mapToObj(i -> IpcField.of("sensor_" + i, true, IpcType.UTF8))
                .toList();

        try (DecoderProbe probe = new DecoderProbe().feed(bytes(columns, Map.of("pandas", pandas)))) {
            assertThat(probe.message(0, IpcSchema.class).fields()).hasSize(10_002);
        }
    }

    private static byte[] bytes(List<IpcField> fields, Map<String, String> metadata) {
        IpcSchema schema = IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT);
        try {
            return ByteBufUtil.getBytes(schema.frame());
        } finally {
            schema.release();
        }
    }
}
