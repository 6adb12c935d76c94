package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.add;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
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
                new Writer("copied from FlightData", memory -> fromFlight(memory, 16)),
                new Writer("joined from FlightData", memory -> fromFlight(memory, 4096)));
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
        return IpcRecordBatch.of(
                3, List.of(new IpcFieldNode(3, 0)), List.of(Unpooled.EMPTY_BUFFER, threeBytes), memory);
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
    private static IpcMessage fromFlight(ByteBufAllocator memory, int bodyBytes) {
        byte[] message = Wire.legacy(
                Wire.inMetadata(Wire.BATCH, 24, String.format("%02X %02X", bodyBytes & 0xFF, bodyBytes >> 8)));
        byte[] metadata = Arrays.copyOfRange(message, 4, 136);
        FlightDataDecoder decoder = new FlightDataDecoder(IpcLimits.DEFAULTS, IpcVerification.FRAMING);
        decoder.decode(FlightProbe.direct(FlightWire.SCHEMA), memory).release();
        ByteBuf protobuf = FlightProbe.direct(Wire.concat(
                Wire.bytes("12 84 01"), metadata, Wire.bytes("C2 3E"), varint(bodyBytes), new byte[bodyBytes]));
        FlightData data = decoder.decode(protobuf, memory);
        IpcMessage decoded = data.message().retain();
        data.release();
        return decoded;
    }

    private static byte[] varint(int value) {
        return value < 128 ? new byte[] {(byte) value} : new byte[] {(byte) (value | 0x80), (byte) (value >> 7)};
    }
}
