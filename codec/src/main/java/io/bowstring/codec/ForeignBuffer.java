package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer of fixed capacity over memory that is somebody else's. It tells the owner when the last reference to it is
 * dropped: its own, and those of all slices and duplicates of it.
 *
 * <p>As with any buffer: counted by any thread, confined to its holder otherwise.
 */
public class ForeignBuffer extends UnpooledDirectByteBuf {
    private final @Nullable ByteBuf memory;
    private Runnable onFree;

    /** A {@code ByteBuffer} does not tell it on a JVM without Unsafe. */
    private final long address;

    /**
     * Makes memory that is not Netty's a buffer, all of it readable.
     *
     * @param bytes the memory, direct; borrowed
     * @param address where it is
     * @param onFree runs once, by whichever thread; must not throw. The objects that it refers to live as long as the buffer
     */
    public ForeignBuffer(ByteBuffer bytes, long address, Runnable onFree) {
        super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes.remaining());
        this.memory = null;
        this.address = address;
        this.onFree = onFree;
    }

    /**
     * Makes the first bytes of another buffer one of their own, with the same indices.
     *
     * @param memory direct, and not of several parts; consumed
     * @param allocator what {@link #alloc()} is to return
     * @param onFree runs once, after the release of {@code memory}, by whichever thread; must not throw
     */
    ForeignBuffer(ByteBuf memory, int capacity, ByteBufAllocator allocator, Runnable onFree) {
        super(allocator, memory.nioBuffer(0, capacity), capacity);
        this.memory = memory;
        this.address = memory.hasMemoryAddress() ? memory.memoryAddress() : 0;
        this.onFree = onFree;
        setIndex(memory.readerIndex(), memory.writerIndex());
    }

    /**
     * Returns what shows the same bytes as another buffer, and tells when that is released; owned.
     *
     * @param memory direct, and not of several parts; consumed, also where this throws
     * @param onFree runs once, after the release of {@code memory}, by whichever thread; must not throw, and does not run where
     *     this method throws
     * @throws IllegalArgumentException where the memory is not direct
     */
    public static ForeignBuffer over(ByteBuf memory, Runnable onFree) {
        try {
            return new ForeignBuffer(memory, memory.capacity(), memory.alloc(), onFree);
        } catch (Throwable e) { // the heap is exhausted, mostly
            memory.release();
            throw e;
        }
    }

    /** Returns the buffer whose memory this is, null where it is not Netty's; borrowed. */
    @Nullable
    ByteBuf memory() {
        return memory;
    }

    /** Lets go of the {@linkplain #memory() memory}, which is consumed. */
    void giveBack(ByteBuf lent) {
        lent.release();
    }

    /** From now on runs this at the end, in place of what it was made with. */
    final void onFree(Runnable other) {
        onFree = other;
    }

    @Override
    public final ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity != capacity()) {
            throw new UnsupportedOperationException("capacity: " + newCapacity + " (expected: " + capacity() + ")");
        }
        return this;
    }

    @Override
    public final boolean hasMemoryAddress() {
        return address != 0;
    }

    @Override
    public final long memoryAddress() {
        ensureAccessible();
        if (address == 0) {
            throw new UnsupportedOperationException();
        }
        return address;
    }

    // Bulk access without an object for each: what is Netty's memory can do it.

    @Override
    public ByteBuf getBytes(int index, byte[] to, int toIndex, int length) {
        if (memory == null) {
            return super.getBytes(index, to, toIndex, length);
        }
        checkIndex(index, length);
        memory.getBytes(index, to, toIndex, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] from, int fromIndex, int length) {
        if (memory == null) {
            return super.setBytes(index, from, fromIndex, length);
        }
        checkIndex(index, length);
        memory.setBytes(index, from, fromIndex, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf from, int fromIndex, int length) {
        if (memory == null) {
            return super.setBytes(index, from, fromIndex, length);
        }
        checkIndex(index, length);
        memory.setBytes(index, from, fromIndex, length);
        return this;
    }

    @Override
    protected final void deallocate() {
        super.deallocate(); // lets go of the view, and frees nothing
        if (memory != null) {
            giveBack(memory);
        }
        onFree.run();
    }
}
