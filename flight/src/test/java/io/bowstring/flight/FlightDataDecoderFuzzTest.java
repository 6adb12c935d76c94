package io.bowstring.flight;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.MessageUse;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the protobufs are, each is decoded to valid data or refused with an {@link IpcException}. How it is
 * run stands in CONTRIBUTING.md.
 *
 * <pre>
 *   byte 0: bit 0 verification   then, up to the end: │ length: u16 │ protobuf │
 * </pre>
 */
class FlightDataDecoderFuzzTest {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;
    private static final IpcLimits LIMITS =
            IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(1 << 16).build();

    @MethodSource("seeds")
    @FuzzTest
    void endsInDataOrInOneError(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        IpcVerification verification = IpcVerification.values()[in.isReadable() ? in.readByte() & 1 : 0];
        FlightDataDecoder decoder = new FlightDataDecoder(LIMITS, verification);
        boolean hasFailed = false;
        while (in.readableBytes() >= Short.BYTES) {
            int bytes = in.readUnsignedShortLE();
            ByteBuf protobuf = in.readSlice(Math.min(in.readableBytes(), bytes));
            boolean isRefused = !isDecoded(decoder, ALLOCATOR.directBuffer().writeBytes(protobuf));
            if (hasFailed && !isRefused) {
                throw new AssertionError("decodes what follows an error");
            }
            hasFailed = isRefused;
        }
        LeakDetection.check();
    }

    /** Decodes {@code protobuf}, which is consumed, and uses what comes of it. */
    private static boolean isDecoded(FlightDataDecoder decoder, ByteBuf protobuf) {
        FlightData data;
        try {
            data = decoder.decode(protobuf, ALLOCATOR);
        } catch (IpcException e) {
            return false;
        }
        try {
            data.encode(ALLOCATOR).release();
            IpcMessage message = data.message();
            if (message != null) {
                MessageUse.use(message.retain());
            }
        } finally {
            data.release();
        }
        return true;
    }

    static Stream<byte[]> seeds() {
        byte[] plain = stream(FlightWire.SCHEMA, FlightWire.APP_METADATA, FlightWire.BATCH, FlightWire.LARGE_BATCH);
        byte[] encoded =
                stream(Wire.concat(FlightWire.DESCRIPTOR, FlightWire.DICTIONARY_SCHEMA), FlightWire.DICTIONARY_BATCH);
        return Stream.of(plain, encoded)
                .flatMap(stream ->
                        Stream.of(Wire.concat(Wire.bytes("00"), stream), Wire.concat(Wire.bytes("01"), stream)));
    }

    private static byte[] stream(byte[]... protobufs) {
        byte[] stream = {};
        for (byte[] protobuf : protobufs) {
            byte[] length = {(byte) protobuf.length, (byte) (protobuf.length >> 8)};
            stream = Wire.concat(stream, length, protobuf);
        }
        return stream;
    }
}
