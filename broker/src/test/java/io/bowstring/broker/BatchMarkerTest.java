package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BatchMarkerTest {
    private static final IpcMetadataEdit EDIT = new IpcMetadataEdit("", Map.of("k", "v"));

    private final TrackingAllocator allocator = new TrackingAllocator();
    private final MemoryBudget budget = new MemoryBudget(64 << 20, () -> {});
    private final TopicMemory memory = new TopicMemory(budget);
    private final BatchMarker marker = new BatchMarker(16 << 20, memory, allocator);
    private final List<IpcRecordBatch> marked = new ArrayList<>();

    @AfterEach
    void freesAllMemory() {
        marked.forEach(IpcRecordBatch::release);
        assertThat(allocator.usedBytes()).isZero();
        assertThat(memory.usedBytes()).isZero();
    }

    private void mark(IpcRecordBatch batch, long followingBytes) {
        memory.add(Publication.weightBytes(batch));
        marked.add(marker.mark(batch, EDIT, followingBytes));
    }

    private void markBurst(int batches) {
        for (int i = batches - 1; i >= 0; i--) {
            mark(Messages.batch(i, allocator), i * Messages.BATCH_WEIGHT);
        }
    }

    private boolean adjoin(int first, int second) {
        IpcRecordBatch before = marked.get(first);
        return before.frame().memoryAddress() + before.frameBytes()
                == marked.get(second).frame().memoryAddress();
    }

    @Test
    void putsABurstOfSmallBatchesIntoOneBuffer() {
        markBurst(3);

        assertThat(adjoin(0, 1)).isTrue();
        assertThat(adjoin(1, 2)).isTrue();
        assertThat(marked)
                .allSatisfy(batch -> assertThat(batch.customMetadata()).containsExactly(Map.entry("k", "v")));
    }

    @Test
    void countsTheBatchesOfABurstUntilTheLastIsFree() {
        markBurst(3);

        marked.remove(0).release();
        marked.remove(1).release();
        assertThat(memory.usedBytes()).isEqualTo(3 * Messages.BATCH_WEIGHT);

        marked.remove(0).release();
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void givesABatchThatComesAloneABufferOfItsOwn() {
        markBurst(1);
        markBurst(1);

        marked.remove(0).release();

        assertThat(memory.usedBytes()).isEqualTo(Messages.BATCH_WEIGHT);
    }

    @Test
    void givesALargeBatchABufferOfItsOwnAndGoesOnBehindIt() {
        mark(Messages.batch(0, allocator), 2 * Messages.BATCH_WEIGHT);
        mark(Messages.longBatch(3_000, 0, allocator), 2 * Messages.BATCH_WEIGHT);
        mark(Messages.batch(1, allocator), Messages.BATCH_WEIGHT);
        mark(Messages.batch(2, allocator), 0);
        long small = 3 * Messages.BATCH_WEIGHT;

        assertThat(adjoin(0, 2)).isTrue();
        assertThat(memory.usedBytes()).isGreaterThan(small + 24_000);
        marked.remove(1).release();
        assertThat(memory.usedBytes()).isEqualTo(small);
    }

    @Test
    void beginsAnotherBufferWhereOneIsFull() {
        markBurst(1_000);

        for (int i = 0; i < 900; i++) {
            marked.remove(0).release();
        }

        assertThat(memory.usedBytes()).isBetween(100 * Messages.BATCH_WEIGHT, 300 * Messages.BATCH_WEIGHT);
        assertThat(allocator.usedBytes()).isLessThan(2 * 64 << 10);
    }

    @Test
    void takesNoMoreThanASmallPartOfAWindowAtATime() {
        BatchMarker small = new BatchMarker(16 * 4 * Messages.BATCH_WEIGHT - 1, memory, allocator);
        IpcRecordBatch batch = Messages.batch(0, allocator);

        assertThat(small.isSmall(batch)).isFalse();
        assertThat(new BatchMarker(16 * 4 * Messages.BATCH_WEIGHT, memory, allocator).isSmall(batch))
                .isTrue();
        TopicMemory tight = new TopicMemory(new MemoryBudget(64 * 4 * Messages.BATCH_WEIGHT - 1, () -> {}));
        assertThat(new BatchMarker(16 << 20, tight, allocator).isSmall(batch)).isFalse();
        batch.release();
    }

    @Test
    void letsGoOfABufferWhereNoMoreFollowAfterAll() {
        mark(Messages.batch(0, allocator), 5 * Messages.BATCH_WEIGHT);

        marker.endRun();
        marked.remove(0).release();

        assertThat(allocator.usedBytes()).isZero();
    }

    @Test
    void countsWhatABufferKeepsOfThoseWhoDidNotFollow() {
        mark(Messages.batch(0, allocator), 5 * Messages.BATCH_WEIGHT);

        marker.endRun();

        assertThat(memory.usedBytes()).isEqualTo(6 * Messages.BATCH_WEIGHT);
        assertThat(allocator.usedBytes()).isLessThanOrEqualTo(memory.usedBytes());
    }

    @Test
    void goesOnInItsBufferWhereBatchesWereHeldUp() {
        mark(Messages.batch(0, allocator), 5 * Messages.BATCH_WEIGHT);
        marker.onHeldUp();
        mark(Messages.batch(1, allocator), 0);

        assertThat(adjoin(0, 1)).isTrue();
    }

    @Test
    void letsGoOfABufferOfBatchesHeldUpWhereMemoryIsTight() {
        mark(Messages.batch(0, allocator), 5 * Messages.BATCH_WEIGHT);
        memory.add(budget.limitBytes());

        marker.onHeldUp();
        marked.remove(0).release();

        assertThat(allocator.usedBytes()).isZero();
        memory.remove(budget.limitBytes());
    }

    @Test
    void losesNothingWhereMemoryRunsOut() {
        IpcRecordBatch batch = Messages.batch(0, allocator);
        allocator.setExhausted(true);

        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> marker.mark(batch, EDIT, Messages.BATCH_WEIGHT));

        assertThat(batch.refCnt()).isZero();
        allocator.setExhausted(false);
    }
}
