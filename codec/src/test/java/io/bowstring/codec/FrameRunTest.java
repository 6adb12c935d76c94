package io.bowstring.codec;

import static io.bowstring.codec.FrameRuns.append;
import static io.bowstring.codec.FrameRuns.batch;
import static io.bowstring.codec.FrameRuns.entry;
import static io.bowstring.codec.FrameRuns.hex;
import static io.bowstring.codec.FrameRuns.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches that share a buffer. */
@ExtendWith(LeakDetection.class)
class FrameRunTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final AtomicInteger freed = new AtomicInteger();
    private final ByteBuf run = run(4096, freed::incrementAndGet);

    @AfterEach
    void closeRun() {
        run.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void writesWhatAnEditWrites() {
        for (String value : List.of("", "1", "12345678", "ünïcödé")) {
            IpcRecordBatch expected = batch(7).edited(entry("k", value), ALLOCATOR);
            IpcRecordBatch batch = append(run, 7, entry("k", value));

            assertThat(hex(batch)).isEqualTo(hex(expected));
            assertThat(batch.customMetadata()).containsExactly(Map.entry("k", value));
            assertThat(batch.rowCount()).isEqualTo(1);
            assertThat(batch.buffer(1, 8).getLongLE(0)).isEqualTo(7);
            batch.release();
            expected.release();
        }
    }

    @Test
    void editsWhatHasBeenEdited() {
        IpcRecordBatch once = append(run, 7, new IpcMetadataEdit("", Map.of("kept", "1")));
        IpcRecordBatch again = Objects.requireNonNull(once.tryEditInto(run, entry("x", "2")));

        assertThat(again.customMetadata()).containsExactly(Map.entry("kept", "1"), Map.entry("x", "2"));
        IpcRecordBatch elsewhere = again.edited(entry("x", "3"), ALLOCATOR);
        assertThat(elsewhere.customMetadata()).containsExactly(Map.entry("kept", "1"), Map.entry("x", "3"));
        assertThat(elsewhere.buffer(1, 8).getLongLE(0)).isEqualTo(7);
        elsewhere.release();
    }

    @Test
    void refusesWhatMayNotFitAndLeavesItToTheCaller() {
        List<IpcRecordBatch> batches = new ArrayList<>();
        IpcRecordBatch next = batch(0);
        for (IpcRecordBatch taken = next.tryEditInto(run, entry("k", "v"));
                taken != null;
                taken = next.tryEditInto(run, entry("k", "v"))) {
            batches.add(taken);
            next = batch(batches.size());
        }

        assertThat(batches).hasSizeBetween(5, 20);
        assertThat(next.refCnt()).isEqualTo(1);
        next.release();
        batches.forEach(IpcMessage::release);
    }

    /** What does not fit would be written behind the end of the buffer, which throws. */
    @Test
    void neverWritesMoreThanItHasRoomFor() {
        Random random = new Random(Seeds.fresh("FrameRunTest"));
        for (int i = 0; i < 2_000; i++) {
            Map<String, String> entries = new LinkedHashMap<>();
            for (int j = random.nextInt(4); j > 0; j--) {
                entries.put("€".repeat(random.nextInt(5)) + j, "ä".repeat(random.nextInt(9)));
            }
            IpcRecordBatch batch = batch(i).edited(new IpcMetadataEdit("", entries), ALLOCATOR);
            IpcMetadataEdit edit = new IpcMetadataEdit(random.nextBoolean() ? "" : "x", entries);
            ByteBuf small = run(batch.frameBytes() + random.nextInt(600), () -> {});
            IpcRecordBatch appended = batch.tryEditInto(small, edit);
            (appended == null ? batch : appended).release();
            small.release();
        }
    }

    @Test
    void isFreeWithItsLastBatch() {
        AtomicInteger end = new AtomicInteger();
        ByteBuf other = run(4096, end::incrementAndGet);
        IpcRecordBatch first = append(other, 1, entry("k", "v"));
        IpcRecordBatch second = append(other, 2, entry("k", "v"));
        ByteBuf body = second.body().retainedSlice();

        other.release();
        first.release();
        second.release();
        assertThat(end).hasValue(0);

        body.release();
        assertThat(end).hasValue(1);
    }
}
