package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class IpcEncoderTest {
    @Test
    void writesFramesAndConsumesMessages() {
        byte[] stream = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END, Wire.SCHEMA, Wire.END);
        EmbeddedChannel out = new EmbeddedChannel(IpcEncoder.INSTANCE);
        try (DecoderProbe probe = new DecoderProbe().feed(stream)) {
            List<IpcMessage> messages = probe.take();
            out.writeOutbound(messages.toArray());

            ByteBuf written = out.alloc().directBuffer();
            for (ByteBuf frame = out.readOutbound(); frame != null; frame = out.readOutbound()) {
                written.writeBytes(frame);
                frame.release();
            }
            assertThat(ByteBufUtil.getBytes(written)).isEqualTo(stream);
            written.release();
            assertThat(messages.get(0).refCnt()).isZero();
        }
        assertThat(out.finish()).isFalse();
    }

    @Test
    void writesMessageWithoutCopying() {
        EmbeddedChannel out = new EmbeddedChannel(IpcEncoder.INSTANCE);
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA)) {
            IpcMessage schema = probe.message(0, IpcSchema.class);
            out.writeOutbound(schema.retain());

            ByteBuf frame = out.readOutbound();
            frame.setIntLE(4, 99);
            assertThat(schema.frame().getIntLE(4)).isEqualTo(99);
            frame.release();
        }
        assertThat(out.finish()).isFalse();
    }

    @Test
    void passesOnWhatIsNotMessage() {
        EmbeddedChannel out = new EmbeddedChannel(IpcEncoder.INSTANCE);
        out.writeOutbound("text");

        assertThat(out.<String>readOutbound()).isEqualTo("text");
        assertThat(out.finish()).isFalse();
    }
}
