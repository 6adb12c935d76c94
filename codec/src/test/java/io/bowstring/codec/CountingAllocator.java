package io.bowstring.codec;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Counts the direct memory that is asked for and that is in use, in bytes. Confined to the test's thread. */
public final class CountingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private long requestedBytes;
    private long peakBytes;
    private int maxBufferBytes = Integer.MAX_VALUE;
    private long maxUsedBytes = Long.MAX_VALUE;

    /** From now on there is no memory for a buffer larger than this. */
    public void limit(int bytes) {
        maxBufferBytes = bytes;
    }

    /** From now on there is no more memory than this. */
    void limitUsed(long bytes) {
        maxUsedBytes = bytes;
    }

    /** Returns what all buffers so far have asked for. */
    long requestedBytes() {
        return requestedBytes;
    }

    public long usedBytes() {
        return memory.metric().usedDirectMemory();
    }

    /** Returns the most that was in use at once. */
    long peakBytes() {
        return peakBytes;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (initialCapacity > maxBufferBytes || usedBytes() + initialCapacity > maxUsedBytes) {
            throw new OutOfMemoryError("for the test");
        }
        ByteBuf buffer = memory.directBuffer(initialCapacity, maxCapacity);
        requestedBytes += initialCapacity;
        peakBytes = Math.max(peakBytes, usedBytes());
        return buffer;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return memory.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
