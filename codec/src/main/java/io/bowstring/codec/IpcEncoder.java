package io.bowstring.codec;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Writes {@link IpcMessage}s, which are consumed, as the frames that they are: nothing is copied. What is not a message
 * passes through.
 *
 * <p>Thread-safe and sharable.
 */
@Sharable
public final class IpcEncoder extends ChannelOutboundHandlerAdapter {
    /** The only one that is needed: it has no state. */
    public static final IpcEncoder INSTANCE = new IpcEncoder();

    private IpcEncoder() {}

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        // The frame is a view that shares the message's count: releasing the one releases the other.
        ctx.write(msg instanceof IpcMessage message ? message.frame() : msg, promise);
    }
}
