package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.MessageArrowReader;
import io.bowstring.vector.VectorBatch;
import io.bowstring.vector.VectorConfig;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a topic, for a thread that waits for them:
 *
 * <pre>{@code
 * for (ReceivedBatch batch : subscription) {
 *     try (batch) {
 *         System.out.println(batch.offset() + ": " + batch.root().contentToTSVString());
 *     }
 * }
 * }</pre>
 *
 * <p>What arrives is read ahead by 8 MiB; then the server is held back through TCP.
 *
 * <p>Batches are the caller's, and may be kept and closed on any thread. All else is confined to one thread at a time, but
 * for {@link #close}.
 */
public final class Subscription implements AutoCloseable, Iterable<ReceivedBatch> {
    private final MessageSubscription messages;
    private final String source;
    private final OpenBatches open;
    private final BufferAllocator allocator;
    private final VectorConfig vectors;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock, for a close while a batch is read.
    private final BatchReader reader;
    private @Nullable ReceivedBatch ahead;
    private boolean isClosed;

    private @Nullable Schema schema;

    /** Takes over {@code messages}; {@code source} says what they come from, {@code allocator} is borrowed. */
    Subscription(
            MessageSubscription messages,
            String source,
            OpenBatches open,
            BufferAllocator allocator,
            VectorConfig vectors) {
        this.messages = messages;
        this.source = source;
        this.open = open;
        this.vectors = vectors;
        this.allocator = allocator;
        this.reader = new BatchReader(allocator, vectors);
    }

    /**
     * Returns the schema; blocks until the topic has one. Fields that are encoded with a dictionary have the type of their
     * indices, as vectors have.
     *
     * @throws ClientException as {@link #next()}
     */
    public Schema schema() throws InterruptedException {
        if (schema == null) {
            IpcMessage first = messages.next();
            if (first != null) {
                read(first);
            }
        }
        return Objects.requireNonNull(schema, "schema");
    }

    /**
     * Returns the next batch; blocks until there is one.
     *
     * @return owned; null after the last, then and ever after
     * @throws LaggedException if this was too slow, and may not miss batches
     * @throws RefusedException if the server refused the request
     * @throws ConnectionLostException if the connection is lost and is not made again
     * @throws ClientException if the answer is not understood, or this subscription has been closed; if a batch has a type that
     *     arrow-java does not have, or values that refer to what is not there, and then ever after; above the limit of the
     *     allocator: that batch is lost, and those that follow may be read
     * @throws IllegalStateException on an event loop of the client
     */
    public @Nullable ReceivedBatch next() throws InterruptedException {
        return next(Long.MAX_VALUE);
    }

    /**
     * Returns the next batch as {@link #next()} does; blocks no longer than a time.
     *
     * @param timeout zero: it does not block, and may be called on an event loop of the client
     * @return owned; null where none has come in time, and after the last: {@link #hasEnded} tells which
     */
    public @Nullable ReceivedBatch next(Duration timeout) throws InterruptedException {
        return next(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)));
    }

    private @Nullable ReceivedBatch next(long maxNanos) throws InterruptedException {
        long startNanos = System.nanoTime();
        ReceivedBatch batch = exchangeAhead(null);
        while (batch == null) {
            IpcMessage message = messages.take(maxNanos - (System.nanoTime() - startNanos));
            if (message == null) {
                return null;
            }
            batch = read(message);
        }
        return batch;
    }

    /** Returns whether all batches have been taken, and there will be no more. Does not block. */
    public boolean hasEnded() {
        lock.lock();
        try {
            return ahead == null && messages.hasEnded();
        } finally {
            lock.unlock();
        }
    }

    /** Consumes a message; returns the batch that it is, owned, or null. */
    private @Nullable ReceivedBatch read(IpcMessage message) {
        lock.lock();
        try {
            if (isClosed) {
                message.release();
                throw Inbox.closed();
            }
            VectorBatch batch = reader.read(message);
            schema = reader.schema();
            return batch == null ? null : open.open(batch, source);
        } catch (RuntimeException e) {
            throw e instanceof ClientException known ? known : ConnectionFailures.unreadable(e);
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a batch that is not wanted yet, consumed; returns the one that was kept, owned. */
    private @Nullable ReceivedBatch exchangeAhead(@Nullable ReceivedBatch batch) {
        lock.lock();
        try {
            if (isClosed && batch != null) {
                batch.close();
                throw Inbox.closed();
            }
            ReceivedBatch kept = ahead;
            ahead = batch;
            return kept;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns an iterator that ends with the subscription. Its {@code hasNext} blocks, and throws what {@link #next()} throws;
     * where the thread is interrupted, a {@link ClientException}. A batch that it has looked ahead for is the next that {@link
     * #next} returns, and closed with the subscription.
     */
    @Override
    public Iterator<ReceivedBatch> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                ReceivedBatch batch = nextUninterrupted();
                exchangeAhead(batch);
                return batch != null;
            }

            @Override
            public ReceivedBatch next() {
                ReceivedBatch batch = nextUninterrupted();
                if (batch == null) {
                    throw new NoSuchElementException("the subscription has ended");
                }
                return batch;
            }
        };
    }

    private @Nullable ReceivedBatch nextUninterrupted() {
        try {
            return next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while waiting for a batch", e);
        }
    }

    /**
     * Returns the stream for code that expects an {@code ArrowReader}, in place of {@link #schema} and {@link #next()}, which
     * must not be called before or after. It is to be closed before this subscription.
     */
    public ArrowReader arrowReader() {
        return new MessageArrowReader(this::nextForReader, allocator, vectors);
    }

    private @Nullable IpcMessage nextForReader() throws InterruptedIOException {
        try {
            return messages.next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a message");
        }
    }

    /**
     * Ends the subscription and drops what has not been taken; batches live on. Does not block. Idempotent.
     *
     * @throws ClientException as {@link MessageSubscription#close} does
     */
    @Override
    public void close() {
        try {
            messages.close();
        } finally {
            release();
        }
    }

    private void release() {
        lock.lock();
        try {
            isClosed = true;
            reader.close();
            if (ahead != null) {
                ahead.close();
                ahead = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
