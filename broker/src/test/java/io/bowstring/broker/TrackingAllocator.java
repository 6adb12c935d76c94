package io.bowstring.broker;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Allocates unpooled buffers, knows how much of them is unreleased, and runs out of memory on demand. Thread-safe. */
final class TrackingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private volatile boolean isExhausted;

    TrackingAllocator() {
        super(true);
    }

    long usedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    void setExhausted(boolean exhausted) {
        isExhausted = exhausted;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return allocator.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (isExhausted) {
            throw new OutOfMemoryError("exhausted by the test");
        }
        return allocator.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
