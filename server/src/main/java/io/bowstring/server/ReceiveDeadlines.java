package io.bowstring.server;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives a peer a time for the schema of each request, and a rate for each message after it. Between requests and
 * between messages it may rest as long as it likes; only its first request must come by itself. The time in which the
 * server does not read does not count.
 *
 * <p>A peer that is too slow is told so by a {@link ProtocolException} to {@code exceptionCaught} of the last handler;
 * the decoder fails, so that what has come is free, and what it still sends is dropped.
 *
 * <p>Nothing is scheduled per message: while one is incomplete, one task looks at what has come of it.
 *
 * <p>Confined to the channel's event loop. Stands before the channel's decoder.
 */
final class ReceiveDeadlines extends ChannelDuplexHandler {
    /** What is shorter is what lies between two reads in any case. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ConnectionLimits limits;
    private final IpcDecoder decoder;
    private final ReceiveShare share;
    private final Counters counters;
    private final long requestNanos;
    private final long rateNanos;

    private long receivedBytes;
    /** Where in the input the message begins that is incomplete, which tells it from the next one. */
    private long messageStart;

    /** Whether there is one, or the first is still waited for. */
    private boolean isInMessage = true;

    /** From when on the peer's time counts, and what had come by then. */
    private long sinceNanos;

    private long sinceBytes;

    private boolean isReading;
    private long pausedNanos;
    private boolean isOver;
    private @Nullable Future<?> check;

    ReceiveDeadlines(ConnectionLimits limits, IpcDecoder decoder, ReceiveShare share, Counters counters) {
        this.limits = limits;
        this.share = share;
        this.decoder = decoder;
        this.counters = counters;
        this.requestNanos = limits.requestTimeout().toNanos();
        this.rateNanos = limits.minRate().minBytesPerSecond() == 0
                ? 0
                : limits.minRate().minRateTime().toNanos();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        restart();
        schedule(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (isOver) {
            ReferenceCountUtil.release(msg);
            return;
        }
        receivedBytes += ((ByteBuf) msg).readableBytes();
        share.onReceived(receivedBytes);
        ctx.fireChannelRead(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        long start = receivedBytes - decoder.incompleteBytes();
        isInMessage = start < receivedBytes || receivedBytes == 0;
        if (start != messageStart) {
            messageStart = start;
            restart();
            sinceBytes = start;
        }
        schedule(ctx);
        isReading = false;
        pausedNanos = System.nanoTime();
        ctx.fireChannelReadComplete();
    }

    /** Reads on. A pause, which is the server's doing, is not held against the peer. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (isReading) { // so it had been switched off meanwhile
            restart();
            share.onPauseOver();
        } else {
            long pauseNanos = System.nanoTime() - pausedNanos;
            sinceNanos += pauseNanos;
            if (pauseNanos >= PAUSE_NANOS) {
                share.onPauseOver();
            }
        }
        isReading = true;
        ctx.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isOver = true;
        if (check != null) {
            check.cancel(false);
        }
        ctx.fireChannelInactive();
    }

    private void restart() {
        sinceNanos = System.nanoTime();
        pausedNanos = sinceNanos;
        sinceBytes = receivedBytes;
    }

    private long allowedNanos() {
        return decoder.isInStream() ? rateNanos : requestNanos;
    }

    private void schedule(ChannelHandlerContext ctx) {
        if (check == null && isInMessage && !isOver && allowedNanos() > 0) {
            long left = Math.max(0, sinceNanos + allowedNanos() - System.nanoTime());
            long delay = requestNanos == 0 ? left : Math.min(left, requestNanos); // a request may begin meanwhile
            check = ctx.executor().schedule(() -> check(ctx), delay, TimeUnit.NANOSECONDS);
        }
    }

    private void check(ChannelHandlerContext ctx) {
        check = null;
        if (!isReading || !ctx.channel().config().isAutoRead()) {
            restart();
        } else if (isInMessage && !isOver && allowedNanos() > 0 && System.nanoTime() - sinceNanos >= allowedNanos()) {
            judge();
        }
        schedule(ctx);
    }

    private void judge() {
        long bytes = receivedBytes - sinceBytes;
        if (!decoder.isInStream()) {
            counters.increment(Counter.REQUESTS_TIMED_OUT);
            fail(
                    "schema of the request",
                    "not whole after " + limits.requestTimeout().toMillis() + " ms",
                    "whole");
        } else if (bytes * TimeUnit.SECONDS.toNanos(1) / rateNanos
                < limits.minRate().minBytesPerSecond()) {
            counters.increment(Counter.MESSAGES_TOO_SLOW);
            String took = bytes + " bytes in " + limits.minRate().minRateTime().toMillis() + " ms";
            fail("message", took, ">= " + limits.minRate().minBytesPerSecond() + " per second");
        } else {
            restart();
        }
    }

    private void fail(String field, String value, String rule) {
        isOver = true;
        decoder.fail(ProtocolException.of(ErrorCode.TOO_SLOW, field, value, rule));
    }
}
