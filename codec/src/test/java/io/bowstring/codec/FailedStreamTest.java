package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Once a message is lost, for whatever reason, a stream has failed: nobody reads on as if it had not been there. */
@ExtendWith(LeakDetection.class)
class FailedStreamTest {
    private final CountingAllocator memory = new CountingAllocator();
    private final FlightDataDecoder flight = new FlightDataDecoder();

    @Test
    void flightTakesNoMoreAfterAMessageThereWasNoMemoryFor() {
        decode(FlightWire.DICTIONARY_SCHEMA).release();
        memory.limit(100);

        Throwable error = catchThrowable(() -> decode(FlightWire.DICTIONARY_BATCH));

        assertThat(error).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> decode(FlightWire.DICTIONARY_BATCH))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the stream has failed: a message of it was lost")
                    .hasCause(error);
        }
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void flightTakesNoStreamAfterASchemaThereWasNoMemoryFor() {
        memory.limit(100);
        assertThatThrownBy(() -> decode(FlightWire.SCHEMA)).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);

        assertThatThrownBy(() -> decode(FlightWire.SCHEMA)).isInstanceOf(IllegalStateException.class);
    }

    private FlightData decode(byte[] protobuf) {
        return flight.decode(FlightProbe.direct(protobuf), memory);
    }

    @Test
    void readerTakesNoMoreAfterAViolation() {
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        ByteBuf wrong = FlightProbe.direct(Wire.BATCH);
        ByteBuf right = FlightProbe.direct(Wire.SCHEMA);

        Throwable error = catchThrowable(() -> reader.next(wrong));

        assertThat(error).isInstanceOf(IpcException.class);
        assertThatThrownBy(() -> reader.next(right)).isSameAs(error);
        assertThat(right.readerIndex()).isZero();
        assertThat(wrong.release()).isTrue();
        assertThat(right.release()).isTrue();
    }

    @Test
    void aFrameIsReleasedWhateverIsThrown() {
        StreamState stream = new StreamState(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);
        Frame frame = Wire.frame(memory.directBuffer().writeBytes(Wire.SCHEMA));
        MetadataReader broken = frame.reader().moveTo(1 << 20, 1 << 10); // throws what nobody expects of a peer's bytes

        assertThatThrownBy(() -> stream.newMessage(frame, broken)).isInstanceOf(IndexOutOfBoundsException.class);

        assertThat(frame.buffer().refCnt()).isZero();
        assertThat(stream.isInStream()).isFalse();
    }
}
