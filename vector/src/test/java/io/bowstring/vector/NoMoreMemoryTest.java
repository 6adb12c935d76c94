package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a reader does where the JVM has no direct memory left, which is an error and not above a limit of the user's. */
@ExtendWith(LeakDetection.class)
class NoMoreMemoryTest {
    private static final IpcType INT8 = IpcType.of(IpcTypeId.INT, 8, 1);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);
    private final BatchReader reader = new BatchReader(allocator);
    private final Exhaustible memory = new Exhaustible();

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    /** Eight values to decompress, into memory of which there is none. */
    private BatchMaker compressed() {
        return new BatchMaker(IpcCompression.ZSTD, memory).node(8, 0).bytes().compressed(Zstd.compress(new byte[8]), 8);
    }

    private void assertIsLost(IpcMessage message) {
        memory.isExhausted = true;
        assertThatThrownBy(() -> reader.read(message))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("for the test");
        memory.isExhausted = false;
        assertThat(message.refCnt()).isZero();
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    @Test
    void losesOneBatchAndReadsTheNext() {
        reader.read(BatchReaderTest.schema(IpcField.of("n", true, INT8)));

        assertIsLost(compressed().recordBatch(8));

        try (VectorBatch batch = reader.read(compressed().recordBatch(8))) {
            assertThat(batch.rowCount()).isEqualTo(8);
        }
    }

    @Test
    void readsNoMoreWithoutADictionary() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(7, INT8, false);
        reader.read(BatchReaderTest.schema(new IpcField("d", true, INT8, encoding, List.of())));

        assertIsLost(compressed().dictionary(7, false, 8));

        IpcMessage batch = compressed().recordBatch(8);
        assertThatThrownBy(() -> reader.read(batch))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a schema or dictionary was lost")
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(batch.refCnt()).isZero();
    }

    /** Confined to the test's thread. */
    private static final class Exhaustible extends AbstractByteBufAllocator {
        private boolean isExhausted;

        private Exhaustible() {
            super(true);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (isExhausted) {
                throw new OutOfMemoryError("for the test");
            }
            return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
