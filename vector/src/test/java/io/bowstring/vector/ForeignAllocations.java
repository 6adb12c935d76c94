package io.bowstring.vector;

import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/** Memory that Netty does not know: what arrow-memory-unsafe and other languages allocate. Thread-safe. */
final class ForeignAllocations implements AllocationManager.Factory {
    static RootAllocator newRootAllocator(long limitBytes) {
        return new RootAllocator(RootAllocator.configBuilder()
                .allocationManagerFactory(new ForeignAllocations())
                .maxAllocation(limitBytes)
                .roundingPolicy(bytes -> bytes)
                .build());
    }

    @Override
    public AllocationManager create(BufferAllocator allocator, long bytes) {
        long address = MemoryUtil.allocateMemory(bytes);
        return new AllocationManager(allocator) {
            @Override
            public long getSize() {
                return bytes;
            }

            @Override
            protected long memoryAddress() {
                return address;
            }

            @Override
            protected void release0() {
                MemoryUtil.setMemory(address, bytes, (byte) 0x5A); // who reads on finds something else
                MemoryUtil.freeMemory(address);
            }
        };
    }

    @Override
    public ArrowBuf empty() {
        return new ArrowBuf(ReferenceManager.NO_OP, null, 0, 0);
    }
}
