package io.bowstring.codec;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;

/** A channel that writes back every message that it decodes. Confined to the test's thread. */
final class DecoderToEncoder extends EmbeddedChannel {
    /** The decoder verifies the structure. */
    DecoderToEncoder() {
        this(IpcVerification.STRUCTURE);
    }

    DecoderToEncoder(IpcVerification verification) {
        this(IpcDecoderConfig.DEFAULTS.withVerification(verification));
    }

    DecoderToEncoder(IpcDecoderConfig config) {
        super(new IpcDecoder(config), new IpcEncoder(), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ctx.write(msg);
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                ctx.flush();
            }
        });
    }
}
