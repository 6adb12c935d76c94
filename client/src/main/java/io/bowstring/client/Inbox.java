package io.bowstring.client;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a reply, the messages behind it that have been received and not yet taken, and the reason why there
 * will be no more. Above a number of bytes the channel stops reading, so that a slow taker holds the server back.
 *
 * <p>Owns the schema and the messages it holds. Thread-safe: the event loop fills it, any thread takes.
 */
final class Inbox extends SimpleChannelInboundHandler<IpcMessage> {
    private static final long MAX_BYTES = 8 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private @Nullable IpcSchema schema;
    private final Queue<IpcMessage> messages = new ArrayDeque<>();
    private long bytes;
    private @Nullable ChannelHandlerContext paused;
    private @Nullable ClientException end;

    Inbox() {
        super(false);
    }

    /**
     * Returns the schema, owned: {@link #close} may come at any time; blocks until it is there.
     *
     * @throws ClientException if it will not come, or is gone
     */
    IpcSchema schema() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (schema == null && end == null) {
                changed.await();
            }
            if (schema == null) {
                throw reason();
            }
            return schema.retain();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the next message behind the schema, owned; blocks until there is one.
     *
     * @throws ClientException once all messages are taken and no more will come
     */
    IpcMessage take() throws InterruptedException {
        ChannelHandlerContext resumed = null;
        IpcMessage message;
        lock.lockInterruptibly();
        try {
            while (messages.isEmpty() && end == null) {
                changed.await();
            }
            message = messages.poll();
            if (message == null) {
                throw reason();
            }
            bytes -= message.frameBytes();
            if (bytes < MAX_BYTES / 2) {
                resumed = paused;
                paused = null;
            }
        } finally {
            lock.unlock();
        }
        if (resumed != null) {
            resumed.channel().config().setAutoRead(true);
        }
        return message;
    }

    /** The reply is over and all of it has been taken: the next schema begins another one. */
    void beginNext() {
        lock.lock();
        try {
            if (schema != null) {
                schema.release();
                schema = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private ClientException reason() {
        return Objects.requireNonNull(end, "woken without a reason");
    }

    /**
     * Drops schema and messages; what comes later is dropped too, and {@link #take} throws {@code reason}. Idempotent.
     */
    void close(ClientException reason) {
        lock.lock();
        try {
            end = reason;
            messages.forEach(IpcMessage::release);
            messages.clear();
            if (schema != null) {
                schema.release();
                schema = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
        lock.lock();
        try {
            if (end != null) {
                message.release();
                return;
            }
            if (schema == null) {
                schema = ((IpcSchema) message) // the decoder lets nothing else come first
                        .toKeep(ctx.alloc()); // it stays as long as the subscriber
                changed.signalAll();
                return;
            }
            messages.add(message);
            bytes += message.frameBytes();
            if (bytes >= MAX_BYTES && paused == null) {
                paused = ctx;
                ctx.channel().config().setAutoRead(false);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(broken(cause));
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(broken(null));
    }

    /** Returns what a connection that ended is called; {@code cause} is null where the server closed it. */
    static ClientException broken(@Nullable Throwable cause) {
        if (cause instanceof IpcException e) {
            return switch (e.code()) {
                case TRUNCATED -> lost("it was closed inside a message", e);
                case NOT_ARROW, MALFORMED, OUT_OF_ORDER, TOO_LARGE, UNSUPPORTED ->
                    new ClientException("the server's answer is not understood: " + e.getMessage(), e);
            };
        }
        return lost(cause == null ? "the server closed it" : String.valueOf(cause.getMessage()), cause);
    }

    private static ConnectionLostException lost(String how, @Nullable Throwable cause) {
        return new ConnectionLostException("connection lost before the end of the stream: " + how, cause);
    }

    /** Messages that are there already can still be taken. */
    private void end(ClientException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
