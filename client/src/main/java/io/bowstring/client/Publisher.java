package io.bowstring.client;

import io.bowstring.protocol.BatchSequence;
import io.bowstring.vector.BatchWriter;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthFieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Publishes vectors to a topic: each batch once, in order, over as many connections as it takes.
 *
 * <p>{@link #publish} takes the memory of the vectors, which are empty afterwards and may be filled again: what waits to be
 * sent, or to be sent again, cannot be changed. {@link #publishCopy} leaves them as they are.
 *
 * <p>While more than {@link PublisherConfig#maxInFlightBytes} are not acknowledged, {@link #publish} blocks and {@link
 * #tryPublish} returns null. Stages complete on an event loop, so that what is attached to them must not block. What becomes
 * of batches when a connection or a server is lost is said in {@link MessagePublisher}.
 *
 * <p>Dictionaries are those of the provider that it was made with, which is looked at with each batch: one that has grown is
 * sent as a delta, one that has changed is sent again.
 *
 * <p>Thread-safe; the order is that of the calls.
 */
public final class Publisher implements AutoCloseable {
    private final MessagePublisher messages;
    private final BatchWriter writer;

    /** Creates the publisher of a writer, borrowed, whose schema {@code messages} was opened with. */
    Publisher(MessagePublisher messages, BatchWriter writer) {
        this.messages = messages;
        this.writer = writer;
    }

    /** Publishes a batch without metadata, as {@link #publish(VectorSchemaRoot, Map)} does. */
    public CompletionStage<Receipt> publish(VectorSchemaRoot root) throws InterruptedException {
        return publish(root, Map.of());
    }

    /**
     * Publishes a batch; blocks while too much is in flight.
     *
     * @param root consumed: cleared on every path
     * @param customMetadata of the batch, in order; keys that begin with {@code bowstring.} are the protocol's, and go
     * @return what completes when the batch is in the topic, and fails with a {@link ClientException} if that is not known
     * @throws ClientException if this publisher has failed, or has been finished or closed
     * @throws IllegalArgumentException if the fields are not those of the stream; if the vectors have neither rows nor memory,
     *     as after an earlier publish
     * @throws io.bowstring.vector.CapacityException if a buffer is longer than 2 GiB
     * @throws IllegalStateException on an event loop of the client
     */
    public CompletionStage<Receipt> publish(VectorSchemaRoot root, Map<String, String> customMetadata)
            throws InterruptedException {
        requireFilled(root);
        try {
            messages.awaitRoom();
        } catch (InterruptedException | RuntimeException e) {
            root.clear();
            throw e;
        }
        return submit(root, customMetadata);
    }

    /**
     * Publishes a batch if there is room for it now; does not block.
     *
     * @param root consumed, unless null is returned
     * @param customMetadata as {@link #publish(VectorSchemaRoot, Map)}; so are the exceptions
     * @return as {@link #publish(VectorSchemaRoot, Map)}; null where too much is in flight
     */
    public @Nullable CompletionStage<Receipt> tryPublish(VectorSchemaRoot root, Map<String, String> customMetadata) {
        requireFilled(root);
        boolean hasRoom;
        try {
            hasRoom = messages.hasRoom();
        } catch (RuntimeException e) {
            root.clear();
            throw e;
        }
        return hasRoom ? submit(root, customMetadata) : null;
    }

    /** Publishes a batch without metadata if there is room for it now, as {@link #tryPublish(VectorSchemaRoot, Map)} does. */
    public @Nullable CompletionStage<Receipt> tryPublish(VectorSchemaRoot root) {
        return tryPublish(root, Map.of());
    }

    private CompletionStage<Receipt> submit(VectorSchemaRoot root, Map<String, String> customMetadata) {
        return messages.submit(sequence -> writer.consume(root, numbered(customMetadata, sequence)), root::clear);
    }

    private static void requireFilled(VectorSchemaRoot root) {
        if (root.getRowCount() == 0 && hasNoMemory(root)) {
            throw new IllegalArgumentException("root: no rows and no memory (expected: filled again after each publish;"
                    + " allocateNew() makes a batch without rows)");
        }
    }

    private static boolean hasNoMemory(VectorSchemaRoot root) {
        boolean isNeeded = false; // of others it is not known whether they have memory without rows
        for (FieldVector vector : root.getFieldVectors()) {
            if (vector.getValueCapacity() > 0) {
                return false;
            }
            isNeeded |= vector instanceof BaseFixedWidthVector || vector instanceof VariableWidthFieldVector;
        }
        return isNeeded;
    }

    /** Publishes a copy of a batch without metadata, as {@link #publishCopy(VectorSchemaRoot, Map)} does. */
    public CompletionStage<Receipt> publishCopy(VectorSchemaRoot root) throws InterruptedException {
        return publishCopy(root, Map.of());
    }

    /**
     * Publishes a batch as {@link #publish(VectorSchemaRoot, Map)} does, but copies it, so that a batch that was received may be
     * passed on.
     *
     * @param root borrowed
     */
    public CompletionStage<Receipt> publishCopy(VectorSchemaRoot root, Map<String, String> customMetadata)
            throws InterruptedException {
        messages.awaitRoom();
        return messages.submit(sequence -> writer.copy(root, numbered(customMetadata, sequence)), () -> {});
    }

    private static Map<String, String> numbered(Map<String, String> customMetadata, long sequence) {
        return new BatchSequence(sequence).toMetadata(customMetadata);
    }

    /**
     * Waits until all that has been published is acknowledged; more may be published afterwards.
     *
     * @throws ClientException if it is not known of all batches that they are in the topic, since this publisher has failed, or
     *     been finished or closed; if no acknowledgement comes for {@link TimeoutConfig#finish}: then they may still come
     * @throws IllegalStateException on an event loop of the client
     */
    public void flush() throws InterruptedException {
        messages.flush();
    }

    /** Returns the number of the last batch that the topic had of this producer when this was opened; -1: none. */
    public long lastSequence() {
        return messages.lastSequence();
    }

    /** Returns the number that the next batch gets. */
    public long nextSequence() {
        return messages.nextSequence();
    }

    /**
     * Ends the stream and, where the configuration says so, completes the topic; blocks until the server has confirmed it.
     * Then this publisher can only be closed.
     *
     * @throws ClientException if this publisher has failed, or has been finished or closed before; if no acknowledgement comes
     *     for {@link TimeoutConfig#finish}
     * @throws IllegalStateException on an event loop of the client
     */
    public void finish() throws InterruptedException {
        messages.finish();
    }

    /**
     * Waits until all that is published is acknowledged, for {@link TimeoutConfig#close} at most, and closes the connection. A
     * topic that is to be completed is not, without {@link #finish}. The thread's interruption ends the wait. Idempotent.
     *
     * @throws ClientException if it is not known of all batches that they are in the topic
     * @throws IllegalStateException on an event loop of the client
     */
    @Override
    public void close() {
        messages.close();
    }
}
