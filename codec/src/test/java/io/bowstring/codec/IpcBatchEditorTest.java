package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is appended is what an edit makes, byte for byte, whatever came before it. */
@ExtendWith(LeakDetection.class)
class IpcBatchEditorTest {
    private static final List<String> KEYS = List.of("key1", "new");
    private static final long[] EXTREMES = {0, 9, 10, 99, 100, Long.MAX_VALUE, 1_000_000_000_000_000_000L, -1, -10};
    private static final int MAX_BATCH_BYTES = 1 << 20;

    private static final List<Map.Entry<String, String>> TEXTS =
            List.of(Map.entry("checksum", "00000000"), Map.entry("key1", "wörd"));

    private final IpcBatchEditor editor = new IpcBatchEditor("key1", KEYS, TEXTS);

    /** Returns what an edit makes of a batch, which is consumed. */
    private static byte[] edited(IpcRecordBatch batch, long... values) {
        List<Map.Entry<String, String>> added = new ArrayList<>();
        IntStream.range(0, KEYS.size()).forEach(i -> added.add(Map.entry(KEYS.get(i), Long.toString(values[i]))));
        added.addAll(TEXTS);
        IpcRecordBatch edited = batch.edited(new IpcMetadataEdit("key1", added), UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(edited.frame());
        edited.release();
        return bytes;
    }

    /** Appends every batch of a run, and expects what edits make of them. */
    private void assertAppendsWhatEditsMake(IpcRecordBatchRun run, Random random) {
        long[] values = {random.nextInt(100), 1_764_460_800_000_000L};
        for (int i = 0; i < run.count(); i++) {
            values[0] += random.nextInt(3);
            values[random.nextInt(2)] =
                    random.nextInt(4) == 0 ? EXTREMES[random.nextInt(EXTREMES.length)] : values[random.nextInt(2)];
            IpcRecordBatch batch = run.batch(i);
            ByteBuf to = Unpooled.buffer(MAX_BATCH_BYTES, MAX_BATCH_BYTES);
            assertThat(editor.tryAppend(run, i, values, to)).isTrue();
            assertThat(ByteBufUtil.getBytes(to)).isEqualTo(edited(batch, values));
        }
    }

    @Test
    void appendsWhatAnEditMakesOfRandomBatches() {
        long fixed = Seeds.fixed("IpcBatchEditorTest", 7);
        for (long seed = fixed; seed < fixed + 200; seed++) {
            Random random = new Random(seed);
            List<byte[]> messages = new ArrayList<>();
            RandomBatches batches = new RandomBatches(random);
            messages.add(schema(batches.fields()));
            for (int i = random.nextInt(20); i >= 0; i--) {
                messages.add(batches.next());
            }
            appendAll(Wire.concat(messages.toArray(byte[][]::new)), random, "-Dbowstring.seed=" + seed);
        }
    }

    /** Of all types, with old metadata and old framing too, and twice, so that the second time nothing is new. */
    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void appendsWhatAnEditMakesOfGoldenStreams(Path file) {
        byte[] stream = GoldenStreams.read(file);
        appendAll(stream, new Random(1), file.toString());
        appendAll(stream, new Random(2), file.toString());
    }

    private void appendAll(byte[] stream, Random random, String name) {
        IpcDecoderConfig config =
                IpcDecoderConfig.DEFAULTS.withLegacyFraming(true).withBatchRuns(true);
        List<Throwable> errors = new ArrayList<>();
        try (DecoderProbe probe = new DecoderProbe(config)) {
            probe.onRun = run -> {
                try {
                    assertAppendsWhatEditsMake(run, random);
                } catch (Throwable e) { // which the channel would swallow
                    errors.add(e);
                }
            };
            probe.feed(stream);
            assertThat(probe.errors).as(name).isEmpty();
            assertThat(errors).as(name).isEmpty();
        }
    }

    @Test
    void writesNothingWithoutRoom() {
        IpcRecordBatchRun run = IpcRecordBatchRun.of(FrameRuns.batch(7));
        byte[] expected = edited(run.batch(0), 1, 2);
        ByteBuf small =
                Unpooled.buffer(expected.length + 4, expected.length + 4).writeInt(-1);
        ByteBuf smaller = Unpooled.buffer(expected.length - 1, expected.length - 1);

        assertThat(editor.tryAppend(run, 0, new long[] {1, 2}, smaller)).isFalse();
        assertThat(smaller.writerIndex()).isZero();
        assertThat(editor.tryAppend(run, 0, new long[] {1, 2}, small)).isTrue();
        assertThat(ByteBufUtil.getBytes(small.skipBytes(4))).isEqualTo(expected);
        assertThat(editor.tryAppend(run, 0, new long[] {1, 2}, small)).isFalse();
        assertThat(run.release()).isTrue();
    }

    @Test
    void writesNothingWithoutRoomForThePaddingThatOldFramingLacks() {
        byte[] batch = Wire.legacy(Wire.BATCH);
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withLegacyFraming(true));
        reader.next(Unpooled.wrappedBuffer(Wire.SCHEMA)).release();
        IpcRecordBatchRun run = Objects.requireNonNull(reader.takeRun(Unpooled.wrappedBuffer(batch)));
        byte[] expected = edited(run.batch(0), 1, 2);
        ByteBuf small = Unpooled.buffer(expected.length - 1, expected.length - 1);

        assertThat(editor.tryAppend(run, 0, new long[] {1, 2}, small)).isFalse();
        assertThat(small.writerIndex()).isZero();
        assertThat(run.release()).isTrue();
    }

