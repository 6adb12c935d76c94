package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.ALLOCATOR;
import static io.bowstring.codec.ReRootingTest.add;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.flatbuf.Union;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arrow's own generated classes read what this codec writes. */
@ExtendWith(LeakDetection.class)
class ArrowFormatTest {
    private static final IpcMetadataEdit EDIT = add("a", "1", "é", "");

    @Test
    void readsSchema() {
        IpcType timestamp = new IpcType(IpcTypeId.TIMESTAMP, List.of(2), "UTC");
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(7, IpcType.of(IpcTypeId.INT, 16, 0), true);
        IpcField union = new IpcField(
                "u",
                true,
                IpcType.of(IpcTypeId.UNION, 1, 5, 127),
                null,
                List.of(IpcField.of("x", true, IpcType.BOOL), IpcField.of("y", false, IpcType.UTF8)));
        List<IpcField> fields = List.of(
                IpcField.of("t", false, timestamp),
                IpcField.of("d", true, IpcType.of(IpcTypeId.DECIMAL, 38, -3, 256)),
                new IpcField("e", true, IpcType.UTF8, encoding, List.of()),
                union);
        Message message = read(IpcSchema.of(fields, Map.of("k", "v"), ALLOCATOR));
        Schema schema = (Schema) message.header(new Schema());

        assertThat(message.version()).isEqualTo(MetadataVersion.V5);
        assertThat(message.headerType()).isEqualTo(MessageHeader.Schema);
        assertThat(message.bodyLength()).isZero();
        assertThat(schema.endianness()).isEqualTo(Endianness.Little);
        assertThat(schema.customMetadata(0).key() + "="
                        + schema.customMetadata(0).value())
                .isEqualTo("k=v");
        assertThat(schema.fieldsLength()).isEqualTo(4);
        assertThat(schema.fields(0).name()).isEqualTo("t");
        assertThat(schema.fields(0).nullable()).isFalse();
        Timestamp time = (Timestamp) schema.fields(0).type(new Timestamp());
        assertThat(time.unit()).isEqualTo((short) 2);
        assertThat(time.timezone()).isEqualTo("UTC");
        Decimal decimal = (Decimal) schema.fields(1).type(new Decimal());
        assertThat(List.of(decimal.precision(), decimal.scale(), decimal.bitWidth()))
                .containsExactly(38, -3, 256);
        DictionaryEncoding dictionary = schema.fields(2).dictionary();
        assertThat(dictionary.id()).isEqualTo(7);
        assertThat(dictionary.isOrdered()).isTrue();
        assertThat(dictionary.indexType().bitWidth()).isEqualTo(16);
        assertThat(dictionary.indexType().isSigned()).isFalse();
        Union read = (Union) schema.fields(3).type(new Union());
        assertThat(List.of((int) read.mode(), read.typeIds(0), read.typeIds(1))).containsExactly(1, 5, 127);
        assertThat(schema.fields(3).children(1).name()).isEqualTo("y");
    }

    @Test
    void readsEveryType() {
        List<IpcField> fields = new ArrayList<>();
        Types.ALL.forEach(example -> fields.add(IpcField.of(example.text(), true, example.type())));
        Message message = read(IpcSchema.of(fields, Map.of(), ALLOCATOR));
        Schema schema = (Schema) message.header(new Schema());

        for (int i = 0; i < fields.size(); i++) {
            Field field = schema.fields(i);
            assertThat(field.name()).isEqualTo(fields.get(i).name());
            assertThat(Type.name(field.typeType()).replace("_", "").toLowerCase(Locale.ROOT))
                    .isEqualTo(fields.get(i).type().id().name().replace("_", "").toLowerCase(Locale.ROOT));
        }
        Int uint16 = (Int) schema.fields(1).type(new Int());
        assertThat(uint16.bitWidth()).isEqualTo(16);
        assertThat(uint16.isSigned()).isFalse();
    }

