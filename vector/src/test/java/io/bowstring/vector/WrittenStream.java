package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** The bytes of messages, in order, which the codec's verifier has accepted. Confined to the test's thread. */
final class WrittenStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Appends messages, which are consumed. */
    void add(List<? extends IpcMessage> messages) throws IOException {
        for (IpcMessage message : messages) {
            add(message);
        }
    }

    /** Appends a message, which is consumed. */
    void add(IpcMessage message) throws IOException {
        message.frame().readBytes(bytes, message.frameBytes());
        message.release();
    }

    /** Ends the stream, and returns it. */
    byte[] end() throws IOException {
        add(IpcEndOfStream.INSTANCE);
        byte[] stream = bytes.toByteArray();
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());
        channel.writeInbound(Unpooled.wrappedBuffer(stream)); // throws what the decoder refuses
        for (IpcMessage read = channel.readInbound(); read != null; read = channel.readInbound()) {
            read.release();
        }
        assertThat(channel.finish()).isFalse();
        return stream;
    }
}
