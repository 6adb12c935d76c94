package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages as a file of the Arrow IPC file format, as they are and in the order in which they come:
 *
 * <pre>{@code
 * try (IpcFileWriter file = IpcFileWriter.create(path)) {
 *     file.write(writer.schema()); // a BatchWriter's
 *     for (IpcMessage message : writer.copy(root, Map.of())) {
 *         file.write(message);
 *     }
 *     file.end();
 * }
 * }</pre>
 *
 * <p>Without {@link #end} the file has no footer, and no reader takes it for whole. Each message begins at a multiple of 8,
 * and so does each body.
 *
 * <pre>
 *   ARROW1 00 00 │ schema │ messages │ FF FF FF FF 00 00 00 00 │ footer │ footer bytes: i32 │ ARROW1
 * </pre>
 *
 * <p>Readers of a file load all dictionaries before the first batch, so a dictionary has its values once; deltas may follow,
 * which some readers do not have. A stream that replaces dictionaries, or
 * begins one with a delta, cannot become a file.
 *
 * <p>Keeps the schema and where each message stands. Confined to one thread; blocks while the channel does.
 */
public final class IpcFileWriter implements AutoCloseable {
    private static final int ALIGNMENT = 8;
    private static final int PREFIX_BYTES = 8;
    private static final int CONTINUATION = -1;

    private final WritableByteChannel file;
    private final Set<Long> dictionaryIds = new HashSet<>();
    private final List<IpcFileFooter.Block> dictionaries = new ArrayList<>();
    private final List<IpcFileFooter.Block> recordBatches = new ArrayList<>();
    private @Nullable IpcSchema schema;
    private long bytes;

    /** The footer is written. */
    private boolean isComplete;

    private boolean isClosed;

    /** Something was written in part. */
    private boolean hasFailed;

    /**
     * Creates a writer.
     *
     * @param file blocking, at the beginning of what is to be the file; closed with this writer
     */
    public IpcFileWriter(WritableByteChannel file) {
        this.file = file;
    }

    /**
     * Creates a writer of a new file, or in place of what a file had.
     *
     * @throws IOException if it cannot be opened
     */
    public static IpcFileWriter create(Path path) throws IOException {
        return new IpcFileWriter(FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
    }

    /**
     * Writes the next message: first a schema, then dictionaries and record batches. The end of a stream does what
     * {@link #end} does, which may be called all the same.
     *
     * @param message consumed, whatever is thrown
     * @throws IpcException {@code OUT_OF_ORDER} for a batch before the schema or a second schema, {@code MALFORMED} for a
     *     dictionary that the schema does not have, {@code UNSUPPORTED} for one that replaces another, or a delta of one
     *     that has no values yet; nothing is written then, and other messages may be
     * @throws IOException if the channel fails; the file is of no use then
     * @throws IllegalStateException after the end, or after the channel has failed
     */
    public void write(IpcMessage message) throws IOException {
        try {
            requireWritable();
            boolean isFirst = schema == null;
            if (isFirst != (message.kind() == IpcKind.SCHEMA)) {
                String rule = isFirst ? "a schema" : "a batch";
                throw new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", message.kind(), rule);
            }
            if (message instanceof IpcSchema first) {
                begin(first);
            } else if (message instanceof IpcDictionaryBatch dictionary) {
                requireOnce(dictionary);
                dictionaries.add(append(message));
                dictionaryIds.add(dictionary.id());
            } else if (message.kind() == IpcKind.RECORD_BATCH) {
                recordBatches.add(append(message));
            } else {
                end();
            }
        } finally {
            message.release();
        }
    }

    private void requireWritable() {
        if (isComplete || isClosed || hasFailed) {
            throw new IllegalStateException(
                    isComplete || isClosed
                            ? "the file is complete or closed"
                            : "the file could not be written, and is of no use");
        }
    }

    private void begin(IpcSchema first) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(ALIGNMENT).put(IpcFileReader.MAGIC.duplicate());
        put(head.clear());
        append(first);
        schema = first.retain();
    }

    private void requireOnce(IpcDictionaryBatch dictionary) {
        IpcSchema present = schema;
        if (present == null || !present.dictionaryIds().contains(dictionary.id())) {
            throw new IpcException(IpcErrorCode.MALFORMED, "dictionary id", dictionary.id(), "an id in the schema");
        }
        boolean hasValues = dictionaryIds.contains(dictionary.id());
        if (dictionary.isDelta() && !hasValues) {
            String rule = "its values once, then deltas";
            throw new IpcException(IpcErrorCode.UNSUPPORTED, "dictionary", dictionary.id() + ", a delta", rule);
        }
        if (!dictionary.isDelta() && hasValues) {
            String rule = "its values once, then deltas: a file has no replacements";
            throw new IpcException(IpcErrorCode.UNSUPPORTED, "dictionary", dictionary.id() + " again", rule);
        }
    }

    /** Appends a message, borrowed, with its metadata and its body padded; returns where it stands. */
    private IpcFileFooter.Block append(IpcMessage message) throws IOException {
        ByteBuf metadata = message.metadata();
        ByteBuf body = message.body();
        long start = bytes;
        int metadataBytes = metadata.readableBytes() + padding(metadata.readableBytes());
        putInts(CONTINUATION, metadataBytes);
        putPadded(metadata);
        putPadded(body);
        long bodyBytes = body.readableBytes() + (long) padding(body.readableBytes());
        return new IpcFileFooter.Block(start, PREFIX_BYTES + metadataBytes, bodyBytes);
    }

    private static int padding(int length) {
        return -length & (ALIGNMENT - 1);
    }

    private void putInts(int first, int second) throws IOException {
        ByteBuffer both = ByteBuffer.allocate(2 * Integer.BYTES);
        both.putInt(Integer.reverseBytes(first)).putInt(Integer.reverseBytes(second));
        put(both.flip());
    }

    private void putPadded(ByteBuf part) throws IOException {
        for (ByteBuffer piece : part.nioBuffers()) {
            put(piece);
        }
        put(ByteBuffer.allocate(padding(part.readableBytes())));
    }

    private void put(ByteBuffer piece) throws IOException {
        hasFailed = true;
        bytes += piece.remaining();
        while (piece.hasRemaining()) {
            file.write(piece);
        }
        hasFailed = false;
    }

    /**
     * Writes the footer: the file is complete then, and takes no more messages. The channel stays open. Does nothing where the
     * file is complete, as it is after the end of a stream was written.
     *
     * @throws IpcException {@code OUT_OF_ORDER} where there is no schema yet
     * @throws IOException if the channel fails; the file is of no use then
     * @throws CapacityException if the footer is longer than 2 GiB
     * @throws IllegalStateException where this was closed before the end, or after the channel has failed
     */
    public void end() throws IOException {
        if (isComplete) {
            return;
        }
        requireWritable();
        IpcSchema present = schema;
        if (present == null) {
            throw new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", IpcKind.END_OF_STREAM, "a schema");
        }
        ByteBuf footer = FileFooter.write(present, dictionaries, recordBatches, ByteBufAllocator.DEFAULT);
        try {
            putInts(CONTINUATION, 0);
            put(footer.nioBuffer());
            ByteBuffer trailer = ByteBuffer.allocate(Integer.BYTES + IpcFileReader.MAGIC.remaining());
            trailer.putInt(Integer.reverseBytes(footer.readableBytes())).put(IpcFileReader.MAGIC.duplicate());
            put(trailer.flip());
            isComplete = true;
        } finally {
            footer.release();
        }
    }

    /**
     * Closes the channel. May be called more than once.
     *
     * @throws IOException if that fails
     */
    @Override
    public void close() throws IOException {
        IpcSchema present = schema;
        schema = null;
        isClosed = true;
        if (present != null) {
            present.release();
        }
        file.close();
    }
}
