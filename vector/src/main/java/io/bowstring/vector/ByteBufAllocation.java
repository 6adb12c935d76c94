package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.jspecify.annotations.Nullable;

/**
 * The readable bytes of a Netty buffer as memory of an Arrow allocator. Owns one reference to the buffer and drops it
 * once, when the last reference to the Arrow buffer is dropped, by whichever thread.
 *
 * <p>Thread-safe.
 */
final class ByteBufAllocation extends ForeignAllocation {
    private @Nullable ByteBuf memory;

    private ByteBufAllocation(ByteBuf memory, long address) {
        super(memory.readableBytes(), address);
        this.memory = memory;
    }

    /**
     * Makes the readable bytes of {@code memory} an Arrow buffer, accounted in {@code allocator}.
     *
     * @param memory direct and in one part, with or without an address of its own; consumed
     * @return the same memory; owned
     * @throws org.apache.arrow.memory.OutOfMemoryException if it is above the limit of the allocator
     */
    static ArrowBuf wrap(ByteBuf memory, BufferAllocator allocator) {
        if (!memory.isReadable()) {
            memory.release();
            return allocator.getEmpty();
        }
        ByteBufAllocation allocation = new ByteBufAllocation(memory, address(memory));
        try {
            return allocator.wrapForeignAllocation(allocation);
        } catch (Throwable e) {
            allocation.release0(); // which Arrow does itself on some paths, and not above the limit
            throw e;
        }
    }

    /** Returns where the first readable byte of {@code memory}, borrowed, is. */
    static long address(ByteBuf memory) {
        if (memory.hasMemoryAddress()) {
            return memory.memoryAddress() + memory.readerIndex();
        }
        return ForeignMemory.address(memory.nioBuffer()); // Netty without Unsafe does not tell of all buffers
    }

    @Override
    protected synchronized void release0() {
        ByteBuf present = memory;
        memory = null;
        if (present != null) {
            present.release();
        }
    }
}
