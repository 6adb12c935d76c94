package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is made again when it is lost, until it is closed or the time for it is over. Owns the channel. Confined
 * to one event loop, on which its owner is told of everything, but for {@link #execute}.
 */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    /** How long what the server still has to say is waited for when nothing can be written any more. */
    private static final int LAST_WORDS_MILLIS = 500;

    private final String name;
    private final Connector connector;
    private final ClientConfig config;
    private final EventLoop loop;
    private final Backoff backoff;
    private final ServerWatch watch;
    private final LinkEvents events;
    private final ChannelFutureListener onWritten = this::onWritten;
    private final FrameJoiner frames = new FrameJoiner(this::write);

    /** A loop that the user has shut down may forget to tell of channels, and does forget what is scheduled. */
    private final GenericFutureListener<Future<Object>> onTerminated = terminated -> fail(Connector.shutDown());

    private @Nullable LinkOwner owner;
    private @Nullable Channel channel;
    private boolean isReading = true;
    private boolean wasLost;
    private boolean isClosed;

    /** Why the link was given up before it had an owner. */
    private @Nullable ClientException failure;

    /** Creates a link on the next event loop. */
    Link(String name, Connector connector, ClientConfig config) {
        this(name, connector, config, connector.nextLoop());
    }

    private Link(String name, Connector connector, ClientConfig config, EventLoop loop) {
        this.name = name;
        this.connector = connector;
        this.config = config;
        this.loop = loop;
        this.backoff = new Backoff(config.reconnect(), System::nanoTime);
        this.watch = new ServerWatch(this, loop, config.timeouts());
        this.events = new LinkEvents(name, config.listener());
    }

    /** Returns a link on the same event loop to ask the server something beside this one; once, and nobody is told. */
    Link newSearchLink() {
        return new Link("search of " + name, connector, config.withReconnect(ReconnectConfig.NEVER), loop);
    }

    /** Returns what sees to it that the server answers; each connection that is given up stops it. */
    ServerWatch watch() {
        return watch;
    }

    /**
     * Runs a task on the loop, at once where the caller is there; where the user has shut the loop down, after its end, on
     * the thread that Netty has for that. For any thread.
     *
     * @throws ClientException if the loop is full, and then the task does not run
     */
    void execute(Runnable task) {
        if (loop.inEventLoop()) {
            guarded(task);
            return;
        }
        try {
            loop.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            if (!loop.isShutdown()) {
                throw new ClientException("the event loop takes no more tasks", e);
            }
            loop.terminationFuture().addListener(terminated -> guarded(task));
        }
    }

    /** Runs a step; what it throws ends the link, so that nobody waits for ever for what the step was to do. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            onThrown(e);
        }
    }

    private void onThrown(Throwable thrown) {
        Channel present = channel;
        if (thrown instanceof IpcException || thrown instanceof ProtocolException) {
            fail(ConnectionFailures.notUnderstood((RuntimeException) thrown));
        } else if (thrown instanceof ClientException reason) {
            fail(reason);
        } else if (thrown instanceof OutOfMemoryError && present != null) { // which may pass
            onLost(present, thrown);
        } else {
            LOG.error("{} failed", name, thrown);
            fail(new ClientException("a fault of the client: " + thrown, thrown));
        }
    }

    /** Begins to connect; an owner that comes after the link was given up is told so at once. */
    void open(LinkOwner newOwner) {
        owner = newOwner;
        ClientException early = failure;
        if (early != null) {
            newOwner.onFailed(early);
            return;
        }
        loop.terminationFuture().addListener(onTerminated);
        connect();
    }

    private void connect() {
        if (isClosed || loop.isShuttingDown()) {
            return;
        }
        ChannelFuture connecting = connector.connect(loop, new Receiver());
        connecting.addListener(result -> {
            if (isClosed) {
                connecting.channel().close();
            } else if (connecting.isSuccess()) {
                channel = connecting.channel();
                backoff.pause();
                channel.config().setAutoRead(isReading);
                guarded(() -> owner().onConnected());
            } else {
                retry(connector.failure(connecting.cause()));
            }
        });
    }

    private LinkOwner owner() {
        return Objects.requireNonNull(owner);
    }

    /** The server serves what the connection is for. */
    void onAccepted() {
        watch.stop();
        backoff.reset();
        if (wasLost) {
            wasLost = false;
            events.onRestored();
        }
    }

    /** Gives the present connection up, and makes another after a while, if there is time left for it. */
    void retry(ClientException reason) {
        if (isClosed) {
            return;
        }
        drop(true);
        long delayMillis = backoff.nextDelayMillis();
        if (delayMillis == Backoff.GIVE_UP) {
            fail(reason);
            return;
        }
        wasLost = true;
        events.onLost(reason, Duration.ofMillis(delayMillis));
        loop.schedule(this::connect, delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Gives up a connection over which the server says nothing, which is as good as none. */
    void retryMute(ClientException reason) {
        backoff.onMute();
        retry(reason);
    }

    /** Makes another connection at once, in place of one that was answered. */
    void reopen() {
        drop(true);
        connect();
    }

    /** Gives up. */
    void fail(ClientException reason) {
        if (!isClosed) {
            close(true);
            if (owner == null) {
                failure = reason;
            } else {
                owner.onFailed(reason);
            }
        }
    }

    /** Closes the connection, by a reset or in order; nobody is told of anything any more. Idempotent. */
    void close(boolean isReset) {
        isClosed = true;
        loop.terminationFuture().removeListener(onTerminated);
        drop(isReset);
    }

    private void drop(boolean isReset) {
        watch.stop();
        Channel dropped = channel;
        channel = null;
        frames.clear();
        if (dropped == null) {
            return;
        }
        try {
            if (isReset) {
                dropped.config().setOption(ChannelOption.SO_LINGER, 0);
            }
        } catch (ChannelException e) {
            LOG.debug("{} has closed meanwhile", name, e);
        }
        dropped.close();
    }

    /** Returns what tells the user's listener of this link. */
    LinkEvents events() {
        return events;
    }

    /** Returns whether there is a connection. */
    boolean isConnected() {
        return channel != null;
    }

    /** Returns whether there is a connection that takes more. */
    boolean isWritable() {
        return channel != null && channel.isWritable();
    }

    ByteBufAllocator allocator() {
        return channel == null ? ByteBufAllocator.DEFAULT : channel.alloc();
    }

    /** Writes a message, which is consumed; {@link #flush} sends it, or drops it where there is no connection. */
    void write(IpcMessage message) {
        frames.add(message, allocator());
    }

    /** Writes bytes, and not a message: the channel counts them towards writability at once. They are consumed. */
    private void write(ByteBuf bytes) {
        if (channel == null) {
            bytes.release();
        } else {
            channel.write(bytes).addListener(onWritten);
        }
    }

    /** Writes and sends a request that has no data. */
    void send(Request request) {
        write(IpcSchema.of(List.of(), request.toMetadata(), allocator()));
        write(IpcEndOfStream.INSTANCE);
        flush();
    }

    void flush() {
        frames.flush();
        if (channel != null) {
            channel.flush();
        }
    }

    /** Returns whether what the server sends is read. */
    boolean isReading() {
        return isReading;
    }

    /** Reads on, or lets the server wait. */
    void setReading(boolean isWanted) {
        if (isReading != isWanted) {
            isReading = isWanted;
            if (channel != null) {
                channel.config().setAutoRead(isWanted);
            }
        }
    }

    private void onWritten(ChannelFuture write) {
        Throwable cause = write.cause();
        Channel failing = write.channel();
        if (cause == null || !failing.equals(channel)) { // which is another by now
            return;
        }
        Throwable first = cause instanceof ChannelOutputShutdownException ? cause.getCause() : cause;
        if (first instanceof RuntimeException || first instanceof Error) {
            // Netty fails this message alone: whatever came after it over this connection would take its place.
            onThrown(first);
        } else {
            // What the server had to say, if anything, is still to be read, and is the better reason.
            loop.schedule(() -> onLost(failing, cause), LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void onLost(Channel lost, @Nullable Throwable cause) {
        if (!lost.equals(channel)) { // which is another by now
            return;
        }
        ClientException reason = ConnectionFailures.broken(cause);
        if (reason instanceof ConnectionLostException) {
            retry(owner().reason(reason));
        } else {
            fail(reason);
        }
    }

    /** Hears one connection, and nothing of it once there is another. */
    private final class Receiver extends SimpleChannelInboundHandler<IpcMessage> {
        Receiver() {
            super(false);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
            if (!ctx.channel().equals(channel)) {
                message.release();
                return;
            }
            try {
                owner().onMessage(message);
            } catch (RuntimeException | Error e) {
                onThrown(e);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().equals(channel)) {
                guarded(() -> owner().onWritabilityChanged());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            onLost(ctx.channel(), cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            onLost(ctx.channel(), null);
        }
    }
}
