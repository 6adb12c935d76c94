package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.ALLOCATOR;
import static io.bowstring.codec.ReRootingTest.add;
import static io.bowstring.codec.ReRootingTest.assertReRooted;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** New root tables in front of schemas. */
@ExtendWith(LeakDetection.class)
class SchemaReRootingTest {
    @ParameterizedTest
    @EnumSource(Chunking.class)
    void addsEntries(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.DICTIONARY_SCHEMA, chunking)) {
            List<IpcField> fields = probe.message(0, IpcSchema.class).fields();
            IpcSchema edited = edit(probe, add("z", "1", "a", "2"));

            assertThat(edited.schemaMetadata()).containsExactly(Map.entry("z", "1"), Map.entry("a", "2"));
            assertThat(edited.fields()).isEqualTo(fields);
            assertThat(edited.dictionaryIds()).containsExactly(7L);
            assertThat(edited.customMetadata()).isEmpty();
            assertReRooted(edited, Wire.DICTIONARY_SCHEMA);
            assertDecodesAlike(edited);
        }
    }

    @Test
    void stripsEntriesByPrefix() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA)) {
            edit(probe, add("bowstring.publish", "trades", "author", "me", "bowstring.", "x"));
            IpcSchema edited = edit(probe, new IpcMetadataEdit("bowstring.", Map.of("bowstring.topic", "trades")));

            assertThat(edited.schemaMetadata())
                    .containsExactly(Map.entry("author", "me"), Map.entry("bowstring.topic", "trades"));
            assertDecodesAlike(edited);
        }
    }

    @Test
    void keepsEntriesOfTheMessage() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA)) {
            Frame frame = RootTables.prepend(
                    probe.messages.remove(0).bytes(), root -> root.editMessage(add("m", "1")), ALLOCATOR);
            probe.messages.add(new IpcSchema(frame, frame.reader(), IpcLimits.DEFAULTS));
            IpcSchema edited = edit(probe, add("z", "1"));

            assertThat(edited.customMetadata()).containsExactly(Map.entry("m", "1"));
            assertThat(edited.schemaMetadata()).containsExactly(Map.entry("z", "1"));
            assertDecodesAlike(edited);
        }
    }

    @Test
    void keepsFeatures() {
        try (DecoderProbe probe = new DecoderProbe().feed(schemaWithFeatures())) {
            IpcSchema edited = edit(probe, add("z", "1"));

            MetadataReader in = edited.bytes().reader();
            int schema = edited.bytes().header().table();
            int features = in.vector(schema, 3, 8);
            assertThat(in.count(features)).isEqualTo(2);
            assertThat(in.int64At(features, 0)).isEqualTo(1);
            assertThat(in.int64At(features, 1)).isEqualTo(1L << 40);
            assertThat(in.int16(schema, 0, 0)).isZero();
            assertThat(in.vector(schema, 1, 4)).isZero(); // it had no vector of fields and has none now
            assertThat(edited.fields()).isEmpty();
            assertDecodesAlike(edited);
        }
    }

    @Test
    void leavesOutFeaturesThatWereLeftOut() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA)) {
            IpcSchema edited = edit(probe, add("z", "1"));

            assertThat(edited.bytes().reader().vector(edited.bytes().header().table(), 3, 8))
                    .isZero();
        }
    }

    /** Arrow C++ reads no V4 batch with entries of its own. */
    @Test
    void saysV5WhereThatIsTheSameAsV4() {
        byte[] batch = Wire.BATCH_WITH_ENTRY; // V4
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(Wire.inMetadata(Wire.SCHEMA, 32, "03"), batch))) {
            assertThat(version(probe.messages.get(1))).isEqualTo(3);
            assertThat(version(edit(probe, add("z", "1")))).isEqualTo(4);
            assertThat(version(editBatch(probe, add("z", "1")))).isEqualTo(4);
        }
    }

    @Test
    void keepsV4WhereThereAreUnions() {
        try (DecoderProbe probe = new DecoderProbe().feed(v4SchemaOfAUnion(), Wire.BATCH_WITH_ENTRY)) {
            assertThat(version(edit(probe, add("z", "1")))).isEqualTo(3);
            assertThat(version(editBatch(probe, add("z", "1")))).isEqualTo(3);
        }
    }

    /** Whether there is a union is asked of each stream anew. */
    @Test
    void keepsV4OfASecondStream() {
        byte[] first = Wire.concat(Wire.SCHEMA, Wire.END);
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(first, v4SchemaOfAUnion()))) {
            IpcSchema second = ((IpcSchema) probe.messages.remove(2)).edited(add("z", "1"), ALLOCATOR);
            probe.messages.add(second);
            assertThat(version(second)).isEqualTo(3);
        }
    }

    @Test
    void keepsV4WhereABatchIsCompressedInTheOldWay() {
        byte[] compressed;
        try (DecoderProbe probe = new DecoderProbe().feed(v4SchemaOfAUnion(), Wire.BATCH_WITH_ENTRY)) {
            compressed = ByteBufUtil.getBytes(editBatch(probe, add("ARROW:experimental_compression", "zstd"))
                    .frame());
        }
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, compressed)) {
            assertThat(version(editBatch(probe, add("z", "1")))).isEqualTo(3);
        }
    }

    private static byte[] v4SchemaOfAUnion() {
        IpcField union = IpcField.of("u", true, IpcType.of(IpcTypeId.UNION, 0));
        IpcSchema schema = IpcSchema.of(
                List.of(new IpcField("s", true, IpcType.of(IpcTypeId.STRUCT), null, List.of(union))),
                Map.of(),
                ALLOCATOR);
        byte[] bytes = ByteBufUtil.getBytes(schema.frame());
        schema.release();
        MetadataReader in = new MetadataReader(Unpooled.wrappedBuffer(bytes), 8, bytes.length - 8);
        bytes[8 + in.field(in.root(), 0, 2)] = 3;
        return bytes;
    }

    private static IpcRecordBatch editBatch(DecoderProbe probe, IpcMetadataEdit edit) {
        IpcRecordBatch edited = ((IpcRecordBatch) probe.messages.remove(1)).edited(edit, ALLOCATOR);
        probe.messages.add(edited);
        return edited;
    }

    private static int version(IpcMessage message) {
        MetadataReader in = message.bytes().reader();
        return in.int16(in.root(), 0, 0);
    }

    @Test
    void keepsItsEditWhenTheMapOfTheCallerChanges() {
        Map<String, String> entries = new LinkedHashMap<>(Map.of("a", "1"));
        IpcMetadataEdit edit = new IpcMetadataEdit("", entries);
        entries.entrySet().iterator().next().setValue("3");
        entries.put("b", "2");

        assertThat(edit.added()).containsExactly(Map.entry("a", "1"));
    }

    private static IpcSchema edit(DecoderProbe probe, IpcMetadataEdit edit) {
        IpcSchema edited = probe.message(0, IpcSchema.class).edited(edit, ALLOCATOR);
        probe.messages.set(0, edited);
        return edited;
    }

    /** Asserts that a decoder sees in the bytes what the message says of itself. */
    private static void assertDecodesAlike(IpcSchema schema) {
        try (DecoderProbe probe = new DecoderProbe().feed(ByteBufUtil.getBytes(schema.frame()))) {
            IpcSchema decoded = probe.message(0, IpcSchema.class);
            assertThat(decoded.fields()).isEqualTo(schema.fields());
            assertThat(decoded.dictionaryIds()).isEqualTo(schema.dictionaryIds());
            assertThat(decoded.schemaMetadata()).isEqualTo(schema.schemaMetadata());
            assertThat(decoded.customMetadata()).isEqualTo(schema.customMetadata());
        }
    }

    private static byte[] schemaWithFeatures() {
        return Wire.bytes("""
                FF FF FF FF              // continuation
                50 00 00 00              // metadata bytes: 80
                10 00 00 00              //  0 root: Message at 0 + 16
                0C 00 14 00              //  4 vtable of Message: 12 bytes, of a table of 20 bytes
                10 00 12 00 04 00 08 00  //  8   version at 16, header_type at 18, header at 4, bodyLength at 8
                0C 00 00 00              // 16 Message: its vtable at 16 - 12
                1C 00 00 00              // 20   header: Schema at 20 + 28
                00 00 00 00 00 00 00 00  // 24   bodyLength: 0
                04 00 01 00              // 32   version: V5; header_type: Schema; padding
                0C 00 08 00              // 36 vtable of Schema: 12 bytes, of a table of 8 bytes
                00 00 00 00 00 00 04 00  // 40   endianness, fields, custom_metadata left out; features at 4
                0C 00 00 00              // 48 Schema: its vtable at 48 - 12
                08 00 00 00              // 52   features: vector at 52 + 8
                00 00 00 00              // 56 padding
                02 00 00 00              // 60 vector: 2 features
                01 00 00 00 00 00 00 00  // 64   DICTIONARY_REPLACEMENT
                00 00 00 00 00 01 00 00  // 72   one that nobody knows yet
                """);
    }
}
