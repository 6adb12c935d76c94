package io.bowstring.vector;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A whole stream of batches, of which only the metadata is written yet: how long it is, before a byte of a long column is
 * touched, and then its bytes where they are wanted:
 *
 * <pre>{@code
 * try (StreamImage image = StreamImage.of(schema, dictionaries, List.of(root), BatchWriterConfig.DEFAULTS);
 *         FileChannel file = FileChannel.open(path, CREATE, READ, WRITE)) {
 *     image.writeTo(file.map(READ_WRITE, 0, image.bytes())); // on /dev/shm, for any other process to map
 * }
 * }</pre>
 *
 * <p>The stream has the dictionaries as they are now, schema and end of stream included. With compression its length is
 * known only after compressing, which is done at once.
 *
 * <p>Shares the memory of the vectors, which must not be written to until the image is closed. Confined to one thread.
 */
public final class StreamImage implements AutoCloseable {
    private final List<IpcMessage> messages;
    private final long bytes;

    private StreamImage(List<IpcMessage> messages) {
        this.messages = messages;
        this.bytes = messages.stream().mapToLong(IpcMessage::frameBytes).sum();
    }

    /**
     * Makes an image of batches.
     *
     * @param schema of all of them, as they are in memory
     * @param dictionaries that encoded fields refer to; borrowed
     * @param batches in order; borrowed until the image is closed
     * @return owned
     * @throws IllegalArgumentException if the fields of a batch are not those of the schema, or there is no such dictionary
     * @throws CapacityException if a buffer is longer than 2 GiB
     * @throws io.bowstring.codec.IpcException {@code TOO_LARGE} if a message would be; {@code UNSUPPORTED} if a dictionary has
     *     unions in its values
     */
    public static StreamImage of(
            Schema schema, DictionaryProvider dictionaries, List<VectorSchemaRoot> batches, BatchWriterConfig config) {
        StreamSchema stream = StreamSchema.of(schema, dictionaries);
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        List<IpcMessage> messages = new ArrayList<>();
        try (BatchUnloader unloader = new BatchUnloader(config, allocator)) {
            messages.add(stream.message(allocator));
            for (long id : stream.dictionaryIds()) {
                messages.add(unloader.dictionaryBatch(
                        id, false, dictionaries.lookup(id).getVector()));
            }
            for (VectorSchemaRoot batch : batches) {
                stream.requireFields(batch.getSchema());
                messages.add(unloader.recordBatch(batch, Map.of(), IpcBatchBuilder.SHARED_FROM_BYTES));
            }
        } catch (Throwable e) {
            messages.forEach(IpcMessage::release);
            throw e;
        }
        messages.add(IpcEndOfStream.INSTANCE);
        return new StreamImage(messages);
    }

    /** Returns the length of the stream. */
    public long bytes() {
        return bytes;
    }

    /**
     * Writes the stream at the position of {@code target}, borrowed, and moves it past the stream.
     *
     * @throws CapacityException if it does not fit; nothing is written then
     */
    public void writeTo(ByteBuffer target) {
        requireFits(target.remaining());
        for (IpcMessage message : messages) {
            ByteBuf frame = message.frame();
            ByteBuffer part = target.slice().limit(frame.readableBytes());
            frame.readBytes(part);
            target.position(target.position() + part.position());
        }
    }

    /**
     * Writes the stream into memory that is not Java's, or is a {@code MemorySegment}'s, which may be longer than 2 GiB.
     *
     * @param address of memory, borrowed, of which nothing is known but what the caller says
     * @param capacityBytes how much of it there is
     * @throws CapacityException if it does not fit; nothing is written then
     */
    public void writeTo(long address, long capacityBytes) {
        requireFits(capacityBytes);
        long next = address;
        for (IpcMessage message : messages) {
            ByteBuf frame = message.frame();
            next += frame.readableBytes();
            frame.readBytes(ForeignMemory.at(next - frame.readableBytes(), frame.readableBytes()));
        }
    }

    /**
     * Returns the stream on the heap.
     *
     * @throws CapacityException if it is longer than an array can be
     */
    public byte[] toByteArray() {
        if (bytes > Integer.MAX_VALUE) {
            throw new CapacityException("the stream", bytes, Integer.MAX_VALUE);
        }
        byte[] array = new byte[(int) bytes];
        writeTo(ByteBuffer.wrap(array));
        return array;
    }

    private void requireFits(long capacityBytes) {
        if (messages.isEmpty()) { // an open one has a schema at least
            throw new IllegalStateException("the image is closed");
        }
        if (bytes > capacityBytes) {
            throw new CapacityException("the stream", bytes, capacityBytes);
        }
    }

    /** Lets go of the vectors. */
    @Override
    public void close() {
        messages.forEach(IpcMessage::release);
        messages.clear();
    }
}
