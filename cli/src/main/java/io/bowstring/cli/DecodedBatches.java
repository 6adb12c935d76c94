package io.bowstring.cli;

import io.bowstring.client.Subscriber;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.VectorBatch;
import io.netty.buffer.ByteBufAllocator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a subscription, decoded one after another. Owns their memory, not the subscriber. Confined to the
 * caller's thread.
 */
final class DecodedBatches implements AutoCloseable {
    private final Subscriber subscriber;
    private final BufferAllocator allocator =
            new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    private final BatchReader reader = new BatchReader(allocator);
    private @Nullable VectorBatch batch;

    /**
     * Creates a view of {@code subscriber}, borrowed; blocks until it has a schema.
     *
     * @throws CommandException if arrow-java does not have a type; the message names the field
     */
    DecodedBatches(Subscriber subscriber) throws InterruptedException {
        this.subscriber = subscriber;
        read(subscriber.retainedSchema());
    }

    /**
     * Decodes the next batch; blocks until there is one.
     *
     * @return the batch, borrowed until the next call; null at the end of the stream
     * @throws CommandException if it cannot be decoded, or its values would lead out of it
     */
    @Nullable
    VectorSchemaRoot next() throws InterruptedException {
        releaseBatch();
        for (IpcMessage message = subscriber.next(); message != null; message = subscriber.next()) {
            batch = read(message);
            if (batch != null) {
                return batch.root();
            }
        }
        return null;
    }

    /** Reads a message, which is consumed. */
    private @Nullable VectorBatch read(IpcMessage message) {
        try {
            return reader.read(message);
        } catch (IpcException e) {
            throw new CommandException("cannot be decoded (--format arrow takes all): " + e.getMessage(), e);
        }
    }

    /** Returns a batch without rows, which owns no memory. */
    VectorSchemaRoot empty() {
        return VectorSchemaRoot.create(reader.schema(), allocator);
    }

    /** Returns the dictionaries of the current batch, none where there is no batch; borrowed. */
    DictionaryProvider dictionaries() {
        return batch == null ? new DictionaryProvider.MapDictionaryProvider() : batch.dictionaries();
    }

    private void releaseBatch() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    @Override
    public void close() {
        releaseBatch();
        reader.close();
        allocator.close();
    }
}
