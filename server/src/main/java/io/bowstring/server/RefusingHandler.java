package io.bowstring.server;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.Refusal;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * All that a connection gets which is one too many: why, and a moment to read it. Whatever it sends is thrown away.
 *
 * <p>Confined to the channel's event loop. Stands after an encoder.
 */
final class RefusingHandler extends ChannelInboundHandlerAdapter {
    private static final int LINGER_SECONDS = 1;

    private final ProtocolException reason;

    RefusingHandler(ProtocolException reason) {
        this.reason = reason;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        ctx.write(Refusal.of(reason).toSchema(ctx.alloc()));
        ctx.writeAndFlush(IpcEndOfStream.INSTANCE).addListener(written -> {
            if (written.isSuccess()) {
                ctx.channel().config().setOption(ChannelOption.SO_LINGER, -1);
                ((DuplexChannel) ctx.channel()).shutdownOutput();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ReferenceCountUtil.release(msg);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
