package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferLedger;
import org.apache.arrow.memory.ReferenceManager;

/**
 * The memory of an Arrow buffer as a Netty buffer of fixed capacity. Owns one reference to that memory, which it drops with
 * the last reference to it, by whichever thread.
 *
 * <p>As with any buffer: counted by any thread, confined to its holder otherwise.
 */
final class ArrowBufByteBuf extends UnpooledDirectByteBuf {
    private final ReferenceManager memory;

    /** Known to Arrow; a {@code ByteBuffer} does not tell it on a JVM without Unsafe. */
    private final long address;

    private ArrowBufByteBuf(ReferenceManager memory, long address, int bytes) {
        super(UnpooledByteBufAllocator.DEFAULT, ForeignMemory.at(address, bytes), bytes);
        this.memory = memory;
        this.address = address;
    }

    /**
     * Returns the readable bytes of a buffer: the same memory. Where that is Netty's, a slice of the Netty buffer, and Arrow
     * may stop to account it before it is free; else Arrow accounts it until it is.
     *
     * @param buffer not empty; borrowed
     * @return owned
     */
    static ByteBuf retained(ArrowBuf buffer) {
        ReferenceManager memory = buffer.getReferenceManager();
        long address = buffer.memoryAddress() + buffer.readerIndex();
        int bytes = (int) buffer.readableBytes();
        if (memory instanceof BufferLedger ledger
                && ledger.getAllocationManager() instanceof NettyAllocationFactory.Allocation netty) {
            return netty.retainedSlice(address, bytes);
        }
        ByteBuf wrapped = new ArrowBufByteBuf(memory, address, bytes);
        memory.retain();
        return wrapped;
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
        memory.release();
    }
}
