package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/**
 * Memory that is not Netty's as a buffer of fixed capacity, all of it readable, that tells when the last reference to it is
 * dropped, by whichever thread.
 *
 * <p>As with any buffer: counted by any thread, confined to its holder otherwise.
 */
final class ForeignByteBuf extends UnpooledDirectByteBuf {
    private final Runnable onFree;

    /** Frees the memory when it is collected, and so is not to be before. */
    @SuppressWarnings({"FieldCanBeLocal", "unused"})
    private final Object owner;

    /** A {@code ByteBuffer} does not tell it on a JVM without Unsafe. */
    private final long address;

    /**
     * Creates a buffer.
     *
     * @param owner kept as long as the buffer
     * @param onFree run once; must not throw
     */
    ForeignByteBuf(long address, int bytes, Object owner, Runnable onFree) {
        super(UnpooledByteBufAllocator.DEFAULT, ForeignMemory.at(address, bytes), bytes);
        this.address = address;
        this.owner = owner;
        this.onFree = onFree;
        setIndex(0, bytes);
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
        return true;
    }

    @Override
    public long memoryAddress() {
        ensureAccessible();
        return address;
    }

    @Override
    protected void deallocate() {
        super.deallocate(); // lets go of the view, and frees nothing
        onFree.run();
    }
}
