package io.bowstring.codec;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;

/** Counts the direct memory that is asked for and that is in use, in bytes. Confined to the test's thread. */
public final class CountingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private long requestedBytes;
    private long peakBytes;
    private int maxBufferBytes = Integer.MAX_VALUE;
    private long maxUsedBytes = Long.MAX_VALUE;
    private int maxParts = Integer.MAX_VALUE;
    private boolean isHeapExhausted;

    /** From now on there is no memory for a buffer larger than this. */
    public void limit(int bytes) {
        maxBufferBytes = bytes;
    }

    /** From now on there is no more memory than this. */
    void limitUsed(long bytes) {
        maxUsedBytes = bytes;
    }

    /** From now on the heap is exhausted where a buffer of several parts gets more of them than this; -1: where it is made. */
    public void limitParts(int parts) {
        maxParts = parts;
    }

    /** From now on the heap is exhausted where something is written to a new buffer, or a view of it is made. */
    public void exhaustHeap() {
        isHeapExhausted = true;
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
        return isHeapExhausted ? unwritable(buffer) : buffer;
    }

    private ByteBuf unwritable(ByteBuf buffer) {
        return new ForeignBuffer(buffer, buffer.capacity(), this, () -> {}) {
            @Override
            public ByteBuffer nioBuffer(int index, int length) {
                throw new OutOfMemoryError("for the test");
            }

            @Override
            public ByteBuf setBytes(int index, byte[] src, int srcIndex, int length) {
                throw new OutOfMemoryError("for the test");
            }

            @Override
            public ByteBuf setBytes(int index, ByteBuf src, int srcIndex, int length) {
                throw new OutOfMemoryError("for the test");
            }
        };
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        if (maxParts < 0) {
            throw new OutOfMemoryError("for the test");
        }
        return new CompositeByteBuf(this, true, maxNumComponents) {
            @Override
            public CompositeByteBuf addComponent(boolean increaseWriterIndex, ByteBuf buffer) {
                if (numComponents() >= maxParts) {
                    buffer.release(); // as Netty does
                    throw new OutOfMemoryError("for the test");
                }
                return super.addComponent(increaseWriterIndex, buffer);
            }
        };
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
