package io.bowstring.vector;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcStreamReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams that are in memory already, message by message and without copying them: a mapped file, memory of another
 * library, memory that processes share.
 *
 * <pre>{@code
 * try (StreamView view = StreamView.map(Path.of("/dev/shm/trades"));
 *         ArrowReader reader = new MessageArrowReader(view, allocator)) {
 *     while (reader.loadNextBatch()) {
 *         System.out.println(reader.getVectorSchemaRoot().getRowCount());
 *     }
 * }
 * }</pre>
 *
 * <p>The memory is in use until the view is closed and all messages are released, and with them all batches closed that have
 * been made of them; then, and once, the action that its owner has given is run, by whichever thread that was. Until then it
 * must not change: what has been checked is not checked again. It is never written to, and vectors over it must not be.
 *
 * <p>Streams may stand one after the other. Messages are verified as by a decoder, with no limits but those of the format.
 *
 * <p>Confined to one thread; messages are not.
 */
public final class StreamView implements MessageSource, AutoCloseable {
    private static final IpcDecoderConfig CONFIG = IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED);

    /** What a buffer can show at once; no message is longer. */
    private static final int MAX_WINDOW_BYTES = Integer.MAX_VALUE;

    private final MemoryWindows memory;
    private final int maxWindowBytes;
    private final IpcStreamReader reader = new IpcStreamReader(CONFIG);

    /** The part of the memory that is being read, and where that begins. */
    private ByteBuf window = Unpooled.EMPTY_BUFFER;

    private long windowStart;
    private boolean isClosed;

    /** Creates a view of {@code memory}, consumed, that looks at so many bytes at once. */
    StreamView(MemoryWindows memory, int maxWindowBytes) {
        this.memory = memory;
        this.maxWindowBytes = maxWindowBytes;
    }

    /**
     * Opens what remains in a buffer. On the heap it is copied at once.
     *
     * @param memory borrowed until {@code onFree} is run
     * @param onFree run once when the memory is not in use any more; must not throw
     */
    public static StreamView of(ByteBuffer memory, Runnable onFree) {
        if (!memory.isDirect()) {
            StreamView copy = ofCopy(memory);
            onFree.run();
            return copy;
        }
        long address = ForeignMemory.address(memory);
        return new StreamView(MemoryWindows.ofAddress(address, memory.remaining(), memory, onFree), MAX_WINDOW_BYTES);
    }

    /**
     * Opens memory that is not Java's, or is a {@code MemorySegment}'s.
     *
     * @param address of memory, borrowed until {@code onFree} is run, of which nothing is known but what the caller says
     * @param bytes how much of it there is, which may be more than 2 GiB
     * @param onFree run once when the memory is not in use any more; must not throw
     */
    public static StreamView of(long address, long bytes, Runnable onFree) {
        return new StreamView(MemoryWindows.ofAddress(address, bytes, onFree, onFree), MAX_WINDOW_BYTES);
    }

    /** Opens an array, borrowed: it is copied at once. */
    public static StreamView of(byte[] stream) {
        return ofCopy(ByteBuffer.wrap(stream));
    }

    private static StreamView ofCopy(ByteBuffer stream) {
        int bytes = stream.remaining();
        ByteBuf copy = UnpooledByteBufAllocator.DEFAULT
                .directBuffer(Math.max(1, bytes))
                .writeBytes(stream.duplicate());
        long address = ByteBufAllocation.address(copy);
        return new StreamView(MemoryWindows.ofAddress(address, bytes, copy, copy::release), MAX_WINDOW_BYTES);
    }

    /**
     * Maps a file, of any length, into memory. It stays mapped until the memory is not in use and the garbage collector
     * finds that, and must not be made shorter until then.
     *
     * @throws IOException if it cannot be opened
     */
    public static StreamView map(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long bytes = channel.size();
            return new StreamView(MemoryWindows.ofFile(channel, () -> bytes), MAX_WINDOW_BYTES);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Maps a file to which another program adds messages. At the end {@link #next} returns null, and has a message again when the file
     * has grown.
     *
     * @param end where the last message ends that is whole; asked for whenever all before has been read
     * @throws IOException if it cannot be opened
     */
    public static StreamView map(Path file, LongSupplier end) throws IOException {
        return new StreamView(
                MemoryWindows.ofFile(FileChannel.open(file, StandardOpenOption.READ), end), MAX_WINDOW_BYTES);
    }

    /**
     * Returns the next message.
     *
     * @return owned; null at the end of the memory
     * @throws IpcException if it is wrong, {@code TRUNCATED} where the memory ends inside of it; the view is of no use then
     * @throws IOException if a file cannot be mapped
     * @throws IllegalStateException if the view is closed
     */
    @Override
    public @Nullable IpcMessage next() throws IOException {
        if (isClosed) {
            throw new IllegalStateException("the view is closed");
        }
        IpcMessage message = reader.next(window);
        if (message == null) {
            long end = memory.bytes();
            if (windowStart + window.writerIndex() < end) {
                moveWindow(end);
                message = reader.next(window);
            }
        }
        if (message == null && window.isReadable()) {
            String rest = window.readableBytes() + " bytes";
            throw new IpcException(IpcErrorCode.TRUNCATED, "message", rest, "a whole message");
        }
        return message;
    }

    /** Makes the window begin where the next message does. */
    private void moveWindow(long end) throws IOException {
        long start = windowStart + window.readerIndex();
        ByteBuf next = memory.window(start, (int) Math.min(maxWindowBytes, end - start));
        window.release();
        window = next;
        windowStart = start;
    }

    /** Returns whether a schema has come and the end of its stream has not. */
    public boolean isInStream() {
        return reader.isInStream();
    }

    /** Lets go of the memory, which messages may keep in use. May be called more than once. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            window.release();
            memory.close();
        }
    }
}
