package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.protocol.ErrorCode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.AbstractNioChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a peer that takes nothing for a while of what is there for it. One that takes a byte now and then stays.
 *
 * <p>Nothing is scheduled per write: while something is pending, one task looks whether it has become less.
 *
 * <p>Confined to the channel's event loop. The first handler of the pipeline.
 */
final class WriteDeadline extends ChannelOutboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(WriteDeadline.class);

    private final Duration timeout;
    private final Counters counters;

    /** What the channel's outbound buffer has counted as pending so far. */
    private long writtenBytes;

    private long sentBytes;
    private long sinceNanos;
    private boolean isChecking;

    /** Creates a deadline of more than 0. */
    WriteDeadline(Duration timeout, Counters counters) {
        this.timeout = timeout;
        this.counters = counters;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        long before = pendingBytes(ctx);
        ctx.write(msg, promise);
        writtenBytes += Math.max(0, pendingBytes(ctx) - before); // less where the channel has closed
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        if (!isChecking && pendingBytes(ctx) > 0) {
            isChecking = true;
            restart(sentBytes(ctx));
            schedule(ctx);
        }
    }

    private static long pendingBytes(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /** Returns how much the socket has taken: only grows. */
    private long sentBytes(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
        return pending == null
                ? writtenBytes
                : writtenBytes - pending.totalPendingWriteBytes() + pending.currentProgress();
    }

    /**
     * Returns whether the peer takes less at a time than shows by itself: a socket can be written to again only when a
     * third of its buffer is free, which may be a megabyte.
     */
    private boolean isTakingLittle(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof EpollSocketChannel tcp) {
            return tcp.tcpInfo().lastDataSent() < timeout.toMillis();
        }
        if (ctx.channel().unsafe() instanceof AbstractNioChannel.NioUnsafe nio) {
            nio.forceFlush(); // whether it can be written to or not
            return sentBytes(ctx) != sentBytes;
        }
        return false;
    }

    private void restart(long nowSentBytes) {
        sentBytes = nowSentBytes;
        sinceNanos = System.nanoTime();
    }

    private void schedule(ChannelHandlerContext ctx) {
        ctx.executor().schedule(() -> check(ctx), timeout.toNanos() / 4, TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext ctx) {
        isChecking = pendingBytes(ctx) > 0;
        if (!isChecking) {
            return;
        }
        long nowSentBytes = sentBytes(ctx);
        if (nowSentBytes != sentBytes) {
            restart(nowSentBytes);
        } else if (System.nanoTime() - sinceNanos >= timeout.toNanos() && !isTakingLittle(ctx)) {
            counters.increment(Counter.WRITES_STALLED);
            counters.increment(Counter.REPLIES_CUT, ErrorCode.TOO_SLOW);
            LOG.info(
                    "{} cut: {}: it has taken nothing for {} ms",
                    Connection.name(ctx.channel()),
                    ErrorCode.TOO_SLOW,
                    timeout.toMillis());
            ctx.close();
            return;
        }
        schedule(ctx);
    }
}
