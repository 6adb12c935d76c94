package io.bowstring.server;

import static io.bowstring.codec.FrameRuns.append;
import static io.bowstring.codec.FrameRuns.batch;
import static io.bowstring.codec.FrameRuns.entry;
import static io.bowstring.codec.FrameRuns.hex;
import static io.bowstring.codec.FrameRuns.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

    @Test
    void joinsWhatStandsTogether() {
        List<IpcRecordBatch> batches = List.of(
                append(run, 1, entry("k", "1")), append(run, 2, entry("k", "2")), append(run, 3, entry("k", "3")));
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
        IpcRecordBatch first = append(run, 1, entry("k", "1"));
        IpcRecordBatch skipped = append(run, 2, entry("k", "2"));
        IpcRecordBatch third = append(run, 3, entry("k", "3"));
        List<String> expected = List.of(hex(first), hex(third), hex(skipped));

        List.of(first, third, skipped).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
    }

    @Test
    void keepsTheOrderOfWhatIsInNoRun() {
        IpcRecordBatch first = append(run, 1, entry("k", "1"));
        IpcRecordBatch alone = batch(2);
        IpcRecordBatch third = append(run, 3, entry("k", "3"));
        IpcRecordBatch fourth = append(run, 4, entry("k", "4"));
        List<String> expected = List.of(hex(first), hex(alone), hex(third) + hex(fourth));

        List.of(first, alone, third, fourth).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
    }

    @Test
    void joinsNothingOfTwoRuns() {
        ByteBuf other = run(4096, () -> {});
        IpcRecordBatch first = append(run, 1, entry("k", "1"));
        IpcRecordBatch second = append(other, 2, entry("k", "2"));
        List<String> expected = List.of(hex(first), hex(second));

        List.of(first, second).forEach(joiner::add);
        joiner.flush();

        assertThat(written).isEqualTo(expected);
        other.release();
    }

    @Test
    void dropsWhatIsHeldBack() {
        Collections.nCopies(3, 1L).forEach(value -> joiner.add(append(run, value, entry("k", "1"))));

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
