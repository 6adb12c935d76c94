package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;

/**
 * Lets arrow-java allocate from a Netty allocator, so that vectors and sockets share one pool:
 *
 * <pre>{@code
 * BufferAllocator allocator = new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 30);
 * }</pre>
 *
 * <p>Uses public API of both sides only, and needs no JVM flags, unlike arrow-memory-netty, which does not allocate on JDK
 * 25 without them.
 *
 * <p>Thread-safe where the Netty allocator is.
 */
public final class NettyAllocationFactory implements AllocationManager.Factory {
    private final ByteBufAllocator memory;

    /** Creates a factory over {@code memory}, of which direct buffers are taken. */
    public NettyAllocationFactory(ByteBufAllocator memory) {
        this.memory = memory;
    }

    /**
     * Creates a root allocator over this memory. It allocates and accounts the bytes that are asked for, not the next power
     * of two.
     *
     * @param limitBytes what may be in use at once
     * @throws IllegalStateException if Arrow's memory cannot be used on this JVM; the message says what would help
     */
    public RootAllocator newRootAllocator(long limitBytes) {
        ArrowPlatform.requireUsable();
        return new RootAllocator(RootAllocator.configBuilder()
                .allocationManagerFactory(this)
                .maxAllocation(limitBytes)
                .roundingPolicy(bytes -> bytes)
                .build());
    }

    /**
     * Allocates for {@code allocator}; arrow-java calls this.
     *
     * @throws OutOfMemoryException if more is asked for than a Netty buffer can be long, or there is no more direct memory
     */
    @Override
    public AllocationManager create(BufferAllocator allocator, long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new OutOfMemoryException("bytes of a buffer: " + bytes + " (expected: <= " + Integer.MAX_VALUE + ")");
        }
        try {
            return new Allocation(allocator, memory.directBuffer((int) bytes, (int) bytes));
        } catch (OutOfMemoryError e) { // which Arrow's users do not expect
            throw new OutOfMemoryException("bytes of a buffer: " + bytes + " (expected: as much as there is)", e);
        }
    }

    @Override
    public ArrowBuf empty() {
        return new ArrowBuf(ReferenceManager.NO_OP, null, 0, 0);
    }

    /** Owns a buffer. */
    static final class Allocation extends AllocationManager {
        private final ByteBuf buffer;
        private final long address;

        private Allocation(BufferAllocator allocator, ByteBuf buffer) {
            super(allocator);
            this.buffer = buffer;
            this.address = ByteBufAllocation.address(buffer);
        }

        /** Returns a part of the buffer; owned, it lives on where Arrow lets go of the memory. */
        ByteBuf retainedSlice(long start, int bytes) {
            return buffer.slice((int) (start - address), bytes).retain();
        }

        @Override
        public long getSize() {
            return buffer.capacity();
        }

        @Override
        protected long memoryAddress() {
            return address;
        }

        @Override
        protected void release0() {
            buffer.release();
        }
    }
}
