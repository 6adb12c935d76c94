package io.bowstring.vector;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes the messages of one stream of batches, which share the memory of the vectors:
 *
 * <pre>{@code
 * try (BatchWriter writer = new BatchWriter(root.getSchema(), dictionaries, BatchWriterConfig.DEFAULTS, channel.alloc())) {
 *     channel.write(writer.schema());
 *     while (fill(root)) {
 *         writer.consume(root, Map.of()).forEach(channel::write); // after an IpcEncoder
 *     }
 * }
 * channel.writeAndFlush(IpcEndOfStream.INSTANCE);
 * }</pre>
 *
 * <p>Buffers of 4 KiB and more are not copied, so a batch that waits in the queue of a socket must not be written to. {@link
 * #consume} therefore takes the memory out of the vectors; {@link #copy} leaves the vectors alone. Dictionaries are copied
 * when they are sent: before a batch, where they have changed. Their values may not be unions, nor have unions inside: a vector
 * of them does not tell what it was made of.
 *
 * <p>Memory of a {@link NettyAllocationFactory} goes with the messages, and Arrow does not account it any longer once the
 * vectors are cleared. All other memory stays accounted in its allocator, which must live on, until the messages are
 * written and released, by whichever thread.
 *
 * <p>Owns copies of the dictionaries, and 64 KiB that short messages share. Confined to one thread at a time; the messages
 * are not.
 */
public final class BatchWriter implements AutoCloseable {
    private final StreamSchema schema;
    private final ByteBufAllocator allocator;
    private final BatchUnloader unloader;
    private final SentDictionaries dictionaries;

    /** The last that was found to have the stream's fields. */
    private @Nullable Schema accepted;

    /**
     * Creates a writer of one stream.
     *
     * @param schema of the batches as they are in memory, encoded fields with the type of their indices
     * @param dictionaries that encoded fields refer to; borrowed until the writer is closed
     * @param allocator for heads, short buffers and compressed ones, and copies of dictionaries
     * @throws IllegalArgumentException if a field refers to a dictionary that there is not
     * @throws io.bowstring.codec.IpcException {@code UNSUPPORTED} if a dictionary has unions in its values
     */
    public BatchWriter(
            Schema schema, DictionaryProvider dictionaries, BatchWriterConfig config, ByteBufAllocator allocator) {
        this(schema, dictionaries, config, allocator, new BatchUnloader(config, allocator));
    }

    /** For tests, whose compressor may fail. */
    BatchWriter(
            Schema schema,
            DictionaryProvider dictionaries,
            BatchWriterConfig config,
            ByteBufAllocator allocator,
            BatchUnloader unloader) {
        this.schema = StreamSchema.of(schema, dictionaries);
        this.allocator = allocator;
        this.unloader = unloader;
        this.dictionaries = new SentDictionaries(
                this.schema.dictionaryIds(), dictionaries, config.writesDeltas(), unloader, allocator);
    }

    /** Returns the schema message, with the metadata of schema and fields; owned. */
    public IpcSchema schema() {
        return schema.message(allocator);
    }

    /**
     * Returns the messages of a batch. They are the only ones to have its memory: the vectors are empty afterwards, and get
     * new memory when they are filled again.
     *
     * @param root consumed: cleared on every path
     * @param customMetadata of the batch, in order
     * @return dictionaries that have changed and then the batch; owned
     * @throws IllegalArgumentException if the fields are not those of the stream
     * @throws CapacityException if a buffer is longer than 2 GiB
     * @throws io.bowstring.codec.IpcException {@code TOO_LARGE} if the message would be
     */
    public List<IpcMessage> consume(VectorSchemaRoot root, Map<String, String> customMetadata) {
        try {
            return messages(root, customMetadata, IpcBatchBuilder.SHARED_FROM_BYTES);
        } finally {
            root.clear();
        }
    }

    /**
     * Returns the messages of a batch, which is copied: the vectors may be changed at once.
     *
     * @param root borrowed
     * @param customMetadata of the batch, in order
     * @return dictionaries that have changed and then the batch; owned
     * @throws IllegalArgumentException if the fields are not those of the stream
     * @throws CapacityException if a buffer is longer than 2 GiB
     * @throws io.bowstring.codec.IpcException {@code TOO_LARGE} if the message would be
     */
    public List<IpcMessage> copy(VectorSchemaRoot root, Map<String, String> customMetadata) {
        return messages(root, customMetadata, Integer.MAX_VALUE);
    }

    private List<IpcMessage> messages(VectorSchemaRoot root, Map<String, String> customMetadata, int sharedFromBytes) {
        requireFields(root.getSchema());
        List<IpcMessage> messages = new ArrayList<>();
        try {
            dictionaries.addChanges(messages);
            messages.add(unloader.recordBatch(root, customMetadata, sharedFromBytes));
            dictionaries.commit();
            return messages;
        } catch (Throwable e) {
            dictionaries.rollBack();
            messages.forEach(IpcMessage::release);
            throw e;
        }
    }

    @SuppressWarnings("ReferenceEquality") // a batch mostly has the very schema that the one before had
    private void requireFields(Schema other) {
        if (other != accepted) {
            schema.requireFields(other);
            accepted = other;
        }
    }

    /**
     * Returns how many bytes of vectors and dictionaries were copied since the beginning: buffers below 4 KiB, dictionaries
     * that were sent, columns in which nulls were zeroed, all of {@link #copy}.
     */
    public long copiedBytes() {
        return unloader.copiedBytes() + dictionaries.copiedBytes();
    }

    /** Releases the copies of the dictionaries, and memory for messages to come; those that there are live on. */
    @Override
    public void close() {
        unloader.close();
        dictionaries.close();
    }
}
