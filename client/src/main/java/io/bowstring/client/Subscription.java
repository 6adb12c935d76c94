package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.MessageArrowReader;
import io.bowstring.vector.VectorBatch;
import java.io.InterruptedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
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
    private final BufferAllocator allocator;
    private final BatchReader reader;

    /** Takes over {@code messages}; {@code allocator} is borrowed. */
    Subscription(MessageSubscription messages, BufferAllocator allocator) {
        this.messages = messages;
        this.allocator = allocator;
        this.reader = new BatchReader(allocator);
    }

    /**
     * Returns the schema; blocks until the topic has one. Fields that are encoded with a dictionary have the type of their
     * indices, as vectors have.
     *
     * @throws ClientException as {@link #next}
     */
    public Schema schema() throws InterruptedException {
        if (!reader.isInStream()) {
            IpcMessage schema = messages.next();
            if (schema != null) { // else the stream has ended, and there is one
                reader.read(schema);
            }
        }
        return reader.schema();
    }

    /**
     * Returns the next batch; blocks until there is one.
     *
     * @return owned; null behind the last, then and ever after
     * @throws RefusedException if the server refused the request
     * @throws ConnectionLostException if the connection is lost and is not made again
     * @throws ClientException if the answer is not understood, or this subscription has been closed
     * @throws io.bowstring.codec.IpcException if a batch has a type that arrow-java does not have, or values that refer to
     *     what is not there; and then ever after
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator: the batch is lost, and those
     *     that follow may be read
     */
    public @Nullable ReceivedBatch next() throws InterruptedException {
        for (IpcMessage message = messages.next(); message != null; message = messages.next()) {
            VectorBatch batch = reader.read(message);
            if (batch != null) {
                return new ReceivedBatch(batch);
            }
        }
        return null;
    }

    /**
     * Returns an iterator that ends with the subscription. Its {@code hasNext} blocks, and throws what {@link #next} throws;
     * where the thread is interrupted, a {@link ClientException}. A batch that it has looked ahead for and that is not taken is lost when the
     * subscription is closed, and closed with it.
     */
    @Override
    public Iterator<ReceivedBatch> iterator() {
        return new Iterator<>() {
            private @Nullable ReceivedBatch ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    ahead = nextUninterrupted();
                }
                return ahead != null;
            }

            @Override
            public ReceivedBatch next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the subscription has ended");
                }
                ReceivedBatch batch = ahead;
                ahead = null;
                return Objects.requireNonNull(batch);
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
     * Returns the stream for code that expects an {@code ArrowReader}, in place of {@link #schema} and {@link #next}, which
     * must not be called before or after. It is to be closed before this subscription.
     */
    public ArrowReader arrowReader() {
        return new MessageArrowReader(this::nextForReader, allocator);
    }

    private @Nullable IpcMessage nextForReader() throws InterruptedIOException {
        try {
            return messages.next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a message");
        }
    }

    /** Ends the subscription and drops what has not been taken; batches live on. Does not block. Idempotent. */
    @Override
    public void close() {
        messages.close();
        reader.close();
    }
}
