package io.bowstring.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes protobuf messages and keeps what comes of them; closing it releases that. Confined to the test's thread.
 */
final class FlightProbe implements AutoCloseable {
    /** Bytes before the metadata of a message outside of Flight. */
    static final int PREFIX_BYTES = 8;

    static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    final List<FlightData> decoded = new ArrayList<>();
    private final FlightDataDecoder decoder;

    FlightProbe() {
        this(IpcLimits.DEFAULTS);
    }

    FlightProbe(IpcLimits limits) {
        decoder = new FlightDataDecoder(limits, IpcVerification.STRUCTURE);
    }

    FlightProbe feed(byte[]... protobufs) {
        for (byte[] protobuf : protobufs) {
            decode(direct(protobuf));
        }
        return this;
    }

    /** Decodes one message, which is consumed; the result is borrowed. */
    FlightData decode(ByteBuf protobuf) {
        FlightData data = decoder.decode(protobuf, ALLOCATOR);
        decoded.add(data);
        return data;
    }

    /** Returns why a message is refused. */
    IpcException refusal(byte[] protobuf) {
        Throwable refusal = catchThrowable(() -> feed(protobuf));
        assertThat(refusal).isInstanceOf(IpcException.class);
        return (IpcException) refusal;
    }

    /** Returns the message of what was decoded last; borrowed. */
    IpcMessage message() {
        IpcMessage message = decoded.get(decoded.size() - 1).message();
        assertThat(message).isNotNull();
        return message;
    }

    @Override
    public void close() {
        decoded.forEach(data -> assertThat(data.release()).isTrue());
    }

    /** Returns a new buffer with {@code bytes}; owned. */
    static ByteBuf direct(byte[] bytes) {
        return ALLOCATOR.directBuffer(bytes.length).writeBytes(bytes);
    }

    /** Returns the bytes of a buffer, which is borrowed. */
    static byte[] bytes(ByteBuf buffer) {
        return ByteBufUtil.getBytes(buffer);
    }

    /** Returns the bytes of what a message is encoded to. */
    static byte[] encoded(FlightData data) {
        ByteBuf protobuf = data.encode(ALLOCATOR);
        try {
            return bytes(protobuf);
        } finally {
            protobuf.release();
        }
    }

    /** Returns the metadata of a message as {@link Wire} has it. */
    static byte[] metadata(byte[] message, int bodyBytes) {
        return Arrays.copyOfRange(message, PREFIX_BYTES, message.length - bodyBytes);
    }

    /** Returns the body of a message as {@link Wire} has it. */
    static byte[] body(byte[] message, int bodyBytes) {
        return Arrays.copyOfRange(message, message.length - bodyBytes, message.length);
    }
}
