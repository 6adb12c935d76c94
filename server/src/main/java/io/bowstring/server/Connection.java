package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.broker.MemoryShare;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.Refusal;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an {@link Exchange} can do to its connection: write, pause reading, and end it in one of three ways.
 *
 * <ul>
 *   <li>{@link #close()}: everything that was to be said has been said;
 *   <li>{@link #refuse}: says why, then waits a moment for the peer to stop sending: closing at once, with input unread,
 *       would make the peer's kernel throw the reason away;
 *   <li>{@link #cut}: a reset, so that nobody takes what has been sent for complete.
 * </ul>
 *
 * <p>Confined to the channel's event loop.
 */
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int LINGER_SECONDS = 2;

    /** The beginning of a message of which nothing follows: its marker, and the length of its metadata. */
    private static final byte[] TORN_MESSAGE = {-1, -1, -1, -1, 64, 0, 0, 0};

    private final ChannelHandlerContext ctx;
    private final ConnectionHandler handler;
    private final Counters counters;
    private final MemoryShare memory;
    private final ConnectionSource source;
    private final Duration probePeriod;
    private @Nullable HalfCloseProbe probe;
    private boolean isPipelined;
    private boolean isHeld;
    private boolean isClosing;
    private boolean isLost;

    /** Creates what can be done to a channel; the share of memory is closed with it. */
    Connection(
            ChannelHandlerContext ctx,
            ConnectionHandler handler,
            Broker broker,
            ConnectionSource source,
            Duration probePeriod) {
        this.ctx = ctx;
        this.handler = handler;
        this.counters = broker.counters();
        this.memory = broker.newConnectionShare();
        ctx.channel().closeFuture().addListener(closed -> memory.close());
        this.source = source;
        this.probePeriod = probePeriod;
    }

    ConnectionSource source() {
        return source;
    }

    EventExecutor executor() {
        return ctx.executor();
    }

    /** Runs a task later; what it throws breaks the present exchange. */
    void execute(Runnable task) {
        executor().execute(() -> guarded(task));
    }

    /** Runs a step; what it throws breaks the present exchange. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            handler.onStepFailed(e);
        }
    }

    /** Takes a step with what a stage is completed with; where the stage fails, the present exchange is broken. */
    <T> void whenDone(CompletionStage<T> stage, Consumer<T> step) {
        stage.whenComplete((value, failure) -> execute(() -> {
            if (failure == null) {
                step.accept(value);
            } else if (ctx.channel().isActive()) {
                Throwable cause = failure.getCause();
                handler.onStepFailed(failure instanceof CompletionException && cause != null ? cause : failure);
            } // else the exchange has heard that it is gone
        }));
    }

    ByteBufAllocator allocator() {
        return ctx.alloc();
    }

    boolean isWritable() {
        return ctx.channel().isWritable();
    }

    /**
     * Returns how much has been written that is not sent; a message of which some is not sent counts whole. For any
     * thread.
     */
    long pendingBytes() {
        ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /**
     * Returns how much has been written that is not sent, without the part that is sent of a message. For any thread: what
     * is sent just now may be seen late.
     */
    long unsentBytes() {
        ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
    }

    boolean isClosing() {
        return isClosing;
    }

    /** Writes a message or a frame, which is consumed. */
    void write(Object message) {
        ctx.write(message, ctx.voidPromise());
    }

    /** Writes a message or a frame, which is consumed, and runs a step when it has been sent. */
    void write(Object message, Runnable whenSent) {
        ctx.write(message).addListener(written -> {
            if (written.isSuccess()) {
                guarded(whenSent);
            }
        });
    }

    /** Returns the share of the broker's memory for what this connection makes the server keep. */
    MemoryShare memory() {
        return memory;
    }

    void flush() {
        ctx.flush();
    }

    /** Writes the end-of-stream marker: the reply of the present exchange is complete. */
    void endReply() {
        ctx.writeAndFlush(IpcEndOfStream.INSTANCE, ctx.voidPromise());
        handler.onReplyEnd();
    }

    /** As {@link #endReply()}; runs a step when the marker has been sent, or never will be. */
    void endReply(Runnable whenOver) {
        ctx.writeAndFlush(IpcEndOfStream.INSTANCE).addListener(written -> {
            whenOver.run();
            if (!written.isSuccess() && ctx.channel().isRegistered()) { // as a void promise does
                ctx.pipeline().fireExceptionCaught(written.cause());
            }
        });
        handler.onReplyEnd();
    }

    /** The present exchange has nothing to reply. */
    void endWithoutReply() {
        handler.onReplyEnd();
    }

    /** Sets whether reading pauses because messages of the next request wait. */
    void setPipelined(boolean isPipelined) {
        this.isPipelined = isPipelined;
        updateReading();
    }

    /** Sets whether reading pauses because the publisher is ahead of the topic. */
    void setHeld(boolean isHeld) {
        this.isHeld = isHeld;
        updateReading();
    }

    /** Sets whether the peer, of which nothing more is heard, waits for its reply to continue, if it is still there. */
    void setProbed(boolean isProbed) {
        if (isProbed && !isClosing) {
            probe().start();
        } else if (probe != null) {
            probe.stop();
        }
    }

    private HalfCloseProbe probe() {
        HalfCloseProbe present = probe;
        if (present == null) {
            present = new HalfCloseProbe(probePeriod);
            probe = present;
            ctx.pipeline().addBefore(ctx.pipeline().context(IpcEncoder.class).name(), "half-close-probe", present);
        }
        return present;
    }

    private void updateReading() {
        ctx.channel().config().setAutoRead(isClosing || !(isPipelined || isHeld));
    }

    /** Nothing will be sent from now on but what ends the connection. */
    private void closing() {
        isClosing = true;
        setProbed(false);
    }

    /** Answers with a refusal and closes. */
    void refuse(ProtocolException reason) {
        write(Refusal.of(reason).toSchema(allocator()));
        closeAfterReply(reason);
    }

    /**
     * Ends the reply, which says why the request is refused, with its marker and closes, after what the peer still
     * sends has been thrown away.
     */
    void closeAfterReply(ProtocolException reason) {
        PeerLog.REFUSALS.say(this + " refused: " + reason.code() + ": " + reason.getMessage());
        counters.increment(Counter.REQUESTS_REFUSED, reason.code());
        if (isClosing) {
            return;
        }
        closing();
        updateReading();
        DuplexChannel channel = (DuplexChannel) ctx.channel();
        ctx.writeAndFlush(IpcEndOfStream.INSTANCE).addListener(written -> {
            if (written.isSuccess()) {
                endInOrder(channel);
                channel.shutdownOutput();
            }
        });
        if (channel.isInputShutdown()) {
            close();
        } else {
            executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Closes when all that has been written has been sent. */
    void close() {
        closing();
        ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(written -> {
            if (written.isSuccess()) {
                endInOrder(ctx.channel());
            }
            ctx.close();
        });
    }

    /** Lets the channel close as TCP does it; until then every close is a reset, see {@link Transport#configure}. */
    private static void endInOrder(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, -1);
        }
    }

    /** Breaks the connection off with a reset. */
    void cut(ProtocolException reason) {
        PeerLog.CUTS.say(this + " cut: " + reason.code() + ": " + reason.getMessage());
        counters.increment(Counter.REPLIES_CUT, reason.code());
        reset();
    }

    /** Gives up a connection that the operating system says is broken. */
    void lose(Throwable cause) {
        if (!isLost && !(cause instanceof ClosedChannelException)) { // which is what a close of ours does to writes
            isLost = true;
            LOG.debug("{} lost: {}", this, cause.getMessage());
            counters.increment(Counter.CONNECTIONS_LOST);
        }
        closing();
        ctx.close();
    }

    /** Closes so that the peer sees a reset, unless the end has been sent. */
    void reset() {
        closing();
        if (ctx.channel() instanceof SocketChannel) {
            ctx.close();
        } else {
            tear();
        }
    }

    /** A Unix domain socket has no reset: the reply ends inside a message instead, if the peer takes that. */
    private void tear() {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(TORN_MESSAGE)).addListener(written -> ctx.close());
        executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns who the peer is, for the log. */
    static String name(Channel channel) {
        return channel instanceof SocketChannel ? String.valueOf(channel.remoteAddress()) : "unix:" + channel.id();
    }

    @Override
    public String toString() {
        return name(ctx.channel());
    }
}
