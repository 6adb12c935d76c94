package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one reply, for those who want bytes and not vectors: first the schema, then dictionaries and batches. They
 * are one Arrow IPC stream, over as many connections as it took: dictionaries are sent again where a new one begins. {@link
 * Subscription} is the same for vectors.
 *
 * <p>What arrives is read ahead by 8 MiB; then the server is held back through TCP.
 *
 * <p>Owns the messages that have not been taken. {@link #next()} is for one thread at a time, {@link #close} for any.
 */
public final class MessageSubscription implements AutoCloseable {
    private final Inbox inbox;
    private final Link link;
    private final Runnable onClosed;
    private volatile boolean isClosed;

    /** Creates a subscription whose inbox is filled by the link; {@code onClosed} may run more than once. */
    MessageSubscription(Inbox inbox, Link link, Runnable onClosed) {
        this.inbox = inbox;
        this.link = link;
        this.onClosed = onClosed;
    }

    /**
     * Returns the next message; blocks until there is one: the schema comes when the topic has one.
     *
     * @return the schema, a dictionary batch or a record batch, owned; null after the last, then and ever after
     * @throws LaggedException if this was too slow, and may not miss batches
     * @throws RefusedException if the server refused the request
     * @throws ConnectionLostException if the connection is lost and is not made again
     * @throws ClientException if there is no connection to be had, the answer is not understood, or this subscription has
     *     been closed; if the user's event loop is full: then nothing is lost, and the next call returns the message
     * @throws IllegalStateException on an event loop of the client
     */
    public @Nullable IpcMessage next() throws InterruptedException {
        return inbox.take();
    }

    /**
     * Returns the next message as {@link #next()} does; blocks no longer than a time.
     *
     * @param timeout zero: it does not block, and may be called on an event loop of the client
     * @return owned; null where none has come in time, and after the last: {@link #hasEnded} tells which
     */
    public @Nullable IpcMessage next(Duration timeout) throws InterruptedException {
        return take(TimeUnit.NANOSECONDS.convert(timeout));
    }

    @Nullable
    IpcMessage take(long maxNanos) throws InterruptedException {
        return inbox.take(maxNanos);
    }

    /** Returns whether all messages have been taken, and there will be no more. Does not block. */
    public boolean hasEnded() {
        return inbox.hasEnded();
    }

    /**
     * Ends the subscription and drops what has not been taken. Does not block. Idempotent.
     *
     * @throws ClientException if the user's event loop is full; then the connection stays until
     *     this is called again, or the client is closed
     */
    @Override
    public void close() {
        inbox.close();
        if (!isClosed) {
            link.execute(() -> link.close(false));
            isClosed = true;
            onClosed.run();
        }
    }
}
