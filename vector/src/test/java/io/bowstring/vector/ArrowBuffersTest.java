package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class ArrowBuffersTest {
    @Test
    void isTheMemoryOfForeignBuffer() {
        try (BufferAllocator allocator = ForeignAllocations.newRootAllocator(1000)) {
            ArrowBuf memory = buffer(allocator);

            ByteBuf bytes = ArrowBuffers.retainedByteBuf(memory);

            assertIsMemory(bytes, memory);
            memory.close();
            assertThat(allocator.getAllocatedMemory()).isEqualTo(100); // until it is written
            assertThat(bytes.getLongLE(4)).isEqualTo(42);
            assertThat(bytes.release()).isTrue();
            assertThat(allocator.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void isTheMemoryOfNettyBuffer() {
        BufferAllocator allocator = new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1000);
        ArrowBuf memory = buffer(allocator);

        ByteBuf bytes = ArrowBuffers.retainedByteBuf(memory);

        assertIsMemory(bytes, memory);
        memory.close();
        allocator.close(); // needs to live no longer
        assertThat(bytes.getLongLE(4)).isEqualTo(42);
        assertThat(bytes.release()).isTrue();
    }

    /** Returns a buffer whose readable bytes are 12 from index 8 on, with 42 in the last 8 of them; owned. */
    private static ArrowBuf buffer(BufferAllocator allocator) {
        ArrowBuf buffer = allocator.buffer(100);
        buffer.setInt(8, 7);
        buffer.setLong(12, 42);
        buffer.readerIndex(8);
        return buffer.writerIndex(20);
    }

    private static void assertIsMemory(ByteBuf bytes, ArrowBuf memory) {
        assertThat(bytes.hasMemoryAddress()).isTrue();
        assertThat(bytes.memoryAddress()).isEqualTo(memory.memoryAddress() + 8);
        assertThat(bytes.readableBytes()).isEqualTo(12);
        assertThat(bytes.isDirect()).isTrue();
        assertThat(bytes.nioBufferCount()).isOne();
        assertThat(ForeignMemory.address(bytes.nioBuffer())).isEqualTo(memory.memoryAddress() + 8);
        assertThat(bytes.getIntLE(0)).isEqualTo(7);
        assertThat(bytes.getLong(4)).isEqualTo(42L << 56);
    }

    @Test
    void livesAsLongAsItsSlices() {
        try (BufferAllocator allocator = ForeignAllocations.newRootAllocator(1000)) {
            ArrowBuf memory = buffer(allocator);
            ByteBuf bytes = ArrowBuffers.retainedByteBuf(memory);
            memory.close();

            ByteBuf slice = bytes.retainedSlice(4, 8);
            bytes.release();

            assertThat(slice.getLongLE(0)).isEqualTo(42);
            slice.release();
            assertThat(allocator.getAllocatedMemory()).isZero();
            assertThatThrownBy(bytes::memoryAddress).isInstanceOf(IllegalReferenceCountException.class);
        }
    }

    @Test
    void hasFixedCapacity() {
        try (BufferAllocator allocator = ForeignAllocations.newRootAllocator(1000);
                ArrowBuf memory = buffer(allocator)) {
            ByteBuf bytes = ArrowBuffers.retainedByteBuf(memory);

            assertThat(bytes.capacity(12)).isSameAs(bytes);
            assertThatThrownBy(() -> bytes.capacity(11))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("capacity: 11 (expected: 12)");
            assertThatThrownBy(() -> bytes.capacity(13)).isInstanceOf(IllegalArgumentException.class);
            bytes.release();
        }
    }
}
