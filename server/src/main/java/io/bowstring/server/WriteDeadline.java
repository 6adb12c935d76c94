package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.protocol.ErrorCode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.AbstractNioChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Cuts a peer that takes nothing for a while of what is there for it, or that takes it more slowly than a rate for a longer
 * while: what waits for it is memory that others want.
 *
 * <p>Nothing is scheduled per write: while something is pending, one task looks whether it has become less.
 *
 * <p>Confined to the channel's event loop. The first handler of the pipeline.
 */
final class WriteDeadline extends ChannelOutboundHandlerAdapter {
    /** The kernel frees what it has taken by the packet: so much may have reached the peer without a sign of it. */
    private static final int UNSEEN_BYTES = 128 << 10;

    /** Says that a socket can be written to, whether it can or not. */
    private static final EpollIoEvent WRITABLE = () -> EpollIoOps.EPOLLOUT;

    private final Duration timeout;
    private final long minBytesPerSecond;
    private final long rateNanos;
    private final Counters counters;

    /** What the channel's outbound buffer has counted as pending so far. */
    private long writtenBytes;

    private long sentBytes;
    private long sinceNanos;

    /** From when on the rate is measured, and what had been sent by then. */
    private long rateSinceNanos;

    private long rateSinceBytes;
    private boolean isChecking;

    /** Creates a deadline; the {@code writeTimeout} is more than 0. A peer may pause for that long at any rate. */
    WriteDeadline(ConnectionLimits limits, Counters counters) {
        this.timeout = limits.writeTimeout();
        this.minBytesPerSecond = limits.minRate().minBytesPerSecond();
        this.rateNanos = Math.max(limits.minRate().minRateTime().toNanos(), timeout.toNanos());
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
            restartRate();
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

    private void restartRate() {
        rateSinceBytes = sentBytes;
        rateSinceNanos = System.nanoTime();
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
            cut(ctx, "nothing for " + timeout.toMillis() + " ms");
            return;
        }
        if (System.nanoTime() - rateSinceNanos >= rateNanos && !isFastEnough(ctx)) {
            return;
        }
        schedule(ctx);
    }

    /** Judges what has been taken at the end of the time; where it is hard to tell, there is more time. */
    private boolean isFastEnough(ChannelHandlerContext ctx) {
        writeWhatTheSocketTakes(ctx);
        sentBytes = sentBytes(ctx);
        long nanos = System.nanoTime() - rateSinceNanos;
        long bytes = sentBytes - rateSinceBytes;
        double wantedBytes = minBytesPerSecond * (nanos / 1e9);
        if (bytes >= wantedBytes) {
            restartRate();
        } else if (bytes + UNSEEN_BYTES < wantedBytes && pendingBytes(ctx) > 0) {
            cut(
                    ctx,
                    bytes + " bytes in " + nanos / 1_000_000 + " ms (expected: >= " + minBytesPerSecond
                            + " per second; min-rate)");
            return false;
        }
        return true;
    }

    /** A socket that is not writable, as a third of its buffer is not free, may take something yet. */
    private static void writeWhatTheSocketTakes(ChannelHandlerContext ctx) {
        if (ctx.channel().unsafe() instanceof AbstractNioChannel.NioUnsafe nio) {
            nio.forceFlush();
        } else if (ctx.channel().unsafe() instanceof EpollIoHandle epoll) {
            epoll.handle(null, WRITABLE); // which does not look at its registration
        }
    }

    private void cut(ChannelHandlerContext ctx, String taken) {
        counters.increment(Counter.WRITES_STALLED);
        counters.increment(Counter.REPLIES_CUT, ErrorCode.TOO_SLOW);
        PeerLog.CUTS.say(Connection.name(ctx.channel()) + " cut: TOO_SLOW: it has taken " + taken);
        ctx.close();
    }
}
