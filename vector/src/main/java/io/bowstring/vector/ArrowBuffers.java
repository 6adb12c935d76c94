package io.bowstring.vector;

import io.bowstring.codec.ForeignBuffer;
import io.netty.buffer.ByteBuf;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferLedger;
import org.apache.arrow.memory.ReferenceManager;

/** Shows the memory of Arrow buffers as Netty buffers. Not instantiable. */
final class ArrowBuffers {
    private ArrowBuffers() {}

    /**
     * Returns how many readable bytes a buffer, borrowed, has.
     *
     * @throws CapacityException if that are more than 2 GiB
     */
    static int bytes(ArrowBuf buffer) {
        long bytes = buffer.readableBytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new CapacityException("a buffer", bytes, Integer.MAX_VALUE);
        }
        return (int) bytes;
    }

    /**
     * Returns the readable bytes of a buffer: the same memory. Where that is Netty's, a slice of the Netty buffer, and Arrow
     * may stop to account it before it is free; else Arrow accounts it until it is.
     *
     * @param buffer not empty; borrowed
     * @return owned
     * @throws CapacityException if it is longer than 2 GiB
     */
    static ByteBuf retainedByteBuf(ArrowBuf buffer) {
        ReferenceManager memory = buffer.getReferenceManager();
        long address = buffer.memoryAddress() + buffer.readerIndex();
        int bytes = bytes(buffer);
        if (memory instanceof BufferLedger ledger
                && ledger.getAllocationManager() instanceof NettyAllocationFactory.Allocation netty) {
            return netty.retainedSlice(address, bytes);
        }
        ByteBuf wrapped = new ForeignBuffer(ForeignMemory.at(address, bytes), address, memory::release);
        memory.retain();
        return wrapped;
    }
}
