package io.bowstring.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bowstring.codec.CountingAllocator;
import io.bowstring.codec.LeakDetection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Once a message is lost, for whatever reason, a stream has failed: nobody reads on as if it had not been there. */
@ExtendWith(LeakDetection.class)
class FailedFlightTest {
    private final CountingAllocator memory = new CountingAllocator();
    private final FlightDataDecoder flight = new FlightDataDecoder();

    @Test
    void takesNoMoreAfterAMessageThereWasNoMemoryFor() {
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
    void takesNoStreamAfterASchemaThereWasNoMemoryFor() {
        memory.limit(100);
        assertThatThrownBy(() -> decode(FlightWire.SCHEMA)).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);

        assertThatThrownBy(() -> decode(FlightWire.SCHEMA)).isInstanceOf(IllegalStateException.class);
    }

    private FlightData decode(byte[] protobuf) {
        return flight.decode(FlightProbe.direct(protobuf), memory);
    }
}
