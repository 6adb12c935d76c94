package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class IpcStreamReaderTest {
    private static final IpcDecoderConfig LEGACY = IpcDecoderConfig.DEFAULTS.withLegacyFraming(true);

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void takesTheSameMessagesAsADecoder(Path file) {
        byte[] stream = GoldenStreams.read(file);
        ByteBuf memory = direct(stream);
        IpcStreamReader reader = new IpcStreamReader(LEGACY);
        List<IpcKind> kinds = new ArrayList<>();
        int bytes = 0;
        for (IpcMessage message = reader.next(memory); message != null; message = reader.next(memory)) {
            kinds.add(message.kind());
            assertThat(ByteBufUtil.equals(message.frame(), memory.slice(bytes, message.frameBytes())))
                    .isTrue();
            bytes += message.frameBytes();
            MessageUse.use(message);
        }
        assertThat(memory.isReadable()).isFalse();
        assertThat(memory.release()).isTrue();
        try (DecoderProbe probe = new DecoderProbe(LEGACY).feed(stream)) {
            assertThat(kinds).isEqualTo(probe.kinds());
        }
    }

    @Test
    void sharesTheMemory() {
        ByteBuf memory = direct(Wire.concat(Wire.SCHEMA, Wire.BATCH));
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        assertThat(reader.isInStream()).isFalse();
        IpcMessage schema = reader.next(memory);
        assertThat(reader.isInStream()).isTrue();
        IpcMessage batch = reader.next(memory);

        assertThat(batch.frame().memoryAddress()).isEqualTo(memory.memoryAddress() + schema.frameBytes());
        schema.release();
        memory.release();
        assertThat(batch.refCnt()).isOne();
        batch.release();
        assertThat(memory.refCnt()).isZero();
    }

    @Test
    void takesNothingOfAMessageThatIsNotWhole() {
        for (int bytes = 0; bytes < Wire.SCHEMA.length; bytes++) {
            ByteBuf memory = direct(Wire.SCHEMA).writerIndex(bytes);

            assertThat(new IpcStreamReader(IpcDecoderConfig.DEFAULTS).next(memory))
                    .isNull();

            assertThat(memory.readerIndex()).isZero();
            assertThat(memory.release()).isTrue();
        }
        ByteBuf memory = direct(Wire.concat(Wire.SCHEMA, Wire.BATCH));
        memory.writerIndex(memory.writerIndex() - 1);
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        reader.next(memory).release();
        assertThat(reader.next(memory)).isNull();
        assertThat(memory.readerIndex()).isEqualTo(Wire.SCHEMA.length);
        memory.release();
    }

    @Test
    void refusesWhatADecoderRefuses() {
        assertRefused(Wire.BATCH, "message: RECORD_BATCH (expected: a schema)");
        assertRefused(Wire.END, "message: END_OF_STREAM (expected: a schema)");
        assertRefused(new byte[4], "continuation marker: 0x00000000 (expected: 0xFFFFFFFF)");
        byte[] unaligned = Wire.bytes("FF FF FF FF 09 00 00 00");
        assertRefused(unaligned, "metadata bytes: 9 (expected: >= 0, a multiple of 8 with its prefix)");
        byte[] negative = Wire.bytes("FF FF FF FF F8 FF FF FF");
        assertRefused(negative, "metadata bytes: -8 (expected: >= 0, a multiple of 8 with its prefix)");
        byte[] large = Wire.bytes("FF FF FF FF 08 00 00 01");
        assertRefused(large, "schema bytes: 16777224 (expected: <= 16777216)");
    }

    private static void assertRefused(byte[] bytes, String message) {
        ByteBuf memory = direct(bytes);
        assertThatThrownBy(() -> new IpcStreamReader(IpcDecoderConfig.DEFAULTS).next(memory))
                .isInstanceOf(IpcException.class)
                .hasMessage(message);
        assertThat(memory.release()).isTrue();
    }

    private static ByteBuf direct(byte[] bytes) {
        return UnpooledByteBufAllocator.DEFAULT
                .directBuffer(Math.max(1, bytes.length))
                .writeBytes(bytes);
    }
}
