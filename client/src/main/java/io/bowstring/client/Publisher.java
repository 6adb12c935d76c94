package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.PublishRequest;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one stream to a topic.
 *
 * <p>{@link #finish} completes the stream; a publisher that is closed without it resets its connection, and what the
 * server had not read by then is lost. Without acknowledgements {@code finish} raises what the server refuses until it
 * closes the connection, and fails if it does not do so within 30 seconds; that all batches are in the topic is certain
 * with acknowledgements only.
 *
 * <p>Confined to one thread at a time, but for {@link #acknowledged} and {@link #close}, which any thread may call.
 */
public final class Publisher implements AutoCloseable {
    private static final long CLOSE_TIMEOUT_MILLIS = TimeUnit.SECONDS.toMillis(30);
    private static final long LAST_WORDS_MILLIS = 500;

    private final boolean wantsAcks;
    private final PublishReplies replies;
    private final ServerConnection connection;
    private final long closeTimeoutMillis;
    private volatile boolean isFinished;

    private Publisher(boolean wantsAcks, PublishReplies replies, ServerConnection connection, long closeTimeoutMillis) {
        this.wantsAcks = wantsAcks;
        this.closeTimeoutMillis = closeTimeoutMillis;
        this.replies = replies;
        this.connection = connection;
    }

    /**
     * Connects and sends the head of the stream; blocks until it is connected. A refusal is raised by later calls.
     *
     * @param schema what the batches are of; consumed
     * @throws ClientException if there is no connection to be had
     */
    public static Publisher open(ServerAddress server, PublishRequest request, IpcSchema schema)
            throws InterruptedException {
        return open(server, request, schema, CLOSE_TIMEOUT_MILLIS);
    }

    /** Opens a publisher that waits so long for the server to close; {@code schema} is consumed. */
    static Publisher open(ServerAddress server, PublishRequest request, IpcSchema schema, long closeTimeoutMillis)
            throws InterruptedException {
        IpcSchema head = schema.edited(request.toEdit(), ByteBufAllocator.DEFAULT);
        PublishReplies replies = new PublishReplies();
        ServerConnection connection;
        try {
            connection = ServerConnection.open(server, replies);
        } catch (InterruptedException | RuntimeException e) {
            head.release();
            throw e;
        }
        Publisher publisher = new Publisher(request.wantsAcks(), replies, connection, closeTimeoutMillis);
        publisher.write(head);
        return publisher;
    }

    /**
     * Sends a message; blocks while the server does not read.
     *
     * @param message a dictionary batch or a record batch of the stream; consumed
     * @throws RefusedException if the server has refused the stream
     * @throws ConnectionLostException if the connection has ended
     * @throws IllegalArgumentException if the message is of another kind
     * @throws ClientException if this publisher has been finished or closed
     */
    public void publish(IpcMessage message) throws InterruptedException {
        try {
            requireBatch(message);
            replies.await(connection.channel()::isWritable);
        } catch (InterruptedException | RuntimeException e) {
            message.release();
            throw e;
        }
        write(message);
    }

    /**
     * Completes the stream and, where the request says so, the topic; blocks until all is sent and, with
     * acknowledgements, until all is acknowledged, without them until the server has closed the connection, for 30
     * seconds at most. Then this publisher can only be closed.
     *
     * @return the last acknowledgement; null without acknowledgements
     * @throws RefusedException if the server has refused the stream
     * @throws ConnectionLostException if the connection ended first
     * @throws ClientException if the server has not closed the connection in time, so that what it has read of the
     *     stream is not known, and {@link #close} does not take back what is on the way; if this publisher has been
     *     finished or closed
     */
    public @Nullable Acknowledgement finish() throws InterruptedException {
        replies.await(connection.channel()::isActive);
        ChannelFuture flushed = write(IpcEndOfStream.INSTANCE);
        replies.await(flushed::isSuccess);
        boolean isConfirmed = wantsAcks ? awaitEnd() : awaitClose();
        isFinished = true; // if not confirmed, too: a reset would destroy what the server may still read
        replies.fail(new ClientException("the publisher has been finished"));
        if (!isConfirmed) {
            throw new ClientException("the server has not confirmed the end of the stream by closing the connection"
                    + " within " + closeTimeoutMillis + " ms: what it has read is not known");
        }
        return replies.last();
    }

    private boolean awaitEnd() throws InterruptedException {
        replies.awaitEnd();
        return true;
    }

    /** The server has no more to say, unless it refuses: its close is the sign that it has read all. */
    private boolean awaitClose() throws InterruptedException {
        connection.channel().shutdownOutput();
        return replies.awaitClose(TimeUnit.MILLISECONDS.toNanos(closeTimeoutMillis));
    }

    /** Returns the latest acknowledgement; null where none has arrived. Does not block. */
    public @Nullable Acknowledgement acknowledged() {
        return replies.last();
    }

    /** Resets the connection unless {@link #finish} has got to its end. Idempotent. */
    @Override
    public void close() {
        replies.fail(new ClientException("the publisher has been closed"));
        if (isFinished) {
            connection.close();
        } else {
            connection.reset();
        }
    }

    private static void requireBatch(IpcMessage message) {
        switch (message.kind()) {
            case DICTIONARY_BATCH, RECORD_BATCH -> {
                // what a stream is made of
            }
            case SCHEMA, END_OF_STREAM ->
                throw new IllegalArgumentException(
                        "message: " + message.kind() + " (expected: a dictionary batch or a record batch)");
        }
    }

    /** Writes a message, which is consumed. */
    private ChannelFuture write(IpcMessage message) {
        // The frame, not the message: the channel counts its bytes towards writability as soon as they are handed over.
        return connection.channel().writeAndFlush(message.frame()).addListener(this::onWritten);
    }

    private void onWritten(Future<?> write) {
        Throwable cause = write.cause();
        if (cause == null) {
            replies.wake();
            return;
        }
        // What the server had to say, if anything, is still to be read, and is the better reason.
        connection
                .channel()
                .eventLoop()
                .schedule(() -> replies.fail(Inbox.broken(cause)), LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
    }
}
