package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Memory that short frames share: one buffer for many, as one for each costs more than to fill it. Such a frame has no
 * headroom.
 *
 * <p>Owns the buffer that is being filled; each frame has a reference of its own. Confined to one thread, the frames are not.
 */
final class FrameSlab implements AutoCloseable {
    /** What is longer is worth a buffer. */
    static final int MAX_FRAME_BYTES = 8 << 10;

    private static final int BYTES = 64 << 10;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf slab;

    FrameSlab(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Returns room for a frame of at most {@link #MAX_FRAME_BYTES}, its body on a 64-byte boundary; empty, owned.
     *
     * @param headBytes of prefix and metadata
     */
    ByteBuf allocate(int headBytes, int bodyBytes) {
        ByteBuf present = slab;
        if (present == null || present.writableBytes() < Frame.capacity(0, headBytes, bodyBytes)) {
            close();
            present = allocator.directBuffer(BYTES, BYTES);
            slab = present;
        }
        int start = present.writerIndex();
        if (present.hasMemoryAddress()) {
            start += (int) -(present.memoryAddress() + start + headBytes) & (Frame.BODY_ALIGNMENT - 1);
        }
        ByteBuf room = present.slice(start, headBytes + bodyBytes).clear();
        present.writerIndex(start + headBytes + bodyBytes).retain();
        return room;
    }

    /** Lets go of the buffer. */
    @Override
    public void close() {
        ByteBuf full = slab;
        slab = null;
        if (full != null) {
            full.release();
        }
    }
}
