package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.IntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class NettyAllocationFactoryTest {
    private final PooledByteBufAllocator pool = new PooledByteBufAllocator(true);
    private final NettyAllocationFactory factory = new NettyAllocationFactory(pool);
    private final BufferAllocator allocator = factory.newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void allocatesVectorsFromNettysPool() {
        try (IntVector vector = new IntVector("i", allocator)) {
            vector.allocateNew(1000);
            vector.set(999, 7);
            vector.setValueCount(1000);

            assertThat(pool.metric().usedDirectMemory()).isPositive();
            assertThat(vector.get(999)).isEqualTo(7);
        }
    }

    @Test
    void accountsExactlyWhatIsAskedFor() {
        try (ArrowBuf buffer = allocator.buffer(1001)) {
            assertThat(buffer.capacity()).isEqualTo(1001);
            assertThat(allocator.getAllocatedMemory()).isEqualTo(1001);
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    @Test
    void allocatesUpToTheLimit() {
        assertThatThrownBy(() -> allocator.buffer((1 << 20) + 1)).isInstanceOf(OutOfMemoryException.class);
        allocator.buffer(1 << 20).close();
    }

    @Test
    void refusesMoreThanANettyBufferHolds() {
        assertThatThrownBy(() -> factory.create(allocator, 1L << 31))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessage("bytes of a buffer: 2147483648 (expected: <= 2147483647)");
    }

    @Test
    void saysThatThereIsNoMoreDirectMemory() {
        ByteBufAllocator exhausted = new PooledByteBufAllocator(true) {
            @Override
            public ByteBuf directBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("direct memory");
            }
        };
        try (BufferAllocator none = new NettyAllocationFactory(exhausted).newRootAllocator(1 << 20)) {
            assertThatThrownBy(() -> none.buffer(100))
                    .isInstanceOf(OutOfMemoryException.class)
                    .hasMessage("bytes of a buffer: 100 (expected: as much as there is)");
            assertThat(none.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void hasAnEmptyBuffer() {
        assertThat(allocator.getEmpty().capacity()).isZero();
        assertThat(allocator.buffer(0).capacity()).isZero();
    }
}
