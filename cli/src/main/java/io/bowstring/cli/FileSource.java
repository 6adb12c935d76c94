package io.bowstring.cli;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file in the Arrow IPC file format, read by its footer: the schema, the dictionaries in the order of the footer,
 * the record batches. What stands before the messages is not looked at: most writers put a copy of the schema there,
 * some nothing, some a copy that is no message. Confined to the caller's thread.
 *
 * <pre>
 *   ARROW1 00 00 │ (schema) │ messages │ footer │ footer bytes: i32 │ ARROW1
 * </pre>
 */
final class FileSource implements MessageInput {
    private static final int HEAD_BYTES = 8;
    private static final int TRAILER_BYTES = 10;
    private static final int MAX_FOOTER_BYTES = 256 << 20;
    private static final int CONTINUATION = -1;
    private static final int OLD_PREFIX_BYTES = 4;

    private final String name;
    private final FileChannel file;
    private final MessageFeed feed = new MessageFeed();
    private final long dataEnd;
    private final IpcSchema schema;
    private final Iterator<IpcFileFooter.Block> blocks;
    private boolean isClosed;

    /**
     * Reads the footer and the schema.
     *
     * @param name for messages to the user
     * @param file is closed with this source, also where this throws
     * @throws CommandException if the footer or the schema is wrong
     */
    FileSource(String name, FileChannel file) {
        this.name = name;
        this.file = file;
        try {
            int footerBytes = readFooterLength();
            this.dataEnd = file.size() - TRAILER_BYTES - footerBytes;
            IpcFileFooter footer;
            ByteBuf bytes = read(dataEnd, footerBytes);
            try {
                footer = IpcFileFooter.read(bytes);
                this.schema = feedSchema(bytes);
            } finally {
                bytes.release();
            }
            this.blocks = Stream.concat(footer.dictionaries().stream(), footer.recordBatches().stream())
                    .iterator();
        } catch (IOException | RuntimeException e) {
            closeFile();
            throw broken(e);
        }
    }

    private int readFooterLength() throws IOException {
        if (file.size() < HEAD_BYTES + TRAILER_BYTES) {
            throw new CommandException("file bytes: " + file.size() + " (expected: a whole Arrow file)");
        }
        ByteBuf trailer = read(file.size() - TRAILER_BYTES, TRAILER_BYTES);
        try {
            int footerBytes = trailer.readIntLE();
            if (!trailer.nioBuffer().equals(MAGIC)) {
                throw new CommandException("the end of the file is not ARROW1: it is not complete");
            }
            if (footerBytes <= 0
                    || footerBytes > MAX_FOOTER_BYTES
                    || footerBytes > file.size() - TRAILER_BYTES - HEAD_BYTES) {
                throw new CommandException("footer bytes: " + footerBytes + " (expected: a length inside the file)");
            }
            return footerBytes;
        } finally {
            trailer.release();
        }
    }

    /** Hands the schema of the footer, borrowed, to the decoder, which compares the messages with it; owned. */
    private IpcSchema feedSchema(ByteBuf footer) {
        IpcSchema message = IpcFileFooter.readSchema(footer, ByteBufAllocator.DEFAULT);
        feed.add(message.frame().retainedSlice());
        message.release();
        return (IpcSchema) Objects.requireNonNull(feed.poll());
    }

    @Override
    public IpcSchema schema() {
        return schema;
    }

    @Override
    public @Nullable IpcMessage next() {
        try {
            return blocks.hasNext() ? readMessage(blocks.next()) : null;
        } catch (IOException | RuntimeException e) {
            throw broken(e);
        }
    }

    /** Returns true: what is cut off has no footer. */
    @Override
    public boolean isComplete() {
        return true;
    }

    /** Reads the message of a block, which must hold exactly one; owned. */
    private IpcMessage readMessage(IpcFileFooter.Block block) throws IOException {
        long bytes = block.headBytes() + block.bodyBytes();
        boolean isInside = bytes > 0 && block.offset() <= dataEnd && bytes <= dataEnd - block.offset();
        if (!isInside || bytes > Integer.MAX_VALUE - Long.BYTES) {
            throw new CommandException("block: " + block + " (expected: inside the file, less than 2 GiB)");
        }
        ByteBuf frame = framed(read(block.offset(), (int) bytes));
        int frameBytes = frame.readableBytes();
        feed.add(frame);
        IpcMessage message = feed.poll();
        if (message == null || message.frameBytes() != frameBytes) {
            if (message != null) {
                message.release();
            }
            throw new CommandException("block: " + block + " (expected: exactly one message)");
        }
        return message;
    }

    /**
     * Returns the message with a continuation marker, which files from before Arrow 0.15 do not have, nor those of writers
     * that are told to write as then. Consumes {@code message}, which is returned where it has one or is no message;
     * owned.
     */
    private static ByteBuf framed(ByteBuf message) {
        int metadataBytes = message.readableBytes() < OLD_PREFIX_BYTES ? 0 : message.getIntLE(0);
        boolean isOld = metadataBytes > 0
                && metadataBytes <= message.readableBytes() - OLD_PREFIX_BYTES
                && (metadataBytes + OLD_PREFIX_BYTES) % Long.BYTES == 0;
        if (!isOld) {
            return message;
        }
        try {
            return ByteBufAllocator.DEFAULT
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
        ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(count, count);
        try {
            ByteBuffer target = bytes.internalNioBuffer(0, count);
            while (target.hasRemaining()) {
                if (file.read(target, offset + count - target.remaining()) < 0) {
                    throw new EOFException("the file ended while it was read");
                }
            }
            return bytes.writerIndex(count);
        } catch (IOException | RuntimeException e) {
            bytes.release();
            throw e;
        }
    }

    /** Returns what the user gets to see. */
    private RuntimeException broken(Exception e) {
        return e instanceof IOException || e instanceof CommandException || e instanceof IpcException
                ? new CommandException(name + ": " + e.getMessage(), e)
                : (RuntimeException) e;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            schema.release();
            closeFile();
        }
    }

    private void closeFile() {
        feed.close();
        try {
            file.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }
}