    @Test
    void readsRecordBatch() {
        IpcRecordBatch batch = PlainBatch.of(
                3, List.of(new PlainBatch.Node(3, 1)), List.of(Unpooled.EMPTY_BUFFER, ints(1, 2, 3)), ALLOCATOR);
        Message message = read(batch.edited(EDIT, ALLOCATOR));
        RecordBatch read = (RecordBatch) message.header(new RecordBatch());

        assertThat(message.headerType()).isEqualTo(MessageHeader.RecordBatch);
        assertThat(message.bodyLength()).isEqualTo(16);
        assertThat(entries(message)).containsExactly("a=1", "é=");
        assertThat(read.length()).isEqualTo(3);
        assertThat(read.nodes(0).length()).isEqualTo(3);
        assertThat(read.nodes(0).nullCount()).isEqualTo(1);
        assertThat(read.buffersLength()).isEqualTo(2);
        assertThat(read.buffers(1).offset()).isZero();
        assertThat(read.buffers(1).length()).isEqualTo(12);
        assertThat(read.compression()).isNull();
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void readsEveryReRootedMessageOfGoldenStream(Path file) {
        try (DecoderProbe probe = new DecoderProbe().feed(GoldenStreams.read(file))) {
            for (IpcMessage message : probe.take()) {
                Message old = message instanceof IpcEndOfStream ? null : message(message);
                if (message instanceof IpcSchema schema) {
                    assertSameSchema(old, read(schema.edited(EDIT, ALLOCATOR)));
                } else if (message instanceof IpcRecordBatch batch) {
                    assertSameBatch(old, read(batch.edited(EDIT, ALLOCATOR)));
                } else if (message instanceof IpcDictionaryBatch batch) {
                    assertSameDictionary(old, read(batch.withId(99, ALLOCATOR)));
                }
            }
        }
    }

    private static void assertSameSchema(Message old, Message edited) {
        Schema was = (Schema) old.header(new Schema());
        Schema is = (Schema) edited.header(new Schema());
        assertThat(is.endianness()).isEqualTo(was.endianness());
        assertThat(is.featuresLength()).isEqualTo(was.featuresLength());
        assertThat(is.fieldsLength()).isEqualTo(was.fieldsLength());
        for (int i = 0; i < is.fieldsLength(); i++) {
            assertThat(is.fields(i).name()).isEqualTo(was.fields(i).name());
            assertThat(is.fields(i).typeType()).isEqualTo(was.fields(i).typeType());
            assertThat(is.fields(i).customMetadataLength())
                    .isEqualTo(was.fields(i).customMetadataLength());
        }
        assertThat(is.customMetadataLength()).isEqualTo(was.customMetadataLength() + 2);
        assertThat(is.customMetadata(was.customMetadataLength()).key()).isEqualTo("a");
    }

    private static void assertSameBatch(Message old, Message edited) {
        assertSameBatch((RecordBatch) old.header(new RecordBatch()), (RecordBatch) edited.header(new RecordBatch()));
        assertThat(edited.bodyLength()).isEqualTo(old.bodyLength());
        assertThat(edited.version()).isEqualTo(old.version());
        List<String> expected = entries(old);
        expected.addAll(List.of("a=1", "é="));
        assertThat(entries(edited)).isEqualTo(expected);
    }

    private static void assertSameDictionary(Message old, Message edited) {
        DictionaryBatch was = (DictionaryBatch) old.header(new DictionaryBatch());
        DictionaryBatch is = (DictionaryBatch) edited.header(new DictionaryBatch());
        assertThat(is.id()).isEqualTo(99);
        assertThat(is.isDelta()).isEqualTo(was.isDelta());
        assertThat(edited.bodyLength()).isEqualTo(old.bodyLength());
        assertSameBatch(was.data(), is.data());
    }

    private static void assertSameBatch(RecordBatch was, RecordBatch is) {
        assertThat(is.length()).isEqualTo(was.length());
        assertThat(is.nodesLength()).isEqualTo(was.nodesLength());
        assertThat(is.buffersLength()).isEqualTo(was.buffersLength());
        for (int i = 0; i < is.buffersLength(); i++) {
            assertThat(is.buffers(i).offset()).isEqualTo(was.buffers(i).offset());
            assertThat(is.buffers(i).length()).isEqualTo(was.buffers(i).length());
        }
        assertThat(is.compression() == null).isEqualTo(was.compression() == null);
    }

    private static List<String> entries(Message message) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < message.customMetadataLength(); i++) {
            entries.add(message.customMetadata(i).key() + "="
                    + message.customMetadata(i).value());
        }
        return entries;
    }

    /** Reads a copy of the metadata of {@code message}, which is consumed. */
    private static Message read(IpcMessage message) {
        Message read = message(message);
        message.release();
        return read;
    }

    private static Message message(IpcMessage message) {
        return Message.getRootAsMessage(ByteBuffer.wrap(ByteBufUtil.getBytes(message.metadata())));
    }

    private static ByteBuf ints(int... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (int value : values) {
            bytes.writeIntLE(value);
        }
        return bytes;
    }
}
