package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class IpcEncoderTest {
    @Test
    void writesFramesAndConsumesMessages() {
        byte[] stream = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END, Wire.SCHEMA, Wire.END);
        EmbeddedChannel out = new EmbeddedChannel(new IpcEncoder());
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
    void refusesBatchesBeforeASchema() {
        byte[] stream = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END);
        EmbeddedChannel out = new EmbeddedChannel(new IpcEncoder());
        try (DecoderProbe probe = new DecoderProbe().feed(stream)) {
            List<IpcMessage> messages = probe.take();
            IpcMessage batch = messages.get(1);

            ChannelFuture before = out.writeOneOutbound(batch.retain());
            out.writeOutbound(messages.toArray());
            ChannelFuture after = out.writeOneOutbound(PlainBatch.of(0, List.of(), List.of(), out.alloc()));

            assertThat(before.cause()).hasMessage("message: RECORD_BATCH (expected: a schema before it)");
            assertThat(after.cause()).isInstanceOf(IpcException.class);
            assertThat(out.outboundMessages()).hasSize(3);
        }
        out.finishAndReleaseAll();
    }

    @Test
    void writesMessageWithoutCopying() {
        EmbeddedChannel out = new EmbeddedChannel(new IpcEncoder());
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
    void writesHeadAndBodyThatStandApartInOneGatheringWrite() {
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        ByteBufAllocator memory = UnpooledByteBufAllocator.DEFAULT;
        IpcMessage schema = Wire.apart(Wire.SCHEMA, 0, reader, true, memory);
        ByteBuf body = memory.directBuffer().writeZero(256);
        byte[] large = Wire.inMetadata(Wire.BATCH, 24, "00 01 // bodyLength: 256");
        EmbeddedChannel out = new EmbeddedChannel(new IpcEncoder());
        IpcMessage batch = reader.next(Unpooled.copiedBuffer(large).slice(8, 128), body, false, memory);
        out.writeOutbound(schema, batch.retain());
        out.<ByteBuf>readOutbound().release();
        ByteBuf frame = out.readOutbound();

        ChannelOutboundBuffer socket = out.unsafe().outboundBuffer(); // as the loop of a socket sees it
        socket.addMessage(frame, frame.readableBytes(), out.newPromise());
        socket.addFlush();
        ByteBuffer[] parts = socket.nioBuffers();
        assertThat(socket.nioBufferCount()).isEqualTo(2);
        assertThat(parts[0].remaining())
                .isEqualTo(batch.frameBytes() - batch.body().readableBytes());
        body.setByte(255, 99);
        assertThat(parts[1].get(parts[1].limit() - 1)).isEqualTo((byte) 99);
        socket.remove();
        batch.release();
        assertThat(body.release()).isTrue();
        assertThat(out.finish()).isFalse();
    }

    @Test
    void passesOnWhatIsNotMessage() {
        EmbeddedChannel out = new EmbeddedChannel(new IpcEncoder());
        out.writeOutbound("text");

        assertThat(out.<String>readOutbound()).isEqualTo("text");
        assertThat(out.finish()).isFalse();
    }
}
