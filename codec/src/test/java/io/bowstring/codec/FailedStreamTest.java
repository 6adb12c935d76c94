package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Once a message is lost, for whatever reason, a stream has failed: nobody reads on as if it had not been there. */
@ExtendWith(LeakDetection.class)
class FailedStreamTest {
    private final CountingAllocator memory = new CountingAllocator();
    private final IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);

    @Test
    void takesNoMoreAfterAMessageThereWasNoMemoryFor() {
        decode(Wire.DICTIONARY_SCHEMA, 0).release();
        memory.limit(100);

        Throwable error = catchThrowable(() -> decode(Wire.DICTIONARY_BATCH, 24));

        assertThat(error).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> decode(Wire.DICTIONARY_BATCH, 24))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the stream has failed: a message of it was lost")
                    .hasCause(error);
        }
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void takesNoStreamAfterASchemaThereWasNoMemoryFor() {
        memory.limit(100);
        assertThatThrownBy(() -> decode(Wire.SCHEMA, 0)).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);

        assertThatThrownBy(() -> decode(Wire.SCHEMA, 0)).isInstanceOf(IllegalStateException.class);
    }

    private IpcMessage decode(byte[] message, int bodyBytes) {
        return Wire.apart(message, bodyBytes, reader, false, memory);
    }

    @Test
    void readerTakesNoMoreAfterAViolation() {
        ByteBuf wrong = Unpooled.copiedBuffer(Wire.BATCH);
        ByteBuf right = Unpooled.copiedBuffer(Wire.SCHEMA);

        Throwable error = catchThrowable(() -> reader.next(wrong));

        assertThat(error).isInstanceOf(IpcException.class);
        assertThatThrownBy(() -> reader.next(right)).isSameAs(error);
        assertThat(right.readerIndex()).isZero();
        assertThat(wrong.release()).isTrue();
        assertThat(right.release()).isTrue();
    }

    @Test
    void aFrameIsReleasedWhateverIsThrown() {
        Frame frame = Wire.frame(memory.directBuffer().writeBytes(Wire.SCHEMA));
        MessageHeader tooLong =
                frame.header().withMetadataBytes(1 << 20); // throws what nobody expects of a peer's bytes
        Frame broken = new Frame(frame.buffer(), tooLong, 0);

        assertThatThrownBy(() -> reader.newMessage(broken)).isInstanceOf(IndexOutOfBoundsException.class);

        assertThat(frame.buffer().refCnt()).isZero();
        assertThat(reader.isInStream()).isFalse();
    }
}
