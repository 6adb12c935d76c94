package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class IpcSchemaTest {
    private static final IpcField CHILD = IpcField.of("item", true, IpcType.INT64);
    private static final IpcField NESTED =
            new IpcField("list", false, IpcType.of(IpcTypeId.LIST), null, List.of(CHILD, CHILD));
    private static final IpcField ENCODED = new IpcField(
            "é日", true, IpcType.UTF8, new IpcDictionaryEncoding(-5, IpcType.of(IpcTypeId.INT, 8, 0), true), List.of());

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesAsItWasWritten(Chunking chunking) {
        List<IpcField> fields = new ArrayList<>(List.of(NESTED, ENCODED, IpcField.of("", false, IpcType.BOOL)));
        Types.ALL.forEach(example -> fields.add(IpcField.of(example.text(), true, example.type())));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "1");
        metadata.put("", "");
        metadata.put("ключ", "x".repeat(500));
        IpcSchema written = IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT);

        try (DecoderProbe probe = new DecoderProbe().feed(ByteBufUtil.getBytes(written.frame()), chunking)) {
            IpcSchema read = probe.message(0, IpcSchema.class);
            assertThat(read.fields()).isEqualTo(fields).isEqualTo(written.fields());
            assertThat(read.schemaMetadata()).containsExactlyEntriesOf(metadata);
            assertThat(read.dictionaryIds()).containsExactly(-5L).isEqualTo(written.dictionaryIds());
            assertThat(read.body().isReadable()).isFalse();
        }
        written.release();
    }

    @Test
    void declaresExtensionTypes() {
        IpcField id = IpcField.of("id", false, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 16))
                .withExtension("arrow.uuid", "");

        IpcSchema schema = IpcSchema.of(List.of(id), Map.of(), UnpooledByteBufAllocator.DEFAULT);
        try (DecoderProbe probe = new DecoderProbe().feed(ByteBufUtil.getBytes(schema.frame()))) {
            assertThat(probe.message(0, IpcSchema.class).fields()).containsExactly(id);
        }
        schema.release();

        assertThat(id.extension())
                .containsEntry("ARROW:extension:name", "arrow.uuid")
                .containsEntry("ARROW:extension:metadata", "");
    }

    @Test
    void readsWhatMetadataSaysOfTypesAndNothingElse() {
        Map<String, String> all = Map.of(
                "ARROW:extension:name", "geo",
                "ARROW:extension:metadata", "",
                "_PL_ENUM_VALUES", "3;low",
                "ARROW:other", "1",
                "_PL", "2",
                "mine", "3");
        Map<String, String> ofType = new HashMap<>(all);
        ofType.keySet().removeAll(List.of("ARROW:other", "_PL", "mine"));
        IpcField child = new IpcField("c", true, IpcType.UTF8, null, List.of(), all);
        IpcField field = new IpcField("f", true, IpcType.of(IpcTypeId.LIST), null, List.of(child), Map.of());
        IpcSchema written = IpcSchema.of(List.of(field, CHILD), Map.of(), UnpooledByteBufAllocator.DEFAULT);

        try (DecoderProbe probe = new DecoderProbe().feed(ByteBufUtil.getBytes(written.frame()))) {
            IpcSchema read = probe.message(0, IpcSchema.class);
            assertThat(read.fieldMetadata()).containsExactly(Map.of(), all, Map.of());
            assertThat(read.fields().get(0).extension()).isEmpty();
            assertThat(read.fields().get(0).children().get(0).extension()).isEqualTo(ofType);
            assertThat(read.fields()).isNotEqualTo(List.of(NESTED, CHILD)).endsWith(CHILD);
        }
        written.release();
    }

    @Test
    void hasNoFieldsWhereNoneAreGiven() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of(), UnpooledByteBufAllocator.DEFAULT);

        assertThat(schema.fields()).isEmpty();
        assertThat(schema.schemaMetadata()).isEmpty();
        assertThat(schema.metadata().readableBytes() % 8).isZero();
        assertThat(schema).hasToString("SCHEMA(" + schema.frameBytes() + " bytes)");
        schema.release();
    }

    @Test
    void isMadeOfMetadata() {
        IpcSchema written = IpcSchema.of(List.of(NESTED, ENCODED), Map.of("k", "v"), UnpooledByteBufAllocator.DEFAULT);

        IpcSchema made = IpcSchema.ofMetadata(written.metadata(), UnpooledByteBufAllocator.DEFAULT);

        assertThat(made.fields()).isEqualTo(written.fields());
        assertThat(made.dictionaryIds()).containsExactly(-5L);
        assertThat(made.schemaMetadata()).containsExactly(Map.entry("k", "v"));
        assertThat(made.frame()).isEqualTo(written.frame());
        written.release();
        made.release();
    }

    @Test
    void isMadeOfNoOtherMetadata() {
        ByteBuf batch = Unpooled.wrappedBuffer(Wire.BATCH, 8, 128);
        ByteBuf malformed = Unpooled.wrappedBuffer(Wire.inMetadata(Wire.SCHEMA, 85, "63"), 8, 128); // type_type

        assertThatThrownBy(() -> IpcSchema.ofMetadata(batch, UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(IpcException.class)
                .hasMessage("header_type: RECORD_BATCH (expected: SCHEMA)");
        assertThatThrownBy(() -> IpcSchema.ofMetadata(malformed, UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(IpcException.class)
                .hasMessage("type_type: 99 (expected: 1..26)");
    }

    @Test
    void countsTheFirstOfSeveralEntriesWithOneKey() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of("k", "1"), UnpooledByteBufAllocator.DEFAULT)
                .edited(new IpcMetadataEdit("none", Map.of("k", "2")), UnpooledByteBufAllocator.DEFAULT);

        assertThat(schema.schemaMetadata()).containsExactly(Map.entry("k", "1"));
        schema.release();
    }

    @Test
    void finds32BitIndexWhereTheEncodingLeavesItsTypeOut() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.DICTIONARY_SCHEMA)) {
            IpcField field = probe.message(0, IpcSchema.class).fields().get(0);

            assertThat(field).hasToString("d: dictionary<int32, utf8>");
        }
    }

    @Test
    void printsFieldsAsPeopleWriteThem() {
        assertThat(CHILD).hasToString("item: int64");
        assertThat(NESTED).hasToString("list: list<item: int64, item: int64> not null");
        assertThat(ENCODED).hasToString("é日: dictionary<uint8, utf8, ordered>");
    }

    @Test
    void keepsFieldsThatNobodyCanChange() {
        List<IpcField> children = new ArrayList<>(List.of(CHILD));
        IpcField field = new IpcField("f", true, IpcType.of(IpcTypeId.STRUCT), null, children);
        children.clear();

        assertThat(field.children()).containsExactly(CHILD);
        assertThatThrownBy(() -> field.children().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void sharesOneCountWithItsFrames() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of(), UnpooledByteBufAllocator.DEFAULT);

        assertThat(schema.retainedFrame().release()).isFalse();
        assertThat(schema.retain()).isSameAs(schema);
        assertThat(schema.retain(2)).isSameAs(schema);
        assertThat(schema.touch()).isSameAs(schema);
        assertThat(schema.touch("here")).isSameAs(schema);
        assertThat(schema.refCnt()).isEqualTo(4);
        assertThat(schema.release(3)).isFalse();
        assertThat(schema.frame().release()).isTrue();
        assertThat(schema.refCnt()).isZero();
    }

    @Test
    void givesViewsWithIndicesOfTheirOwn() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of(), UnpooledByteBufAllocator.DEFAULT);
        schema.frame().skipBytes(8);
        schema.metadata().skipBytes(8);

        assertThat(schema.frame().readableBytes()).isEqualTo(schema.frameBytes());
        assertThat(schema.metadata().readableBytes()).isEqualTo(schema.frameBytes() - 8);
        schema.release();
    }

    @Test
    void cutsTextOfPeersInErrors() {
        assertThat(IpcMessage.excerpt("x".repeat(64))).isEqualTo("x".repeat(64));
        assertThat(IpcMessage.excerpt("x".repeat(65))).isEqualTo("x".repeat(64) + "…");
    }

    @Test
    void endsStreamsWithoutAnOwner() {
        IpcEndOfStream end = IpcEndOfStream.INSTANCE;

        assertThat(ByteBufUtil.getBytes(end.frame())).isEqualTo(Wire.END);
        assertThat(end.release()).isFalse();
        assertThat(end.retainedFrame().release()).isFalse();
        assertThat(end.refCnt()).isEqualTo(1);
        assertThat(end.metadata().isReadable()).isFalse();
        assertThat(end.body().isReadable()).isFalse();
        assertThat(end.customMetadata()).isEmpty();
        assertThat(end.kind().headerType()).isZero();
    }

    @Test
    void releasesWhatItHasWrittenWhereFieldsAreTooDeep() {
        IpcField deep = CHILD;
        for (int i = 0; i < 256; i++) {
            deep = new IpcField("", false, IpcType.of(IpcTypeId.LIST), null, List.of(deep));
        }
        List<IpcField> fields = List.of(deep);

        assertThatThrownBy(() -> IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(IpcException.class)
                .hasMessage("field depth: 257 (expected: <= 256)");
    }

    @Test
    void takesAnyByteButZeroForTrue() {
        IpcSchema written = IpcSchema.of(
                List.of(IpcField.of("", false, IpcType.of(IpcTypeId.INT, 8, 2))),
                Map.of(),
                UnpooledByteBufAllocator.DEFAULT);

        assertThat(written.fields().get(0).type()).isEqualTo(IpcType.of(IpcTypeId.INT, 8, 1));
        written.release();
    }
}
