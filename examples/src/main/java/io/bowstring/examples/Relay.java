package io.bowstring.examples;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes what one channel receives to its peer, and counts rows on the way. An orderly end is passed on as one, after all
 * that came before it; anything else resets both channels, so that a torn stream does not look complete.
 *
 * <p>Confined to the event loop that both channels share.
 */
final class Relay extends SimpleChannelInboundHandler<IpcMessage> {
    private final SocketChannel peer;
    private final String tableKey;
    private final Map<String, LongAdder> rows;
    private String table = "";
    private boolean hasEnded;

    Relay(SocketChannel peer, String tableKey, Map<String, LongAdder> rows) {
        this.peer = peer;
        this.tableKey = tableKey;
        this.rows = rows;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            table = schema.schemaMetadata().getOrDefault(tableKey, "");
        } else if (message instanceof IpcRecordBatch batch) {
            rows.computeIfAbsent(table, unknown -> new LongAdder()).add(batch.rowCount());
        }
        peer.write(message.retainedFrame()); // its bytes, for any handler that wants a ByteBuf
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
    }

    /** Reads the peer only while this channel takes what it writes. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        peer.config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !hasEnded) {
            hasEnded = true;
            // Shutting down drops what is not written yet, so it waits for that.
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> end(peer));
            if (((SocketChannel) ctx.channel()).isOutputShutdown()) {
                ctx.close();
            }
        }
    }

    private static void end(SocketChannel channel) {
        if (channel.isInputShutdown()) {
            channel.close();
        } else {
            channel.shutdownOutput();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!hasEnded) {
            reset(peer);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reset((SocketChannel) ctx.channel());
        reset(peer);
    }

    static void reset(SocketChannel channel) {
        if (channel.isOpen()) {
            channel.config().setSoLinger(0);
            channel.close();
        }
    }
}
