package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.Subscriber;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a subscription, decoded by arrow-vector one after another. Owns their memory, not the subscriber.
 * Confined to the caller's thread.
 */
final class DecodedBatches implements AutoCloseable {
    private static final int MAX_REASON_CHARS = 200;

    /** Parameter 2 of a decimal is its width; arrow-java has these. */
    private static final List<Integer> DECIMAL_BITS = List.of(128, 256);

    private final BufferAllocator allocator = new RootAllocator();
    private final ArrowStreamReader reader;

    /**
     * Creates a view of {@code subscriber}, borrowed; blocks until it has a schema.
     *
     * @throws CommandException if arrow-java does not have a type; the message names the field
     */
    DecodedBatches(Subscriber subscriber) throws InterruptedException {
        requireReadable(subscriber.schema().fields());
        this.reader = new ArrowStreamReader(new Frames(subscriber), allocator, CommonsCompressionFactory.INSTANCE);
    }

    /**
     * Decodes the next batch; blocks until there is one.
     *
     * @return the batch, borrowed until the next call; null at the end of the stream
     * @throws CommandException if arrow-java cannot read it
     */
    @Nullable
    VectorSchemaRoot next() throws InterruptedException {
        try {
            return reader.loadNextBatch() ? reader.getVectorSchemaRoot() : null;
        } catch (InterruptedIOException e) {
            throw new InterruptedException();
        } catch (ClientException | CommandException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new CommandException("the stream cannot be decoded (--format arrow takes all): " + excerpt(e), e);
        }
    }

    /** Returns the beginning of the first line of a message, which may be long and come from Arrow. */
    private static String excerpt(Exception e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS) + "…";
    }

    private static void requireReadable(List<IpcField> fields) {
        for (IpcField field : fields) {
            IpcType type = field.type();
            if (type.id() == IpcTypeId.DECIMAL
                    && !DECIMAL_BITS.contains(type.parameters().get(2))) {
                throw unreadable(field, "a decimal of 128 or 256 bits");
            }
            long names =
                    field.children().stream().map(IpcField::name).distinct().count();
            if (type.id() == IpcTypeId.STRUCT && names < field.children().size()) {
                throw unreadable(field, "children of different names");
            }
            requireReadable(field.children());
        }
    }

    private static CommandException unreadable(IpcField field, String rule) {
        return new CommandException(
                "cannot be decoded (--format arrow takes all): field: " + field + " (expected: " + rule + ")");
    }

    /** Returns an empty batch; only before the first call of {@link #next}, or after the last. Borrowed. */
    VectorSchemaRoot empty() throws IOException {
        VectorSchemaRoot batch = reader.getVectorSchemaRoot();
        batch.setRowCount(0);
        return batch;
    }

    /** Returns the dictionaries of the current batch; borrowed. */
    DictionaryProvider dictionaries() {
        return reader;
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new AssertionError("nothing is written", e);
        }
        allocator.close();
    }

    /** The messages of a subscriber as the bytes of a stream. Owns the message that is being read. */
    private static final class Frames implements ReadableByteChannel {
        private final Subscriber subscriber;
        private boolean hasStarted;
        private @Nullable IpcMessage message;
        private @Nullable ByteBuf rest;

        Frames(Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            ByteBuf bytes = rest;
            while (bytes == null || !bytes.isReadable()) {
                bytes = advance();
                if (bytes == null) {
                    return -1;
                }
            }
            int count = Math.min(target.remaining(), bytes.readableBytes());
            bytes.readBytes(target.slice().limit(count));
            target.position(target.position() + count);
            return count;
        }

        /** Moves on to the next message and returns its bytes, borrowed; null at the end. */
        private @Nullable ByteBuf advance() throws InterruptedIOException {
            close();
            try {
                message = hasStarted ? subscriber.next() : subscriber.retainedSchema();
            } catch (InterruptedException e) {
                throw new InterruptedIOException("interrupted");
            }
            hasStarted = true;
            rest = message == null ? null : message.frame();
            return rest;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            if (message != null) {
                message.release();
            }
            message = null;
            rest = null;
        }
    }
}
