package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails in the middle leaves nothing behind. */
@ExtendWith(LeakDetection.class)
class BatchWriterFailuresTest {
    private static final DictionaryProvider NONE = new DictionaryProvider.MapDictionaryProvider();
    private static final PooledByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;
    private static final BatchWriterConfig COMPRESSED =
            BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD).withZeroedNulls(true);

    @ParameterizedTest
    @ValueSource(ints = {10, 1500})
    void releasesAllWhereCompressionFails(int rows) {
        for (BufferAllocator allocator : allocators()) {
            for (int failure = 0; failure < 60; failure += 7) {
                int[] left = {failure};
                BodyCompressor compressor = (bytes, memory) -> {
                    if (left[0]-- == 0) {
                        throw new IllegalStateException("for the test");
                    }
                    return left[0] % 2 == 0 ? memory.directBuffer().writeByte(1) : null;
                };
                assertFails(rows, allocator, new BatchUnloader(COMPRESSED, compressor, POOL), POOL);
            }
            allocator.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1500})
    void releasesAllWhereThereIsNoMemory(int rows) {
        for (BufferAllocator allocator : allocators()) {
            for (BatchWriterConfig config : List.of(COMPRESSED, COMPRESSED.withCompression(IpcCompression.LZ4_FRAME))) {
                for (int failure = 0; failure < 100; failure += 13) {
                    ByteBufAllocator memory = new FailingAllocator(failure);
                    assertFails(rows, allocator, new BatchUnloader(config, memory), memory);
                }
            }
            assertFails(
                    rows,
                    allocator,
                    new BatchUnloader(BatchWriterConfig.DEFAULTS, new FailingAllocator(0)),
                    new FailingAllocator(0));
            allocator.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void compressorsReleaseTheirMemoryWhateverIsThrown(IpcCompression compression) {
        ByteBuf released = POOL.directBuffer(64).writeZero(64);
        released.release(); // a caller's mistake

        assertThatThrownBy(() -> BodyCompressor.of(compression, 3).compress(released, POOL))
                .isInstanceOf(IllegalReferenceCountException.class);
    }

    @Test
    void releasesWhatWasZeroedOfVectorsWithWrongOffsets() {
        try (BufferAllocator allocator = new NettyAllocationFactory(POOL).newRootAllocator(Long.MAX_VALUE);
                VarCharVector vector = new VarCharVector("t", allocator)) {
            vector.setSafe(0, new byte[8]);
            vector.setNull(1);
            vector.setValueCount(2);
            vector.getOffsetBuffer().setInt(8, 4); // the null ends before it begins
            try (VectorSchemaRoot root = VectorSchemaRoot.of(vector);
                    BatchWriter writer = new BatchWriter(
                            root.getSchema(),
                            NONE,
                            BatchWriterConfig.DEFAULTS.withZeroedNulls(true).withDeltas(false),
                            POOL)) {
                root.setRowCount(2);
                vector.getOffsetBuffer().setInt(8, 4);

                assertThatThrownBy(() -> writer.copy(root, Map.of())).isInstanceOf(RuntimeException.class);
            }
        }
    }

    private static List<BufferAllocator> allocators() {
        return List.of(
                new NettyAllocationFactory(POOL).newRootAllocator(Long.MAX_VALUE),
                ForeignAllocations.newRootAllocator(Long.MAX_VALUE));
    }

    private static void assertFails(
            int rows, BufferAllocator allocator, BatchUnloader unloader, ByteBufAllocator memory) {
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(SampleVectors.FIELDS), allocator);
                BatchWriter writer =
                        new BatchWriter(root.getSchema(), NONE, BatchWriterConfig.DEFAULTS, memory, unloader)) {
            new SampleVectors(rows).fill(root, rows);

            assertThatThrownBy(() -> writer.consume(root, Map.of())).hasMessage("for the test");

            assertThat(root.getRowCount()).isZero();
            assertThat(allocator.getAllocatedMemory()).isZero();
            LeakDetection.check();
        }
    }

    @Test
    void leavesVectorsAloneWhichItCouldNotCopy() {
        try (BufferAllocator allocator = ForeignAllocations.newRootAllocator(Long.MAX_VALUE);
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(SampleVectors.FIELDS), allocator);
                BatchWriter writer =
                        new BatchWriter(root.getSchema(), NONE, BatchWriterConfig.DEFAULTS, new FailingAllocator(0))) {
            new SampleVectors(1).fill(root, 100);
            List<String> before = StockStream.texts(root, NONE);

            assertThatThrownBy(() -> writer.copy(root, Map.of())).hasMessage("for the test");

            assertThat(StockStream.texts(root, NONE)).isEqualTo(before);
        }
    }

    /** Has memory for so many buffers. Confined to the test's thread. */
    private static final class FailingAllocator extends AbstractByteBufAllocator {
        private int left;

        private FailingAllocator(int buffers) {
            this.left = buffers;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return POOL.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (left-- == 0) {
                throw new OutOfMemoryError("for the test");
            }
            return POOL.directBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return true;
        }
    }
}
