package io.bowstring.bench;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatchRun;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Counts messages, shows their bytes to whoever asks, and releases them. Confined to the channel's event loop. */
final class Sink extends ChannelInboundHandlerAdapter {
    private final Consumer<Object> onMessage;
    private final CompletableFuture<Long> closed = new CompletableFuture<>();
    private long messages;
    private long bytes;

    Sink() {
        this(message -> {});
    }

    /** Creates a sink that lends every message or run, or its frame where the decoder is not ours, to {@code onMessage}. */
    Sink(Consumer<Object> onMessage) {
        this.onMessage = onMessage;
    }

    long messages() {
        return messages;
    }

    /** Completes when the channel closes, with the bytes of all messages, or fails. Thread-safe. */
    CompletableFuture<Long> closed() {
        return closed;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof IpcRecordBatchRun run) {
            messages += run.count();
            bytes += run.end(run.count() - 1);
        } else {
            messages++;
            bytes += msg instanceof IpcMessage message ? message.frameBytes() : ((ByteBuf) msg).readableBytes();
        }
        onMessage.accept(msg);
        ReferenceCountUtil.release(msg);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed.complete(bytes);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closed.completeExceptionally(cause);
        ctx.close();
    }
}
