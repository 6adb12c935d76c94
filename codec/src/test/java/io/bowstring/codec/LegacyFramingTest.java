package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.ALLOCATOR;
import static io.bowstring.codec.ReRootingTest.add;
import static io.bowstring.codec.Wire.concat;
import static io.bowstring.codec.Wire.legacy;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Messages from before Arrow 0.15, which begin with the length of their metadata:
 *
 * <pre>
 *   84 00 00 00  metadata bytes: 132
 *   ...          metadata, 128 bytes and 4 of padding
 *   ...          body
 *   00 00 00 00  end of the stream
 * </pre>
 */
@ExtendWith(LeakDetection.class)
class LegacyFramingTest {
    private static final IpcDecoderConfig CONFIG = IpcDecoderConfig.DEFAULTS.withLegacyFraming(true);
    private static final byte[] STREAM = concat(
            legacy(Wire.DICTIONARY_SCHEMA),
            legacy(Wire.DICTIONARY_BATCH),
            legacy(Wire.END),
            legacy(Wire.SCHEMA),
            legacy(Wire.BATCH),
            legacy(Wire.END));

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void keepsTheBytesOfMessages(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM, chunking)) {
            assertThat(probe.frames()).isEqualTo(STREAM);
            assertThat(probe.kinds())
                    .containsExactly(
                            IpcKind.SCHEMA,
                            IpcKind.DICTIONARY_BATCH,
                            IpcKind.END_OF_STREAM,
                            IpcKind.SCHEMA,
                            IpcKind.RECORD_BATCH,
                            IpcKind.END_OF_STREAM);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void readsMessages(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM, chunking)) {
            IpcRecordBatch batch = probe.message(4, IpcRecordBatch.class);

            assertThat(probe.message(3, IpcSchema.class).fields()).hasToString("[a: int32]");
            assertThat(probe.message(1, IpcDictionaryBatch.class).id()).isEqualTo(7);
            assertThat(batch.frameBytes()).isEqualTo(4 + 132 + 16);
            assertThat(batch.metadata().readableBytes()).isEqualTo(132);
            assertThat(ByteBufUtil.getBytes(batch.body()))
                    .isEqualTo(Arrays.copyOfRange(Wire.BATCH, 136, Wire.BATCH.length));
            assertThat(batch.buffer(1, 12).getIntLE(8)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void acceptsBothFramingsPerMessage(Chunking chunking) {
        byte[] stream =
                concat(Wire.SCHEMA, legacy(Wire.BATCH), Wire.BATCH, legacy(Wire.END), legacy(Wire.SCHEMA), Wire.END);
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(stream, chunking)) {
            assertThat(probe.frames()).isEqualTo(stream);
            assertThat(probe.messages).hasSize(6);
        }
    }

    @Test
    void endsStreamWithoutAnOwner() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(concat(legacy(Wire.SCHEMA), legacy(Wire.END)))) {
            IpcEndOfStream end = probe.message(1, IpcEndOfStream.class);

            assertThat(ByteBufUtil.getBytes(end.frame())).containsExactly(0, 0, 0, 0);
            assertThat(end.release()).isFalse();
            assertThat(end.refCnt()).isEqualTo(1);
            assertThat(end.metadata().isReadable()).isFalse();
            assertThat(end.body().isReadable()).isFalse();
        }
    }

    @Test
    void alignsBodyThatIsGathered() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM, Chunking.BYTE_BY_BYTE)) {
            ByteBuf body = probe.messages.get(4).body();

            assertThat(body.hasMemoryAddress()).isTrue();
            assertThat(body.memoryAddress() % Frame.BODY_ALIGNMENT).isZero();
        }
    }

    @Test
    void alignsBodyOfCopyToKeep() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.channel.writeInbound(
                    probe.channel.alloc().directBuffer(1 << 16).writeBytes(STREAM));
            IpcMessage kept = probe.messages.remove(4).toKeep(ALLOCATOR);

            assertThat(ByteBufUtil.getBytes(kept.frame())).isEqualTo(legacy(Wire.BATCH));
            assertThat(kept.body().memoryAddress() % Frame.BODY_ALIGNMENT).isZero();
            kept.release();
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void writesWhatIsEditedInPresentFraming(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM, chunking);
                DecoderProbe present = new DecoderProbe()) {
            List<IpcMessage> old = probe.take();
            List<IpcMessage> edited = List.of(
                    ((IpcSchema) old.get(0)).edited(add("z", "1"), ALLOCATOR),
                    ((IpcDictionaryBatch) old.get(1)).withId(7, ALLOCATOR),
                    IpcEndOfStream.INSTANCE,
                    ((IpcSchema) old.get(3)).edited(add("z", "1"), ALLOCATOR),
                    ((IpcRecordBatch) old.get(4)).edited(add("z", "1"), ALLOCATOR));
            edited.forEach(message -> present.feed(ByteBufUtil.getBytes(message.frame())));

            for (int i = 0; i < edited.size(); i++) {
                assertThat(present.messages.get(i).frame())
                        .isEqualTo(edited.get(i).frame());
                assertThat(ByteBufUtil.getBytes(present.messages.get(i).body()))
                        .isEqualTo(ByteBufUtil.getBytes(edited.get(i).body()));
                edited.get(i).release();
            }
            assertThat(present.message(3, IpcSchema.class).fields()).hasToString("[a: int32]");
            assertThat(present.messages.get(4).customMetadata()).containsExactly(Map.entry("z", "1"));
            assertThat(present.message(4, IpcRecordBatch.class).buffer(1, 12).getIntLE(8))
                    .isEqualTo(3);
        }
    }

    @Test
    void zeroesThePaddingOfWhatIsEdited() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM)) {
            IpcRecordBatch old = (IpcRecordBatch) probe.messages.remove(4);
            IpcRecordBatch edited = old.edited(add("z", "1"), new DirtyAllocator(0xA5));
            ByteBuf metadata = edited.metadata();

            assertThat(metadata.readableBytes() % 8).isZero();
            assertThat(metadata.getLongLE(metadata.readableBytes() - 8)).isZero(); // 4 of the old, 4 of the new
            edited.release();
        }
    }

    @Test
    void getsAMarkerWhereItsPartsComeApart() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(STREAM)) {
            IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
            for (IpcMessage message : probe.messages.subList(3, 5)) {
                IpcMessage rewritten = reader.next(message.metadata(), message.body(), false, ALLOCATOR);
                byte[] frame = ByteBufUtil.getBytes(rewritten.frame());

                assertThat(Arrays.copyOf(frame, 8)).containsExactly(0xFF, 0xFF, 0xFF, 0xFF, 0x88, 0, 0, 0);
                assertThat(rewritten.body()).isEqualTo(message.body());
                rewritten.release();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"80 00 00 00, 128", "88 00 00 00, 136", "81 00 00 00, 129", "FE FF FF FF, -2", "FC FF FF FF, -4"})
    void refusesLengthThatCannotBe(String prefix, int length) {
        for (Chunking chunking : Chunking.values()) {
            try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(Wire.bytes(prefix), chunking)) {
                IpcException error = probe.error();
                assertThat(error.code()).isEqualTo(IpcErrorCode.MALFORMED);
                assertThat(error)
                        .hasMessage("metadata bytes: " + length + " (expected: >= 0, a multiple of 8 with its prefix)");
            }
        }
    }

    @Test
    void boundsMetadata() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(Wire.bytes("04 00 00 01"))) {
            assertThat(probe.error()).hasMessage("schema bytes: 16777220 (expected: <= 16777216)");
        }
    }

    @Test
    void refusesEndWhereNoStreamHasBegun() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(legacy(Wire.END))) {
            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.OUT_OF_ORDER);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void reportsInputThatEndsInsideMessage(Chunking chunking) {
        byte[] message = legacy(Wire.SCHEMA);
        for (int bytes = 1; bytes < message.length; bytes++) {
            try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(Arrays.copyOf(message, bytes), chunking)) {
                probe.halfClose();

                assertThat(probe.error())
                        .hasMessage("message: " + bytes + " bytes (expected: a whole message)")
                        .extracting(IpcException::code)
                        .isEqualTo(IpcErrorCode.TRUNCATED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void isRefusedUnlessAskedFor(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(legacy(Wire.SCHEMA), chunking)) {
            IpcException error = probe.error();
            assertThat(error.code()).isEqualTo(IpcErrorCode.NOT_ARROW);
            assertThat(error).hasMessage("continuation marker: 0x84000000 (expected: 0xFFFFFFFF)");
        }
        assertThat(CONFIG.withLegacyFraming(false)).isEqualTo(IpcDecoderConfig.DEFAULTS);
        assertThat(CONFIG.withLimits(IpcLimits.UNLIMITED)
                        .withVerification(IpcVerification.FRAMING)
                        .legacyFraming())
                .isTrue();
    }
}
