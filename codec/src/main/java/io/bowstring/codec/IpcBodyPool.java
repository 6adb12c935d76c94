package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the memory of large messages for the next ones. Netty's default allocator pools nothing above 1 MiB, so that
 * every such body would be received into memory that the kernel has just had to zero.
 *
 * <p>Give one pool to all decoders, by {@link IpcDecoderConfig#withPool}: what they gather in more than 64 KiB they then
 * gather in blocks of the pool. A block comes back when the last reference to its message is dropped, by whichever
 * thread. Of the blocks that nobody uses at most {@link #maxIdleBytes()} are kept; where a block would be too much, those
 * of other sizes go first, the sizes that were least recently asked for before the others; where memory is used up, all
 * of them go. The pool does not bound what
 * is in use: {@link IpcLimits} does so for one message.
 *
 * <p>Blocks come in sizes, four to a doubling, so that at most a fifth of one is unused, plus 4 KiB: a body of a round
 * size fits with its head. What is larger than 1792 MiB is not kept. Blocks are not zeroed: a frame shows only bytes that
 * were received or written.
 *
 * <p>Thread-safe; takes no locks.
 */
public final class IpcBodyPool implements AutoCloseable {
    /** Buffers up to this size are Netty's allocator's to pool. */
    static final int UNPOOLED_BYTES = 64 << 10;

    private static final int HEAD_BYTES = 4 << 10;
    private static final int SIZES_PER_DOUBLING = 4;
    private static final int SIZES = 15 * SIZES_PER_DOUBLING; // up to 2 GiB

    private final ByteBufAllocator memory;
    private final Size[] sizes = Stream.generate(Size::new).limit(SIZES).toArray(Size[]::new);
    private final AtomicLong takes = new AtomicLong();
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong idleBytes = new AtomicLong();
    private volatile long maxIdleBytes;

    /**
     * Creates an empty pool.
     *
     * @param maxIdleBytes how much unused memory may be kept, in bytes; 0 keeps none
     * @throws IllegalArgumentException if it is negative
     */
    public IpcBodyPool(long maxIdleBytes) {
        // No leak detection: an idle block is none. The decoder watches the buffers that it wraps blocks in.
        this(maxIdleBytes, new UnpooledByteBufAllocator(true, true));
    }

    /** Creates a pool over other memory, for tests. */
    IpcBodyPool(long maxIdleBytes, ByteBufAllocator memory) {
        if (maxIdleBytes < 0) {
            throw new IllegalArgumentException("maxIdleBytes: " + maxIdleBytes + " (expected: >= 0)");
        }
        this.maxIdleBytes = maxIdleBytes;
        this.memory = memory;
    }

    /** Returns how much unused memory may be kept, in bytes; 0 after {@link #close()}. */
    public long maxIdleBytes() {
        return maxIdleBytes;
    }

    /** Returns how much memory is kept for the next messages, in bytes. */
    public long idleBytes() {
        return idleBytes.get();
    }

    /** Returns how much memory messages have in use, in bytes. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /** Returns memory of at least {@code bytes} bytes; owned, to be ended by {@link #giveBack} in place of a release. */
    ByteBuf take(int bytes) {
        long now = takes.incrementAndGet();
        int index = sizeIndex(bytes);
        ByteBuf block = null;
        if (index < SIZES) {
            sizes[index].lastTake = now;
            block = pollIdle(sizes[index]);
        }
        block = block == null ? newBlock(takenBytes(bytes)) : block;
        usedBytes.addAndGet(block.capacity());
        return block;
    }

    /** Returns how long a block for so many bytes is. */
    static int takenBytes(int bytes) {
        int index = sizeIndex(bytes);
        return index < SIZES ? blockBytes(index) : bytes;
    }

    private ByteBuf newBlock(int capacity) {
        try {
            return memory.directBuffer(capacity, capacity);
        } catch (OutOfMemoryError e) {
            free(); // idle memory must not be what is missing
            return memory.directBuffer(capacity, capacity);
        }
    }

    /** Takes back what {@link #take} gave; consumed. */
    void giveBack(ByteBuf block) {
        int bytes = block.capacity();
        usedBytes.addAndGet(-bytes);
        int index = sizeIndex(bytes);
        if (index == SIZES || !reserveIdle(bytes, index)) {
            block.release();
            return;
        }
        sizes[index].idle.addFirst(block); // last in, first out: what is still in the caches
        if (maxIdleBytes == 0) {
            free(); // closed meanwhile
        }
    }

    /**
     * Frees what is idle. Memory that is in use is freed when it comes back, and what is asked for from now on is
     * allocated and freed each time. May be called more than once.
     */
    @Override
    public void close() {
        maxIdleBytes = 0;
        free();
    }

    private void free() {
        for (Size size : sizes) {
            for (ByteBuf block = pollIdle(size); block != null; block = pollIdle(size)) {
                block.release();
            }
        }
    }

    private boolean reserveIdle(int bytes, int index) {
        if (bytes > maxIdleBytes) {
            return false;
        }
        while (true) {
            long idle = idleBytes.get();
            if (idle + bytes <= maxIdleBytes) {
                if (idleBytes.compareAndSet(idle, idle + bytes)) {
                    return true;
                }
            } else if (!freeOne(sizes[index])) {
                return false;
            }
        }
    }

    /** Frees an idle block of the size that was least recently asked for, but none of {@code spared}. */
    private boolean freeOne(Size spared) {
        Size oldest = null;
        for (Size size : sizes) {
            if (size != spared && !size.idle.isEmpty() && (oldest == null || size.lastTake < oldest.lastTake)) {
                oldest = size;
            }
        }
        return oldest != null && ReferenceCountUtil.release(pollIdle(oldest)); // nobody else has a reference
    }

    private @Nullable ByteBuf pollIdle(Size size) {
        ByteBuf block = size.idle.pollFirst();
        if (block != null) {
            idleBytes.addAndGet(-block.capacity());
        }
        return block;
    }

    /** Returns which size holds {@code bytes}; {@link #SIZES} where none does. */
    private static int sizeIndex(int bytes) {
        int index = 0;
        while (index < SIZES && blockBytes(index) < bytes) {
            index++;
        }
        return index;
    }

    private static int blockBytes(int index) {
        int quarters = SIZES_PER_DOUBLING + index % SIZES_PER_DOUBLING;
        int smallest = quarters * (UNPOOLED_BYTES / SIZES_PER_DOUBLING);
        return (smallest << (index / SIZES_PER_DOUBLING)) + HEAD_BYTES;
    }

    /** The idle blocks of one size. */
    private static final class Size {
        final ConcurrentLinkedDeque<ByteBuf> idle = new ConcurrentLinkedDeque<>();

        /** The number of the take that last asked for this size. */
        volatile long lastTake;
    }
}
