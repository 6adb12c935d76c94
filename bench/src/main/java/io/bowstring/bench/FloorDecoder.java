package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The floor: reads two lengths and takes a retained slice. Only whole messages may be received. Confined to the channel's
 * event loop.
 */
final class FloorDecoder extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg; // consumed
        while (in.isReadable()) {
            ctx.fireChannelRead(in.readRetainedSlice(TrustedFrame.bytes(in)));
        }
        in.release();
    }
}
