package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcFieldNode;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BodyWrapperTest {
    private final PooledByteBufAllocator memory = new PooledByteBufAllocator(true);
    private final BufferAllocator allocator = new RootAllocator(1000);
    private final BodyWrapper wrapper = new BodyWrapper(allocator);

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void sharesTheMemoryOfTheBody() {
        IpcMessage message = batch(64);
        long address = ByteBufAllocation.address(message.body());
        message.body().setLongLE(8, 42);

        try (ArrowBuf body = wrapper.wrap(message)) {
            assertThat(body.memoryAddress()).isEqualTo(address);
            assertThat(body.capacity()).isEqualTo(64);
            assertThat(body.writerIndex()).isEqualTo(64);
            assertThat(body.getLong(8)).isEqualTo(42);
            assertThat(wrapper.copiedBytes()).isZero();
        }
    }

    @Test
    void accountsTheLengthOfTheBody() {
        try (ArrowBuf body = wrapper.wrap(batch(72))) {
            assertThat(allocator.getAllocatedMemory())
                    .isEqualTo(body.capacity())
                    .isEqualTo(72);
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    @Test
    void releasesTheMessageWithTheLastReference() {
        IpcMessage message = batch(64);

        ArrowBuf body = wrapper.wrap(message);
        body.getReferenceManager().retain();
        body.close();
        assertThat(message.refCnt()).isOne();
        body.close();

        assertThat(message.refCnt()).isZero();
    }

    @Test
    void releasesTheMessageAtOnceWhereTheBodyIsEmpty() {
        IpcMessage message = batch(0);

        ArrowBuf body = wrapper.wrap(message);

        assertThat(body.capacity()).isZero();
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void releasesTheMessageThatIsAboveTheLimit() {
        IpcMessage message = batch(1008);

        assertThatThrownBy(() -> wrapper.wrap(message)).isInstanceOf(OutOfMemoryException.class);

        assertThat(message.refCnt()).isZero();
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    private IpcRecordBatch batch(int bytes) {
        ByteBuf buffer = memory.directBuffer(Math.max(bytes, 1)).writeZero(bytes);
        try {
            return IpcRecordBatch.of(1, List.of(new IpcFieldNode(1, 0)), List.of(buffer), memory);
        } finally {
            buffer.release();
        }
    }
}
