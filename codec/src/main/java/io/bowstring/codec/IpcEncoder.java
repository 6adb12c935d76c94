package io.bowstring.codec;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Writes {@link IpcMessage}s, which are consumed, as the frames that they are: nothing is copied. A batch that no schema
 * precedes is released, and its write fails with {@code OUT_OF_ORDER}. Other objects pass through.
 *
 * <p>Confined to the channel's event loop; one encoder per channel.
 */
public final class IpcEncoder extends ChannelOutboundHandlerAdapter {
    private boolean isInStream;

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (!(msg instanceof IpcMessage message)) {
            ctx.write(msg, promise);
            return;
        }
        IpcKind kind = message.kind();
        boolean isBatch = kind == IpcKind.RECORD_BATCH || kind == IpcKind.DICTIONARY_BATCH;
        if (isBatch && !isInStream) {
            message.release();
            promise.setFailure(new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", kind, "a schema before it"));
            return;
        }
        isInStream = isBatch || kind == IpcKind.SCHEMA;
        // A view that shares the message's count: releasing it releases the message.
        ctx.write(message.frame(), promise);
    }
}
