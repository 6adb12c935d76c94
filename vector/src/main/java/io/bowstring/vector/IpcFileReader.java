package io.bowstring.vector;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a file of the Arrow IPC file format, found by its footer: the schema, the dictionaries in the order of the
 * footer, the record batches. They are those of a stream:
 *
 * <pre>{@code
 * try (IpcFileReader file = IpcFileReader.open(path);
 *         ArrowReader reader = new MessageArrowReader(file, allocator)) {
 *     while (reader.loadNextBatch()) {
 *         System.out.println(reader.getVectorSchemaRoot().getRowCount());
 *     }
 * }
 * }</pre>
 *
 * <p>The reader does not look at the bytes before the messages: most writers put a copy of the schema there, some nothing, some
 * a copy that is no message. Messages without a continuation marker, as they were before Arrow 0.15, get one.
 *
 * <pre>
 *   ARROW1 00 00 │ (schema) │ messages │ footer │ footer bytes: i32 │ ARROW1
 * </pre>
 *
 * <p>It believes nothing of a file: it refuses what lies outside of it before there is memory for it, and verifies messages as
 * a decoder does. Each is read when it is wanted, into memory of its own.
 *
 * <p>Confined to one thread; messages are not.
 */
public final class IpcFileReader implements MessageSource, AutoCloseable {
    /** A file begins and ends with this. */
    static final ByteBuffer MAGIC =
            ByteBuffer.wrap("ARROW1".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

    private static final int HEAD_BYTES = 8;
    private static final int TRAILER_BYTES = 10;
    private static final int MAX_FOOTER_BYTES = 256 << 20;
    private static final int CONTINUATION = -1;
    private static final int PREFIX_BYTES = 8;
    private static final int OLD_PREFIX_BYTES = 4;

    private final FileChannel file;
    private final IpcLimits limits;
    private final ByteBufAllocator allocator;
    private final IpcStreamReader messages;
    private final long dataEnd;
    private final Iterator<IpcFileFooter.Block> dictionaries;
    private final Iterator<IpcFileFooter.Block> recordBatches;

    /** Null when it has been taken. */
    private @Nullable IpcSchema schema;

    private boolean isClosed;

    /**
     * Reads the footer.
     *
     * @param file closed with this reader, also where this throws
     * @param limits of each message; the footer may be 256 MiB long
     * @param allocator for the messages
     * @throws IpcException where the footer or its schema is wrong, {@code TRUNCATED} where there is none
     * @throws IOException if the file cannot be read
     */
    public IpcFileReader(FileChannel file, IpcLimits limits, ByteBufAllocator allocator) throws IOException {
        this.file = file;
        this.limits = limits;
        this.allocator = allocator;
        this.messages = new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withLimits(limits));
        try {
            int footerBytes = readFooterLength();
            this.dataEnd = file.size() - TRAILER_BYTES - footerBytes;
            ByteBuf bytes = read(dataEnd, footerBytes);
            try {
                IpcFileFooter footer = IpcFileFooter.read(bytes);
                this.dictionaries = footer.dictionaries().iterator();
                this.recordBatches = footer.recordBatches().iterator();
                this.schema = readSchema(bytes);
            } finally {
                bytes.release();
            }
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens a file of the user's own: messages have no limits but those of the format.
     *
     * @throws IpcException where it is no such file, or is not complete
     * @throws IOException if it cannot be read
     */
    public static IpcFileReader open(Path path) throws IOException {
        return new IpcFileReader(FileChannel.open(path), IpcLimits.UNLIMITED, ByteBufAllocator.DEFAULT);
    }

    /**
     * Returns whether a file begins as those of this format do; else it may be a stream.
     *
     * @param file borrowed; its position stays
     * @throws IOException if it cannot be read
     */
    public static boolean hasMagic(FileChannel file) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(MAGIC.remaining());
        file.read(start, 0);
        return hasMagic(start.flip());
    }

    /** Returns whether the remaining bytes of a buffer, borrowed, begin as files of this format do. */
    public static boolean hasMagic(ByteBuffer start) {
        int bytes = MAGIC.remaining();
        return start.remaining() >= bytes
                && start.slice(start.position(), bytes).equals(MAGIC);
    }

    private int readFooterLength() throws IOException {
        if (file.size() < HEAD_BYTES + TRAILER_BYTES) {
            throw new IpcException(IpcErrorCode.TRUNCATED, "file bytes", file.size(), "a whole Arrow file");
        }
        ByteBuf trailer = read(file.size() - TRAILER_BYTES, TRAILER_BYTES);
        try {
            int footerBytes = trailer.readIntLE();
            if (!trailer.nioBuffer().equals(MAGIC)) {
                String rule = "ARROW1, as at the end of a complete file";
                throw new IpcException(IpcErrorCode.TRUNCATED, "end of the file", "other bytes", rule);
            }
            if (footerBytes <= 0
                    || footerBytes > MAX_FOOTER_BYTES
                    || footerBytes > file.size() - TRAILER_BYTES - HEAD_BYTES) {
                String rule = "a length inside the file, <= " + MAX_FOOTER_BYTES;
                throw new IpcException(IpcErrorCode.MALFORMED, "footer bytes", footerBytes, rule);
            }
            return footerBytes;
        } finally {
            trailer.release();
        }
    }

    /** Hands the schema of the footer, borrowed, to the reader of messages, which holds those against it; owned. */
    private IpcSchema readSchema(ByteBuf footer) {
        IpcSchema message = IpcFileFooter.readSchema(footer, allocator);
        try {
            return (IpcSchema) Objects.requireNonNull(messages.next(message.frame()));
        } finally {
            message.release();
        }
    }

    /**
     * Returns the next message: first the schema, then the dictionaries, then the record batches.
     *
     * @return owned; null after the last
     * @throws IpcException if it is wrong; the reader is of no use then
     * @throws IOException if the file cannot be read
     * @throws IllegalStateException if the reader is closed
     */
    @Override
    public @Nullable IpcMessage next() throws IOException {
        if (isClosed) {
            throw new IllegalStateException("the reader is closed");
        }
        IpcSchema first = schema;
        if (first != null) {
            schema = null;
            return first;
        }
        if (dictionaries.hasNext()) {
            return readMessage(dictionaries.next(), IpcKind.DICTIONARY_BATCH);
        }
        return recordBatches.hasNext() ? readMessage(recordBatches.next(), IpcKind.RECORD_BATCH) : null;
    }

    /** Reads the message of a block, which must hold exactly one; owned. */
    private IpcMessage readMessage(IpcFileFooter.Block block, IpcKind kind) throws IOException {
        long bytes = block.headBytes() + block.bodyBytes();
        boolean isInside = bytes > 0 && block.offset() <= dataEnd && bytes <= dataEnd - block.offset();
        if (!isInside || bytes > Integer.MAX_VALUE - PREFIX_BYTES) {
            throw malformed(block, "inside the file, less than 2 GiB");
        }
        requireLimit("maxMetadataBytes", block.headBytes() - PREFIX_BYTES, limits.maxMetadataBytes());
        requireLimit("maxBodyBytes", block.bodyBytes() - (PREFIX_BYTES - 1), limits.maxBodyBytes());
        ByteBuf frame = framed(read(block.offset(), (int) bytes));
        IpcMessage message;
        int rest;
        try {
            message = messages.next(frame);
            rest = frame.readableBytes();
        } finally {
            frame.release();
        }
        if (message == null || message.kind() != kind || rest >= PREFIX_BYTES) { // less may be padding
            if (message != null) {
                message.release();
            }
            throw malformed(block, "exactly one message, a " + kind);
        }
        return message;
    }

    private static void requireLimit(String limit, long leastBytes, long mostBytes) {
        if (leastBytes > mostBytes) {
            throw new IpcException(
                    IpcErrorCode.TOO_LARGE, "bytes of a block", leastBytes, "<= " + mostBytes + ", " + limit);
        }
    }

    private static IpcException malformed(IpcFileFooter.Block block, String rule) {
        return new IpcException(IpcErrorCode.MALFORMED, "block", block, rule);
    }

    /**
     * Returns the message with a continuation marker, which files from before Arrow 0.15 do not have, nor those of writers
     * that are told to write as then. Consumes {@code message}, which is returned where it has one or is no message;
     * owned.
     */
    private ByteBuf framed(ByteBuf message) {
        int metadataBytes = message.readableBytes() < OLD_PREFIX_BYTES ? 0 : message.getIntLE(0);
        boolean isOld = metadataBytes > 0
                && metadataBytes <= message.readableBytes() - OLD_PREFIX_BYTES
                && (metadataBytes + OLD_PREFIX_BYTES) % Long.BYTES == 0;
        if (!isOld) {
            return message;
        }
        try {
            return allocator
                    .directBuffer(message.readableBytes() + Long.BYTES)
                    .writeIntLE(CONTINUATION)
                    .writeIntLE(metadataBytes + Integer.BYTES)
                    .writeBytes(message, OLD_PREFIX_BYTES, metadataBytes)
                    .writeZero(Integer.BYTES)
                    .writeBytes(message.skipBytes(OLD_PREFIX_BYTES + metadataBytes));
        } finally {
            message.release();
        }
    }

    /** Returns {@code count} bytes from {@code offset} on, owned. */
    private ByteBuf read(long offset, int count) throws IOException {
        ByteBuf bytes = allocator.directBuffer(count, count);
        try {
            ByteBuffer target = bytes.internalNioBuffer(0, count);
            while (target.hasRemaining()) {
                if (file.read(target, offset + count - target.remaining()) < 0) {
                    throw new EOFException("the file ended while it was read");
                }
            }
            return bytes.writerIndex(count);
        } catch (Throwable e) {
            bytes.release();
            throw e;
        }
    }

    /**
     * Closes the file; messages live on. May be called more than once.
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
