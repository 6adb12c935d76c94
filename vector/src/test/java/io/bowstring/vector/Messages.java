package io.bowstring.vector;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/** The messages of streams, for tests. Not instantiable. */
final class Messages {
    private Messages() {}

    /** Returns the messages of a stream, which must be whole; owned. */
    static List<IpcMessage> of(byte[] stream) {
        return of(stream, IpcDecoderConfig.DEFAULTS.withLegacyFraming(true).withLimits(IpcLimits.UNLIMITED));
    }

    static List<IpcMessage> of(byte[] stream, IpcDecoderConfig config) {
        List<IpcMessage> messages = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder(config));
        try {
            channel.writeInbound(
                    channel.alloc().directBuffer(Math.max(1, stream.length)).writeBytes(stream));
            channel.finish();
        } finally {
            for (IpcMessage message = channel.readInbound(); message != null; message = channel.readInbound()) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** Returns the messages in front of the first violation; owned. */
    static List<IpcMessage> upToViolation(byte[] stream, IpcDecoderConfig config) {
        List<IpcMessage> messages = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder(config));
        try {
            channel.writeInbound(
                    channel.alloc().directBuffer(Math.max(1, stream.length)).writeBytes(stream));
            channel.finish();
        } catch (IpcException e) {
            // What came before it counts.
        }
        for (IpcMessage message = channel.readInbound(); message != null; message = channel.readInbound()) {
            messages.add(message);
        }
        return messages;
    }
}
