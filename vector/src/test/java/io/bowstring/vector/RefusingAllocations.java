package io.bowstring.vector;

import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;

/** What arrow-memory-netty does on JDK 25, on all JVMs: it accounts memory of others and has none of its own. Immutable. */
final class RefusingAllocations implements AllocationManager.Factory {
    static RootAllocator newRootAllocator(long limitBytes) {
        return new RootAllocator(RootAllocator.configBuilder()
                .allocationManagerFactory(new RefusingAllocations())
                .maxAllocation(limitBytes)
                .build());
    }

    @Override
    public AllocationManager create(BufferAllocator allocator, long bytes) {
        throw new ClassCastException("PooledDirectByteBuf cannot be cast to PooledUnsafeDirectByteBuf");
    }

    @Override
    public ArrowBuf empty() {
        return new ArrowBuf(ReferenceManager.NO_OP, null, 0, 0);
    }
}
