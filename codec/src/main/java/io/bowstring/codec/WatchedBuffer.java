package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;

/**
 * A direct buffer over the memory of another that tells when the last reference to it is dropped, by whichever thread:
 * its own, and those of all slices and duplicates of it. Its capacity is fixed.
 *
 * <p>Owns one reference to the other buffer. As with any buffer: counted by any thread, confined to its holder otherwise.
 */
final class WatchedBuffer extends UnpooledDirectByteBuf {
    private final ByteBuf memory;
    private Runnable onFree;

    /** Known to the memory; its {@code ByteBuffer} does not tell it on a JVM without Unsafe. */
    private final long address;

    /**
     * Shows the same bytes as another buffer, with the same indices.
     *
     * @param memory direct, and not of several parts; consumed
     * @param onFree runs once, after the release of {@code memory}; must not throw
     */
    WatchedBuffer(ByteBuf memory, Runnable onFree) {
        super(memory.alloc(), memory.nioBuffer(0, memory.capacity()), memory.capacity());
        this.memory = memory;
        this.onFree = onFree;
        this.address = memory.hasMemoryAddress() ? memory.memoryAddress() : 0;
        setIndex(memory.readerIndex(), memory.writerIndex());
    }

    /** Returns the buffer whose memory this is; borrowed. */
    ByteBuf memory() {
        return memory;
    }

    /** Drops the last reference, and tells nobody. */
    void discard() {
        onFree = () -> {};
        release();
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity != capacity()) {
            throw new UnsupportedOperationException("capacity: " + newCapacity + " (expected: " + capacity() + ")");
        }
        return this;
    }

    @Override
    public boolean hasMemoryAddress() {
        return address != 0;
    }

    @Override
    public long memoryAddress() {
        ensureAccessible();
        if (address == 0) {
            throw new UnsupportedOperationException();
        }
        return address;
    }

    @Override
    protected void deallocate() {
        super.deallocate(); // lets go of the view, and frees nothing
        memory.release();
        onFree.run();
    }
}
