package io.bowstring.broker;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Allocates unpooled buffers, knows how much of them is unreleased, and runs out of memory or fails on demand.
 * Thread-safe.
 */
final class TrackingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final AtomicInteger buffersUntilFault = new AtomicInteger(-1);
    private volatile int largestBytes = Integer.MAX_VALUE;

    TrackingAllocator() {
        super(true);
    }

    long usedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    void setExhausted(boolean exhausted) {
        setLargest(exhausted ? -1 : Integer.MAX_VALUE);
    }

    /** Has memory for direct buffers of so many bytes and no more at a time. */
    void setLargest(int bytes) {
        largestBytes = bytes;
    }

    /** Fails once, as a program with a fault does, where a direct buffer is wanted after so many others. */
    void failOnceAfter(int buffers) {
        buffersUntilFault.set(buffers);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return allocator.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (initialCapacity > largestBytes) {
            throw new OutOfMemoryError("exhausted by the test");
        }
        if (buffersUntilFault.getAndDecrement() == 0) {
            throw new IllegalStateException("a fault by the test");
        }
        return allocator.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
