package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class IpcDecoderTest {
    private static final byte[] STREAM = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END);

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesSchema(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, chunking)) {
            IpcSchema schema = probe.message(0, IpcSchema.class);

            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
            assertThat(schema.fields()).containsExactly(IpcField.of("a", true, IpcType.INT32));
            assertThat(schema.dictionaryIds()).isEmpty();
            assertThat(schema.schemaMetadata()).isEmpty();
            assertThat(schema.customMetadata()).isEmpty();
            assertThat(schema.frameBytes()).isEqualTo(136);
            assertThat(ByteBufUtil.getBytes(schema.frame())).isEqualTo(Wire.SCHEMA);
            assertThat(schema.metadata().readableBytes()).isEqualTo(128);
            assertThat(schema.body().isReadable()).isFalse();
        }
    }

    @Test
    void decodesWhatIsReceivedInBuffersMadeOfParts() {
        for (int cut = 1; cut < STREAM.length; cut++) {
            try (DecoderProbe probe = new DecoderProbe()) {
                CompositeByteBuf parts = probe.channel.alloc().compositeBuffer(2);
                parts.addComponent(true, probe.direct(Arrays.copyOf(STREAM, cut)));
                parts.addComponent(true, probe.direct(Arrays.copyOfRange(STREAM, cut, STREAM.length)));
                probe.channel.writeInbound(parts);

                assertThat(probe.frames()).isEqualTo(STREAM);
                assertThat(probe.message(1, IpcRecordBatch.class).buffer(1, 12).getIntLE(8))
                        .isEqualTo(3);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesRecordBatch(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(STREAM, chunking)) {
            IpcRecordBatch batch = probe.message(1, IpcRecordBatch.class);

            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA, IpcKind.RECORD_BATCH, IpcKind.END_OF_STREAM);
            assertThat(batch.rowCount()).isEqualTo(3);
            assertThat(batch.batchMetadata().nullCount(0)).isZero();
            assertThat(batch.buffer(1, 12).getIntLE(8)).isEqualTo(3);
            assertThat(batch.customMetadata()).isEmpty();
            assertThat(batch.body().readableBytes()).isEqualTo(16);
            assertThat(probe.frames()).isEqualTo(STREAM);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesDictionaryBatch(Chunking chunking) {
        byte[] delta = Wire.inMetadata(Wire.DICTIONARY_BATCH, 64, "01"); // isDelta: true
        byte[] stream = Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, delta);
        try (DecoderProbe probe = new DecoderProbe().feed(stream, chunking)) {
            IpcSchema schema = probe.message(0, IpcSchema.class);
            IpcDictionaryBatch batch = probe.message(1, IpcDictionaryBatch.class);

            IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(7, IpcType.INT32, false);
            assertThat(schema.fields()).containsExactly(new IpcField("d", true, IpcType.UTF8, encoding, List.of()));
            assertThat(schema.dictionaryIds()).containsExactly(7L);
            assertThat(batch.kind()).isEqualTo(IpcKind.DICTIONARY_BATCH);
            assertThat(batch.id()).isEqualTo(7);
            assertThat(batch.isDelta()).isFalse();
            assertThat(probe.message(2, IpcDictionaryBatch.class).isDelta()).isTrue();
            assertThat(probe.frames()).isEqualTo(stream);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesMessageWithEntriesAndMetadataVersion4(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH_WITH_ENTRY), chunking)) {
            IpcRecordBatch batch = probe.message(1, IpcRecordBatch.class);

            assertThat(batch.customMetadata()).isEqualTo(Map.of("k", "v"));
            assertThat(batch.rowCount()).isEqualTo(5);
            assertThat(batch.body().isReadable()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void decodesSeveralStreamsOnOneConnection(Chunking chunking) {
        byte[] other = Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.END);
        byte[] all = Wire.concat(STREAM, other, Wire.SCHEMA, Wire.END);
        try (DecoderProbe probe = new DecoderProbe().feed(all, chunking)) {
            assertThat(probe.kinds())
                    .containsExactly(
                            IpcKind.SCHEMA,
                            IpcKind.RECORD_BATCH,
                            IpcKind.END_OF_STREAM,
                            IpcKind.SCHEMA,
                            IpcKind.DICTIONARY_BATCH,
                            IpcKind.END_OF_STREAM,
                            IpcKind.SCHEMA,
                            IpcKind.END_OF_STREAM);
            assertThat(probe.frames()).isEqualTo(all);
        }
    }

    @Test
    void handsOnSlicesOfBufferThatHoldsWholeMessages() {
        try (DecoderProbe probe = new DecoderProbe()) {
            ByteBuf input = probe.direct(STREAM);
            probe.channel.writeInbound(input);

            assertThat(probe.messages).hasSize(3);
            assertThat(input.refCnt()).isPositive();
            ByteBuf body = probe.message(1, IpcRecordBatch.class).body();
            input.setIntLE(Wire.SCHEMA.length + 8 + 128, 99);
            assertThat(body.getIntLE(0)).isEqualTo(99);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Chunking.class, names = "WHOLE", mode = EnumSource.Mode.EXCLUDE)
    void alignsBodyOfMessageThatSpansBuffers(Chunking chunking) {
        byte[] pieces = Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.BATCH);
        try (DecoderProbe probe = new DecoderProbe().feed(pieces, chunking)) {
            assertAligned(probe.message(1, IpcDictionaryBatch.class).body());
            assertAligned(probe.message(2, IpcRecordBatch.class).body());
        }
    }

    @Test
    void alignsBodyWhoseHeadCameAlone() {
        byte[] head = Arrays.copyOf(Wire.BATCH, 8 + 128);
        byte[] body = Arrays.copyOfRange(Wire.BATCH, 8 + 128, Wire.BATCH.length);
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, head, body)) {
            assertAligned(probe.message(1, IpcRecordBatch.class).body());
        }
    }

    @Test
    void decodesEmptyBuffersToNothing() {
        try (DecoderProbe probe = new DecoderProbe().feed(new byte[0], new byte[0])) {
            assertThat(probe.messages).isEmpty();
        }
    }

    @Test
    void handsMessagesOnAsOwned() {
        try (DecoderProbe probe = new DecoderProbe().feed(STREAM, Chunking.BYTE_BY_BYTE)) {
            assertThat(probe.messages).allMatch(message -> message.refCnt() == 1);
            assertThat(probe.messages.get(2)).isSameAs(IpcEndOfStream.INSTANCE);
        }
    }

    private static void assertAligned(ByteBuf body) {
        if (body.hasMemoryAddress()) {
            assertThat(body.memoryAddress() % Frame.BODY_ALIGNMENT).isZero();
        }
    }
}
