package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.util.MemoryUtil;
import org.junit.jupiter.api.Test;

class ForeignMemoryTest {
    @Test
    void isTheMemoryAtTheAddress() {
        long address = MemoryUtil.allocateMemory(64);
        try {
            MemoryUtil.putLong(address + 8, 42);

            ByteBuffer buffer = ForeignMemory.at(address, 16).order(ByteOrder.LITTLE_ENDIAN);

            assertThat(buffer.isDirect()).isTrue();
            assertThat(buffer.remaining()).isEqualTo(16).isEqualTo(buffer.capacity());
            assertThat(buffer.getLong(8)).isEqualTo(42);
            buffer.putLong(0, 7);
            assertThat(MemoryUtil.getLong(address)).isEqualTo(7);
            assertThat(ForeignMemory.address(buffer)).isEqualTo(address);
            assertThat(ForeignMemory.address(buffer.position(3))).isEqualTo(address + 3);
            assertThat(ForeignMemory.at(address + 1, 1).capacity()).isEqualTo(1);
        } finally {
            MemoryUtil.freeMemory(address);
        }
    }
}
