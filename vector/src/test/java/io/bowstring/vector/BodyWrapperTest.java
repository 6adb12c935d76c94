package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
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

    @Test
    void copiesBodiesInSeveralPartsOnce() {
        IpcRecordBatch message;
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, 64, memory)) {
            builder.addNode(8, 0);
            for (int value = 1; value <= 2; value++) {
                builder.addBuffer(memory.directBuffer(64).writeLongLE(value).writeZero(56));
            }
            message = builder.recordBatch(8, Map.of());
        }

        try (ArrowBuf body = wrapper.wrap(message)) {
            assertThat(message.refCnt()).isZero();
            assertThat(body.capacity()).isEqualTo(128);
            assertThat(body.getLong(0)).isEqualTo(1);
            assertThat(body.getLong(64)).isEqualTo(2);
        }
        assertThat(wrapper.copiedBytes()).isEqualTo(128);
    }

    @Test
    void copiesBodiesOnTheHeapOnce() {
        IpcRecordBatch whole = batch(64);
        byte[] bytes = ByteBufUtil.getBytes(whole.frame());
        whole.release();
        IpcSchema schema = BatchReaderTest.schema(IpcField.of("n", true, IpcType.BOOL));
        IpcStreamReader stream =
                new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING));
        stream.next(schema.frame()).release();

        try (ArrowBuf body = wrapper.wrap(stream.next(Unpooled.wrappedBuffer(bytes)))) {
            assertThat(body.capacity()).isEqualTo(64);
        }
        assertThat(wrapper.copiedBytes()).isEqualTo(64);
        schema.release();
    }

    @Test
    void leaksNothingWhereACopyDoesNotFit() {
        IpcRecordBatch message;
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, 64, memory)) {
            builder.addNode(8, 0);
            builder.addBuffer(memory.directBuffer(64).writeZero(64));
            builder.addBuffer(memory.directBuffer(1000).writeZero(1000));
            message = builder.recordBatch(8, Map.of());
        }

        assertThatThrownBy(() -> wrapper.wrap(message)).isInstanceOf(OutOfMemoryException.class);

        assertThat(message.refCnt()).isZero();
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    private IpcRecordBatch batch(int bytes) {
        ByteBuf buffer = memory.directBuffer(Math.max(bytes, 1)).writeZero(bytes);
        try {
            return PlainBatch.of(1, List.of(new PlainBatch.Node(1, 0)), List.of(buffer), memory);
        } finally {
            buffer.release();
        }
    }
}
