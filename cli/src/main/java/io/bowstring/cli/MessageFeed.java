package io.bowstring.cli;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

/**
 * Turns bytes that do not come from a socket into messages. Owns the messages that have not been taken. Confined to the
 * caller's thread.
 */
final class MessageFeed implements AutoCloseable {
    /** The user's own data: what is too large for a server is for the server to refuse. */
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new IpcDecoder(IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED)));

    /** What is wrong with the bytes after the last complete message. */
    private @Nullable IpcException failure;

    /**
     * Feeds some bytes.
     *
     * @param bytes consumed
     */
    void add(ByteBuf bytes) {
        try {
            channel.writeInbound(bytes);
        } catch (IpcException e) {
            failure = e; // the messages before it count, however the bytes are cut
        }
    }

    /**
     * Returns the next message that is complete, owned; null where there is none.
     *
     * @throws io.bowstring.codec.IpcException if the bytes after the messages are wrong
     */
    @Nullable
    IpcMessage poll() {
        IpcMessage message = channel.readInbound();
        if (message == null && failure != null) {
            throw failure;
        }
        return message;
    }

    /**
     * Says that there are no more bytes.
     *
     * @throws io.bowstring.codec.IpcException {@code TRUNCATED} if they end inside a message
     */
    void end() {
        channel.finish();
    }

    @Override
    public void close() {
        try {
            channel.finishAndReleaseAll();
        } catch (IpcException e) {
            // An incomplete message: whoever closes early does not want to know.
        }
    }
}