    @Test
    void wantsAValueForEachKey() {
        IpcRecordBatchRun run = IpcRecordBatchRun.of(FrameRuns.batch(7));
        ByteBuf to = Unpooled.buffer(1024, 1024);

        for (long[] values : new long[][] {{1}, {1, 2, 3}}) {
            assertThatThrownBy(() -> editor.tryAppend(run, 0, values, to)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> editor.toEdit(values)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(to.writerIndex()).isZero();
        run.release();
    }

    @Test
    void saysTheEditThatMakesTheSame() {
        List<Map.Entry<String, String>> added =
                new ArrayList<>(List.of(Map.entry("key1", "-7"), Map.entry("new", "8")));
        added.addAll(TEXTS);

        assertThat(editor.toEdit(-7, 8)).isEqualTo(new IpcMetadataEdit("key1", added));
    }

    /** One read brings hundreds of batches: what they leave to the garbage collector is what a run says of each. */
    @Test
    void leavesHardlyAnyGarbageBehind() {
        assertThat(garbageBytes(Wire.BATCH)).isLessThanOrEqualTo(64);
    }

    @Test
    void leavesHardlyAnyGarbageBehindWhereThreeKindsOfBatchesTakeTurns() {
        assertThat(garbageBytes(Wire.BATCH, withEntry("short"), withEntry("not so short as the other one")))
                .isLessThanOrEqualTo(64);
    }

    private static byte[] withEntry(String value) {
        IpcRecordBatch batch = IpcRecordBatch.of(Unpooled.copiedBuffer(Wire.BATCH))
                .edited(new IpcMetadataEdit("", Map.of("key", value)), UnpooledByteBufAllocator.DEFAULT);
        byte[] frame = ByteBufUtil.getBytes(batch.frame());
        batch.release();
        return frame;
    }

    /** Returns how much memory each batch takes that nothing keeps, where kinds of batches come in turns. */
    private static long garbageBytes(byte[]... kinds) {
        int batches = 900;
        byte[] stream = Wire.concat(
                Collections.nCopies(batches / kinds.length, Wire.concat(kinds)).toArray(byte[][]::new));
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        reader.next(Unpooled.wrappedBuffer(Wire.SCHEMA)).release();
        IpcBatchEditor editor = new IpcBatchEditor("key1", KEYS, TEXTS);
        ByteBuf in = Unpooled.wrappedBuffer(stream);
        ByteBuf to = Unpooled.buffer(800 * batches, 800 * batches);
        long[] values = {1_000_000, 1_764_460_800_000_000L};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        for (int round = 0; round < 20; round++) { // the last counts: the first ones load classes
            long before = threads.getCurrentThreadAllocatedBytes();
            IpcRecordBatchRun run = reader.takeRun(in.setIndex(0, stream.length));
            to.clear();
            for (int i = 0; i < batches; i++) {
                values[0]++;
                assertAppended(editor.tryAppend(run, i, values, to));
            }
            run.release();
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return bytes / batches;
    }

    private static void assertAppended(boolean isAppended) {
        if (!isAppended) {
            throw new AssertionError("no room");
        }
    }
}
