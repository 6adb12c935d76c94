package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.add;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What memory held before is in no message: every byte of a frame is written, its padding too. */
@ExtendWith(LeakDetection.class)
class PaddingTest {
    /** A way to make a message with buffers of an allocator. */
    record Writer(String name, Function<ByteBufAllocator, IpcMessage> writes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Writer> writers() {
        return Stream.of(
                new Writer("schema", PaddingTest::schema),
                new Writer("batch", PaddingTest::batch),
                new Writer("edited schema", memory -> schema(memory).edited(add("k", "v"), memory)),
                new Writer("edited batch", memory -> batch(memory).edited(add("k", "v"), memory)),
                new Writer("edited batch that others hold", PaddingTest::editedCopy),
                new Writer("gathered batch", memory -> received(memory, Chunking.BYTE_BY_BYTE, Wire.BATCH)),
                new Writer(
                        "edited gathered batch",
                        memory -> ((IpcRecordBatch) received(memory, Chunking.BYTE_BY_BYTE, Wire.BATCH))
                                .edited(add("k", "v"), memory)),
                new Writer("copied from parts", memory -> fromParts(memory, 16, true)),
                new Writer("joined from parts", memory -> fromParts(memory, 4096, false)));
    }

    @ParameterizedTest
    @MethodSource("writers")
    void writesTheSameWhateverMemoryHeld(Writer writer) {
        byte[] one = frame(writer.writes().apply(new DirtyAllocator(0xA5)));
        byte[] other = frame(writer.writes().apply(new DirtyAllocator(0x5A)));

        assertThat(one).isEqualTo(other);
        assertThat(one.length % 8).isZero();
    }

    private static byte[] frame(IpcMessage message) {
        byte[] frame = ByteBufUtil.getBytes(message.frame());
        message.release();
        return frame;
    }

    private static IpcSchema schema(ByteBufAllocator memory) {
        IpcType union = IpcType.of(IpcTypeId.UNION, 1, 5);
        IpcField child = IpcField.of("a", true, IpcType.of(IpcTypeId.INT, 8, 1));
        return IpcSchema.of(
                List.of(new IpcField("f", true, union, null, List.of(child))), Map.of("key", "value"), memory);
    }

    private static IpcRecordBatch batch(ByteBufAllocator memory) {
        ByteBuf threeBytes = Unpooled.wrappedBuffer(new byte[] {1, 2, 3});
        return PlainBatch.of(3, List.of(new PlainBatch.Node(3, 0)), List.of(Unpooled.EMPTY_BUFFER, threeBytes), memory);
    }

    private static IpcRecordBatch editedCopy(ByteBufAllocator memory) {
        IpcRecordBatch batch = batch(memory);
        try {
            return batch.retain().edited(add("k", "v"), memory);
        } finally {
            batch.release();
        }
    }

    /** Returns the second message of what comes behind a schema. */
    private static IpcMessage received(ByteBufAllocator memory, Chunking chunking, byte[] message) {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.config().setAllocator(memory);
            probe.feed(Wire.SCHEMA, new byte[0]).feed(message, chunking);
            return probe.messages.remove(1);
        }
    }

    /** Returns a batch whose metadata came without padding, 132 bytes. */
    private static IpcMessage fromParts(ByteBufAllocator memory, int bodyBytes, boolean isCopied) {
        byte[] message = Wire.legacy(
                Wire.inMetadata(Wire.BATCH, 24, String.format("%02X %02X", bodyBytes & 0xFF, bodyBytes >> 8)));
        ByteBuf metadata = Unpooled.copiedBuffer(message).slice(4, 132);
        IpcStreamReader reader =
                new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING));
        Wire.apart(Wire.SCHEMA, 0, reader, true, memory).release();
        return reader.next(metadata, Unpooled.copiedBuffer(new byte[bodyBytes]), isCopied, memory);
    }
}
