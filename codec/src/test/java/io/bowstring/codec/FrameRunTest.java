package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
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
    private final IpcFrameRun run = new IpcFrameRun(4096, freed::incrementAndGet, ALLOCATOR);

    @AfterEach
    void closeRun() {
        run.close();
        assertThat(freed).hasValue(1);
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
        return Objects.requireNonNull(run.tryAppend(batch(value), edit));
    }

    private static IpcMetadataEdit entry(String key, String value) {
        return new IpcMetadataEdit("x", Map.of(key, value));
    }

    private static String hex(IpcMessage message) {
        return ByteBufUtil.hexDump(message.frame());
    }

    @Test
    void writesWhatAnEditWrites() {
        for (String value : List.of("", "1", "12345678", "ünïcödé")) {
            IpcRecordBatch expected = batch(7).edited(entry("k", value), ALLOCATOR);
            IpcRecordBatch batch = append(7, entry("k", value));

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
        IpcRecordBatch once = append(7, new IpcMetadataEdit("", Map.of("kept", "1")));
        IpcRecordBatch again = Objects.requireNonNull(run.tryAppend(once, entry("x", "2")));

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
        for (IpcRecordBatch taken = run.tryAppend(next, entry("k", "v"));
                taken != null;
                taken = run.tryAppend(next, entry("k", "v"))) {
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
            try (IpcFrameRun small = new IpcFrameRun(batch.frameBytes() + random.nextInt(600), () -> {}, ALLOCATOR)) {
                IpcRecordBatch appended = small.tryAppend(batch, edit);
                (appended == null ? batch : appended).release();
            }
        }
    }

    @Test
    void isFreeWithItsLastBatch() {
        AtomicInteger end = new AtomicInteger();
        IpcFrameRun other = new IpcFrameRun(4096, end::incrementAndGet, ALLOCATOR);
        IpcRecordBatch first = Objects.requireNonNull(other.tryAppend(batch(1), entry("k", "v")));
        IpcRecordBatch second = Objects.requireNonNull(other.tryAppend(batch(2), entry("k", "v")));
        ByteBuf body = second.body().retainedSlice();

        other.close();
        first.release();
        second.release();
        assertThat(end).hasValue(0);

        body.release();
        assertThat(end).hasValue(1);
    }
}
