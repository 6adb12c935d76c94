package io.bowstring.flight;

import static io.bowstring.flight.FlightProbe.ALLOCATOR;
import static io.bowstring.flight.FlightProbe.bytes;
import static io.bowstring.flight.FlightProbe.direct;
import static io.bowstring.flight.FlightProbe.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.CountingAllocator;
import io.bowstring.codec.DecoderProbe;
import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written, and who owns it. */
@ExtendWith(LeakDetection.class)
class FlightDataTest {
    @Test
    void writesMessageWithoutBody() {
        FlightData data = new FlightData(decoded(Wire.SCHEMA));

        assertThat(encoded(data)).isEqualTo(FlightWire.SCHEMA);
        assertThat(data.release()).isTrue();
    }

    @Test
    void writesMessageWithBody() {
        FlightData data = new FlightData(decoded(Wire.SCHEMA, Wire.BATCH));

        assertThat(encoded(data)).isEqualTo(FlightWire.BATCH);
        data.release();
    }

    @Test
    void writesFieldsInTheOrderOfArrowsOwnLibraries() {
        FlightData data = new FlightData(
                decoded(Wire.SCHEMA, Wire.BATCH),
                direct(Wire.bytes("08 01 1A 01 70")),
                direct(Wire.bytes("68 69")).skipBytes(1));

        assertThat(encoded(data))
                .isEqualTo(Wire.concat(
                        FlightWire.DESCRIPTOR,
                        Wire.bytes("12 80 01"),
                        FlightProbe.metadata(Wire.BATCH, 16),
                        Wire.bytes("1A 01 69"),
                        Wire.bytes("C2 3E 10"),
                        FlightProbe.body(Wire.BATCH, 16)));
        data.release();
    }

    @Test
    void writesMetadataAlone() {
        FlightData data = new FlightData(null, Unpooled.EMPTY_BUFFER, direct(Wire.bytes("68 69")));

        assertThat(encoded(data)).isEqualTo(FlightWire.APP_METADATA);
        assertThat(data).hasToString("FlightData(no message)");
        data.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -1, 0, 1})
    void writingLeavesNothingWhereTheHeapIsExhausted(int parts) {
        CountingAllocator memory = new CountingAllocator();
        FlightData data = new FlightData(decoded(Wire.SCHEMA, Wire.BATCH));
        if (parts < -1) {
            memory.exhaustHeap();
        } else {
            memory.limitParts(parts);
        }

        assertThatThrownBy(() -> data.encode(memory)).isInstanceOf(OutOfMemoryError.class);
        assertThat(memory.usedBytes()).isZero();
        assertThat(data.release()).isTrue();
    }

    @Test
    void writesNothingAsNothing() {
        FlightData data = new FlightData(null, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);

        assertThat(encoded(data)).isEmpty();
        data.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152})
    void writesLengthsOfEveryWidth(int length) {
        FlightData data = new FlightData(null, Unpooled.EMPTY_BUFFER, direct(new byte[length]));
        IpcLimits limits = new IpcLimits(32 << 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);

        try (FlightProbe probe = new FlightProbe(limits).feed(encoded(data))) {
            assertThat(probe.decoded.get(0).appMetadata().readableBytes()).isEqualTo(length);
        }
        data.release();
    }

    @Test
    void sharesTheBodyWithWhatItWrites() {
        IpcMessage message = decoded(Wire.SCHEMA, Wire.BATCH);
        long body = FrameForm.bodyAddress(message);

        FlightData data = new FlightData(message);
        ByteBuf protobuf = data.encode(ALLOCATOR);
        data.release();

        int bodyAt = protobuf.writerIndex() - 16;
        assertThat(protobuf.nioBufferCount()).isEqualTo(2);
        assertThat(((CompositeByteBuf) protobuf).componentSlice(1).memoryAddress())
                .isEqualTo(body);
        assertThat(protobuf.getIntLE(bodyAt)).isEqualTo(1);
        assertThat(protobuf.release()).isTrue();
    }

    @Test
    void refusesEndOfStreamAndConsumesWhatComesWithIt() {
        ByteBuf descriptor = direct(new byte[1]);
        ByteBuf appMetadata = direct(new byte[1]);

        assertThatThrownBy(() -> new FlightData(IpcEndOfStream.INSTANCE, descriptor, appMetadata))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("message: END_OF_STREAM");
        assertThat(descriptor.refCnt()).isZero();
        assertThat(appMetadata.refCnt()).isZero();
    }

    @Test
    void releasesItsPartsWithItsLastReference() {
        IpcMessage message = decoded(Wire.SCHEMA);
        ByteBuf descriptor = direct(new byte[] {1});
        ByteBuf appMetadata = direct(new byte[] {2});
        FlightData data = new FlightData(message, descriptor, appMetadata);

        assertThat(data.retain().retain(2).touch().touch("here")).isSameAs(data);
        assertThat(data.release(3)).isFalse();
        assertThat(bytes(data.descriptor())).containsExactly(1);
        assertThat(bytes(data.appMetadata())).containsExactly(2);
        assertThat(data).hasToString("FlightData(SCHEMA(136 bytes))");
        assertThat(data.release()).isTrue();

        assertThat(message.refCnt()).isZero();
        assertThat(descriptor.refCnt()).isZero();
        assertThat(appMetadata.refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatOutlivesItsMessage(FrameForm form) {
        IpcRecordBatch batch = (IpcRecordBatch) decoded(Wire.SCHEMA, Wire.BATCH);
        FlightData data = new FlightData(form.of(batch, ALLOCATOR));
        byte[] expected = bytes(data.message().body());

        ByteBuf protobuf = data.encode(ALLOCATOR);
        assertThat(data.release()).isTrue();

        byte[] written = bytes(protobuf);
        assertThat(Arrays.copyOfRange(written, written.length - expected.length, written.length))
                .isEqualTo(expected);
        assertThat(protobuf.release()).isTrue();
    }

    /** Decodes a stream; returns its last message, owned, in a buffer of its own. */
    private static IpcMessage decoded(byte[]... stream) {
        try (DecoderProbe probe = new DecoderProbe().feed(stream)) {
            return probe.messages.remove(probe.messages.size() - 1);
        }
    }
}
