package io.bowstring.cli;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.vector.IpcFileReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An Arrow IPC stream. An end-of-stream marker ends it, and so does the end of the input between two messages. Confined
 * to the caller's thread.
 */
final class StreamSource implements MessageInput {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final ByteBuffer MAGIC_OF_FEATHER_1 =
            ByteBuffer.wrap("FEA1".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

    private final String name;
    private final ReadableByteChannel input;
    private final MessageFeed feed = new MessageFeed();
    private final IpcSchema schema;
    private final ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private boolean hasStarted;
    private boolean hasEnded;
    private boolean isComplete;
    private boolean isClosed;

    /**
     * Reads the schema.
     *
     * @param name for messages to the user
     * @param input is closed with this source, also where this throws
     * @throws CommandException if the input does not begin with a schema
     */
    StreamSource(String name, ReadableByteChannel input) {
        this.name = name;
        this.input = input;
        IpcMessage first;
        try {
            first = read();
            if (first == null) {
                throw new CommandException(name + ": is empty (expected: an Arrow stream)");
            }
        } catch (CommandException e) {
            closeInput();
            throw e;
        }
        this.schema = (IpcSchema) first; // the decoder lets nothing else come first
    }

    @Override
    public IpcSchema schema() {
        return schema;
    }

    @Override
    public @Nullable IpcMessage next() {
        if (hasEnded) {
            return null;
        }
        IpcMessage message = read();
        if (message == null) {
            hasEnded = true;
        } else if (message.kind() == IpcKind.END_OF_STREAM) {
            hasEnded = true;
            requireNothingBehindEnd();
            isComplete = true;
            return null;
        }
        return message;
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    private void requireNothingBehindEnd() {
        boolean hasMore;
        try {
            hasMore = hasMore();
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (hasMore) {
            throw new CommandException(name + ": there is more after the end of the stream (expected: one stream)");
        }
    }

    /** Blocks until there is another byte or the input ends: whoever else writes to a pipe may come later. */
    private boolean hasMore() throws IOException {
        try {
            IpcMessage next = feed.poll();
            if (next != null) {
                next.release();
                return true;
            }
            feed.end();
        } catch (IpcException e) {
            return true; // bytes that are no message
        }
        return input.read(ByteBuffer.allocate(1)) >= 0;
    }

    private @Nullable IpcMessage read() {
        try {
            IpcMessage message = feed.poll();
            while (message == null) {
                ByteBuf chunk = readChunk();
                if (chunk == null) {
                    feed.end();
                    return null;
                }
                feed.add(chunk);
                message = feed.poll();
            }
            return message;
        } catch (IpcException e) {
            if (!isArrow()) {
                throw new CommandException(
                        name + ": is no Arrow stream or file (expected: one, or --input-format csv, tsv or json)", e);
            }
            boolean isTorn = e.code() == IpcErrorCode.TRUNCATED;
            throw new CommandException(name + ": " + (isTorn ? "ends inside a message" : e.getMessage()), e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private CommandException unreadable(IOException e) {
        return new CommandException(name + ": cannot be read: " + e.getMessage(), e);
    }

    /** Returns what could be read at once, owned; null at the end of the input. */
    private @Nullable ByteBuf readChunk() throws IOException {
        ByteBuf chunk = ByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
        try {
            int count = input.read(chunk.internalNioBuffer(0, CHUNK_BYTES));
            if (count < 0) {
                chunk.release();
                return null;
            }
            chunk.writerIndex(count);
            keepStart(chunk.nioBuffer());
            if (!hasStarted) {
                requireStream(chunk.nioBuffer());
                hasStarted = true;
            }
        } catch (IOException | RuntimeException e) {
            chunk.release();
            throw e;
        }
        return chunk.readableBytes() < CHUNK_BYTES / 2 ? shrink(chunk) : chunk;
    }

    private void keepStart(ByteBuffer chunk) {
        while (start.hasRemaining() && chunk.hasRemaining()) {
            start.put(chunk.get());
        }
    }

    /** Returns whether the input begins with the marker of a message, or, as before Arrow 0.15, with a length below 16 MiB. */
    private boolean isArrow() {
        return !start.hasRemaining() && (start.getInt(0) == -1 || start.getInt(0) >>> 24 == 0);
    }

    /** A trickle of small messages must not hold a large buffer each. Consumes {@code chunk}; owned. */
    private static ByteBuf shrink(ByteBuf chunk) {
        try {
            return ByteBufAllocator.DEFAULT.directBuffer(chunk.readableBytes()).writeBytes(chunk);
        } finally {
            chunk.release();
        }
    }

    private void requireStream(ByteBuffer start) {
        if (startsWithFeather1(start)) {
            throw new CommandException(name + ": is Feather version 1, which is not Arrow's format"
                    + " (expected: Feather version 2 or an Arrow stream)");
        }
        if (IpcFileReader.hasMagic(start)) {
            throw new CommandException(name + ": is in the file format, which is read from its end"
                    + " (expected: an Arrow stream, or the path of the file)");
        }
    }

    private static boolean startsWithFeather1(ByteBuffer start) {
        int bytes = MAGIC_OF_FEATHER_1.remaining();
        return start.remaining() >= bytes && start.slice(0, bytes).equals(MAGIC_OF_FEATHER_1);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            schema.release();
            closeInput();
        }
    }

    private void closeInput() {
        feed.close();
        try {
            input.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }
}
