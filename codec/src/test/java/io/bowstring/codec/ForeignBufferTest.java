package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Memory that is somebody else's is copied to and from as any other: Netty's, and what is not. */
@ExtendWith(LeakDetection.class)
class ForeignBufferTest {
    private static final byte[] BYTES = {0, 1, 2, 3, 4, 5, 6, 7};

    private static List<ForeignBuffer> buffers() {
        ByteBuf memory = PooledByteBufAllocator.DEFAULT.directBuffer(8, 8);
        return List.of(
                ForeignBuffer.over(memory.writeBytes(BYTES), () -> {}),
                new ForeignBuffer(ByteBuffer.allocateDirect(8).put(BYTES).flip(), 0, () -> {}));
    }

    @Test
    void copiesRanges() {
        for (ForeignBuffer buffer : buffers()) {
            byte[] to = new byte[4];
            buffer.getBytes(3, to, 1, 2);
            assertThat(to).containsExactly(0, 3, 4, 0);

            buffer.setBytes(1, new byte[] {9, 8, 7}, 1, 2);
            buffer.setBytes(6, Unpooled.wrappedBuffer(new byte[] {5, 6, 4}), 1, 2);
            assertThat(ByteBufUtil.getBytes(buffer)).containsExactly(0, 8, 7, 3, 4, 5, 6, 4);
            buffer.release();
        }
    }

    @Test
    void refusesRangesOutsideItAndAnyAfterItsEnd() {
        for (ForeignBuffer buffer : buffers()) {
            ByteBuf other = Unpooled.wrappedBuffer(BYTES);
            for (int index : new int[] {-1, 7}) {
                assertThatThrownBy(() -> buffer.getBytes(index, new byte[2], 0, 2))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> buffer.setBytes(index, BYTES, 0, 2))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> buffer.setBytes(index, other, 0, 2))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            buffer.release();
            assertThatThrownBy(() -> buffer.getBytes(0, new byte[2], 0, 2))
                    .isInstanceOf(IllegalReferenceCountException.class);
            assertThatThrownBy(() -> buffer.setBytes(0, BYTES, 0, 2))
                    .isInstanceOf(IllegalReferenceCountException.class);
            assertThatThrownBy(() -> buffer.setBytes(0, other, 0, 2))
                    .isInstanceOf(IllegalReferenceCountException.class);
        }
    }
}
