package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Builders that build one batch after another, and the memory that short frames share. */
@ExtendWith(LeakDetection.class)
class ReusedBatchBuilderTest {
    private static final DirtyAllocator ALLOCATOR = new DirtyAllocator(0x5A);

    private static IpcBatchBuilder builder(@Nullable IpcCompression compression) {
        return new IpcBatchBuilder(compression, IpcBatchBuilder.SHARED_FROM_BYTES, ALLOCATOR);
    }

    /** Builds a batch of so many numbers, which are copied, and clears the builder. */
    private static IpcRecordBatch copied(IpcBatchBuilder builder, int rows) {
        IpcBatchBuilder.Source source = (index, to) -> {
            for (int i = 0; i < rows; i++) {
                to.writeLongLE(100L * index + i);
            }
        };
        builder.addNode(rows, 0);
        builder.addCopied(0, source);
        builder.addCopied(Long.BYTES * rows, source);
        IpcRecordBatch batch = builder.recordBatch(rows, Map.of("rows", Integer.toString(rows)));
        builder.clear();
        return batch;
    }

    @Test
    void buildsEachBatchAsAFreshBuilderWould() {
        int[] rows = {1, 500, 3, 0, 2_000, 7};
        try (IpcBatchBuilder used = builder(null)) {
            for (int count : rows) {
                try (IpcBatchBuilder fresh = builder(null)) {
                    IpcRecordBatch expected = copied(fresh, count);
                    IpcRecordBatch batch = copied(used, count);

                    assertThat(batch.frame()).isEqualTo(expected.frame());
                    assertThat(FrameForm.bodyAddress(batch) % 64).isZero();
                    expected.release();
                    batch.release();
                }
            }
        }
    }

    private static ByteBuf root(ByteBuf view) {
        return view.unwrap() == null ? view : root(view.unwrap());
    }

    @Test
    void marksWhatIsCopiedIntoACompressedBatchAsNotCompressed() {
        try (IpcBatchBuilder builder = builder(IpcCompression.ZSTD)) {
            IpcRecordBatch copied = copied(builder, 2);
            ByteBuf numbers = ALLOCATOR.directBuffer(16).writeLongLE(100).writeLongLE(101);
            builder.addNode(2, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(numbers);
            IpcRecordBatch added = builder.recordBatch(2, Map.of("rows", "2"));

            assertThat(copied.frame()).isEqualTo(added.frame());
            copied.release();
            added.release();
        }
    }

    @Test
    void letsShortFramesShareMemoryThatLivesAsLongAsTheLast() {
        List<IpcRecordBatch> batches = new ArrayList<>();
        List<ByteBuf> memory = new ArrayList<>();
        try (IpcBatchBuilder builder = builder(null)) {
            for (int i = 0; i < 1_000; i++) { // some 250 bytes each
                batches.add(copied(builder, 1 + i % 3));
                ByteBuf slab = root(batches.get(i).frame());
                if (i > 0 && (memory.isEmpty() || memory.get(memory.size() - 1) != slab)) {
                    memory.add(slab);
                }
            }
        }
        assertThat(memory).hasSizeBetween(3, 8);
        assertThat(batches.get(0).pinnedBytes()).isLessThan(2_000); // the first: a builder may be for one batch

        batches.subList(0, 999).forEach(IpcRecordBatch::release);

        for (ByteBuf slab : memory.subList(0, memory.size() - 1)) {
            assertThat(slab.refCnt()).isZero();
        }
        assertThat(batches.get(999).buffer(1, Long.BYTES).getLongLE(0)).isEqualTo(100);
        batches.get(999).release();
    }

    @Test
    void givesAFrameThatIsNotShortABufferOfItsOwn() {
        try (IpcBatchBuilder builder = builder(null)) {
            copied(builder, 1).release();
            IpcRecordBatch longest = copied(builder, 900);
            IpcRecordBatch longer = copied(builder, 1_024);

            assertThat(longest.frameBytes()).isLessThanOrEqualTo(IpcBatchBuilder.SHORT_FRAME_BYTES);
            assertThat(longest.pinnedBytes()).isEqualTo(64 << 10);
            assertThat(longer.pinnedBytes()).isLessThan(10 << 10);
            longest.release();
            longer.release();
        }
    }

    @Test
    void isUsableAfterABatchThatCouldNotBeBuilt() {
        try (IpcBatchBuilder builder = builder(null)) {
            copied(builder, 1).release();
            builder.addNode(1, 0);
            builder.addBuffer(ALLOCATOR.directBuffer(8).writeZero(8));
            builder.addCopied(8, (index, to) -> {
                throw new IllegalStateException("by the test");
            });
            assertThatThrownBy(() -> builder.recordBatch(1, Map.of())).hasMessage("by the test");
            builder.clear();

            IpcRecordBatch batch = copied(builder, 2);

            assertThat(batch.rowCount()).isEqualTo(2);
            assertThat(batch.buffer(1, 16).getLongLE(8)).isEqualTo(101);
            batch.release();
        }
    }
}
