package io.bowstring.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a peer is still there that sends nothing more and waits for its reply to continue. The end of its
 * input looks the same whether it has closed its connection or one side of it; but what is sent to a closed one comes
 * back as a reset. So this sends what can be known of the next message, whatever that will be: its marker.
 *
 * <pre>
 *   next message:  FF │ FF │ FF │ FF │ metadata bytes │ metadata │ body
 *   sent ahead:    1    2    3    4       at once, and then one each time that a period has passed
 * </pre>
 *
 * <p>When the message comes, the rest of it is sent. Where the operating system does not report a reset by itself, the
 * next byte's write does.
 *
 * <p>Confined to the channel's event loop. Stands after the encoder, and only in pipelines of such peers.
 */
final class HalfCloseProbe extends ChannelOutboundHandlerAdapter {
    private static final byte[] MARKER = {-1, -1, -1, -1};

    private final long periodNanos;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Future<?> next;
    private boolean isWaiting;

    /** How many bytes of the next message have been sent. */
    private int ahead;

    /** Creates a probe that rests until {@link #start()}. */
    HalfCloseProbe(Duration period) {
        this.periodNanos = period.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        stop();
    }

    /** The peer waits for its reply to continue. */
    void start() {
        if (!isWaiting) {
            isWaiting = true;
            probe();
        }
    }

    /** The reply is complete, or will be with what is written next. */
    void stop() {
        isWaiting = false;
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object msg, ChannelPromise promise) {
        if (ahead > 0 && msg instanceof ByteBuf bytes && bytes.isReadable()) {
            ByteBuf rest = bytes.slice(bytes.readerIndex() + ahead, bytes.readableBytes() - ahead); // has its reference
            ahead = 0;
            context.write(rest, promise);
        } else {
            context.write(msg, promise);
        }
        schedule();
    }

    private void probe() {
        next = null;
        ChannelHandlerContext context = ctx;
        if (!isWaiting || context == null || !context.channel().isActive()) {
            return;
        }
        ChannelOutboundBuffer pending = context.channel().unsafe().outboundBuffer();
        if (pending != null && pending.isEmpty()) { // else what is there to be sent does as well
            ahead++;
            context.writeAndFlush(Unpooled.wrappedBuffer(MARKER, 0, 1), context.voidPromise());
        }
        schedule();
    }

    private void schedule() {
        ChannelHandlerContext context = ctx;
        if (isWaiting && next == null && ahead < MARKER.length && context != null) {
            next = context.executor().schedule(this::probe, periodNanos, TimeUnit.NANOSECONDS);
        }
    }
}
