package io.bowstring.codec;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Buffers full of what others have left behind, as those of a pool may be: what is not written shows.
 *
 * <p>Thread-safe.
 */
public final class DirtyAllocator extends AbstractByteBufAllocator {
    private final int dirt;

    /** Fills all buffers with {@code dirt}. */
    public DirtyAllocator(int dirt) {
        this.dirt = dirt;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return dirty(UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return dirty(UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity));
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private ByteBuf dirty(ByteBuf buffer) {
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.setByte(i, dirt);
        }
        return buffer;
    }
}
