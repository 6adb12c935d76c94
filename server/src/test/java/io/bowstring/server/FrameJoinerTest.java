package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcFieldNode;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches that share a buffer are put together again where they are written. */
@ExtendWith(LeakDetection.class)
class FrameJoinerTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final ByteBuf run = run(4096, () -> {});
    private final List<String> written = new ArrayList<>();
    private final FrameJoiner joiner = new FrameJoiner(frames -> {
        written.add(ByteBufUtil.hexDump(frames));
        frames.release();
    });

    @AfterEach
    void closeRun() {
        run.release();
    }

    /** Returns a buffer that batches share; owned. */
    private static ByteBuf run(int capacityBytes, Runnable onFree) {
        return ForeignBuffer.over(ALLOCATOR.directBuffer(capacityBytes, capacityBytes), onFree);
    }

    /** Returns a batch of one column and one row, owned. */
    private static IpcRecordBatch batch(long value) {
        return IpcRecordBatch.of(
                1,
                List.of(new IpcFieldNode(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, Unpooled.copyLong(Long.reverseBytes(value))),
                ALLOCATOR);
    }

    private IpcRecordBatch append(long value, IpcMetadataEdit edit) {
        return Objects.requireNonNull(batch(value).tryEditInto(run, edit));
    }

    private static IpcMetadataEdit entry(String key, String value) {
        return new IpcMetadataEdit("x", Map.of(key, value));
    }

    private static String hex(IpcMessage message) {
        return ByteBufUtil.hexDump(message.frame());
    }

    @Test
    void joinsWhatStandsTogether() {
        List<IpcRecordBatch> batches =
                List.of(append(1, entry("k", "1")), append(2, entry("k", "2")), append(3, entry("k", "3")));
        String all = hex(batches.get(0)) + hex(batches.get(1)) + hex(batches.get(2));

        batches.forEach(joiner::add);
        assertThat(written).isEmpty();
        joiner.flush();

        assertThat(written).containsExactly(all);
        joiner.flush();
        assertThat(written).hasSize(1);
    }

    @Test
    void keepsApartWhatHasSomethingInBetween() {
        IpcRecordBatch first = append(1, entry("k", "1"));
        IpcRecordBatch skipped = append(2, entry("k", "2"));
        IpcRecordBatch third = append(3, entry("k", "3"));
        List<String> expected = List.of(hex(first), hex(third), hex(skipped));

        List.of(first, third, skipped).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
    }

    @Test
    void keepsTheOrderOfWhatIsInNoRun() {
        IpcRecordBatch first = append(1, entry("k", "1"));
        IpcRecordBatch alone = batch(2);
        IpcRecordBatch third = append(3, entry("k", "3"));
        IpcRecordBatch fourth = append(4, entry("k", "4"));
        List<String> expected = List.of(hex(first), hex(alone), hex(third) + hex(fourth));

        List.of(first, alone, third, fourth).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
    }

    @Test
    void joinsNothingOfTwoRuns() {
        ByteBuf other = run(4096, () -> {});
        IpcRecordBatch first = append(1, entry("k", "1"));
        IpcRecordBatch second = Objects.requireNonNull(batch(2).tryEditInto(other, entry("k", "2")));
        List<String> expected = List.of(hex(first), hex(second));

        List.of(first, second).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
        other.release();
    }

    @Test
    void dropsWhatIsHeldBack() {
        Collections.nCopies(3, 1L).forEach(value -> joiner.add(append(value, entry("k", "1"))));

        joiner.clear();
        joiner.flush();

        assertThat(written).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void passesOnWhateverFormABatchHasInMemory(FrameForm form) {
        IpcRecordBatch batch = form.of(batch(1), ALLOCATOR);
        String expected = hex(batch);

        joiner.add(batch);
        joiner.flush();

        assertThat(written).containsExactly(expected);
        assertThat(batch.refCnt()).isZero();
    }

    /** What is held back counts nowhere as written: a large batch would let one more come than there is room for. */
    @Test
    void passesOnABatchAtOnceThatHasItsMemoryToItself() {
        IpcRecordBatch batch = batch(1).watched(() -> {}, ALLOCATOR);
        String expected = hex(batch);

        joiner.add(batch);

        assertThat(written).containsExactly(expected);
        joiner.flush();
        assertThat(written).hasSize(1);
    }
}
