package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches that come together are handed on as one object, and are what they would be by themselves. */
@ExtendWith(LeakDetection.class)
class IpcRecordBatchRunTest {
    private static final IpcDecoderConfig CONFIG = IpcDecoderConfig.DEFAULTS.withBatchRuns(true);
    private static final byte[] BATCH = Wire.BATCH;
    private static final byte[] OTHER = Wire.inMetadata(Wire.inMetadata(BATCH, 56, "02"), 72, "02"); // 2 rows
    private static final byte[] BAD = Wire.inMetadata(BATCH, 72, "02"); // the column has fewer rows than the batch
    private static final String BAD_LENGTH = "length of field node 0: 2 (expected: 3)";

    @Test
    void isWhatCameTogether() {
        List<Object> seen = new ArrayList<>();
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> {
                seen.add(ByteBufUtil.getBytes(run.frames()));
                seen.add(IntStream.range(0, run.count()).mapToObj(run::end).toList());
                seen.add(IntStream.range(0, run.count()).mapToObj(run::rowCount).toList());
                seen.add(run.rowCount());
                seen.add(run.toString());
            };
            probe.feed(Wire.concat(Wire.SCHEMA, BATCH, OTHER, BATCH));

            assertThat(seen)
                    .containsExactly(
                            Wire.concat(BATCH, OTHER, BATCH),
                            List.of(152, 304, 456),
                            List.of(3L, 2L, 3L),
                            8L,
                            "RECORD_BATCH × 3 (456 bytes)");
        }
    }

    @Test
    void endsWhereAnotherMessageComes() {
        byte[] rows = new BatchBytes(1).node(1, 0).buffers(0, 4).message();
        byte[] stream = Wire.concat(
                Wire.DICTIONARY_SCHEMA,
                rows,
                rows,
                Wire.DICTIONARY_BATCH,
                rows,
                Wire.END,
                Wire.SCHEMA,
                BATCH,
                Wire.END);
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(stream)) {
            assertThat(probe.runs).containsExactly(2, 1, 1);
            assertThat(probe.frames()).isEqualTo(stream);
            assertThat(probe.kinds())
                    .containsExactly(
                            IpcKind.SCHEMA,
                            IpcKind.RECORD_BATCH,
                            IpcKind.RECORD_BATCH,
                            IpcKind.DICTIONARY_BATCH,
                            IpcKind.RECORD_BATCH,
                            IpcKind.END_OF_STREAM,
                            IpcKind.SCHEMA,
                            IpcKind.RECORD_BATCH,
                            IpcKind.END_OF_STREAM);
        }
    }

    @Test
    void hasNeitherLongBatchesNorThoseThatWereGathered() {
        byte[] schema = StructureProbe.schema(field(IpcType.INT32));
        byte[] fits = longBatch(IpcRecordBatchRun.MAX_FRAME_BYTES);
        byte[] tooLong = longBatch(IpcRecordBatchRun.MAX_FRAME_BYTES + 8);
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.feed(Wire.concat(schema, fits, fits, tooLong, fits, tooLong));
            assertThat(probe.runs).containsExactly(2, 1);
            assertThat(probe.messages).hasSize(6);

            byte[] two = Wire.concat(fits, fits);
            probe.feed(Arrays.copyOf(two, 2), Arrays.copyOfRange(two, 2, two.length));
            assertThat(probe.runs).containsExactly(2, 1, 1);
            assertThat(probe.messages).hasSize(8);
        }
    }

    private static byte[] longBatch(int frameBytes) {
        int head = new BatchBytes(1).node(1, 0).buffers(0, 4).message().length - 8;
        byte[] batch =
                new BatchBytes(1).node(1, 0).buffers(0, frameBytes - head).message();
        assertThat(batch).hasSize(frameBytes);
        return batch;
    }

    @Test
    void comesBeforeTheViolationThatEndsIt() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(Wire.concat(Wire.SCHEMA, BATCH, OTHER, BAD, BATCH))) {
            assertThat(probe.runs).containsExactly(2);
            assertThat(probe.messages).hasSize(3);
            assertThat(probe.error()).hasMessage(BAD_LENGTH);
        }
    }

    @Test
    void aDecoderThatFailsAtARunFiresNothingAfterIt() {
        RuntimeException cause = new IllegalStateException("enough");
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> probe.decoder.fail(cause);
            probe.feed(Wire.concat(Wire.SCHEMA, BATCH, BAD));

            assertThat(probe.errors).containsExactly(cause);
            assertThat(probe.messages).hasSize(2);
            probe.errors.clear();
        }
    }

    @Test
    void aDecoderThatIsRemovedAtARunPassesOnWhatComesAfterIt() {
        byte[] rest = Wire.concat(BAD, BATCH);
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> probe.channel.pipeline().remove(probe.decoder);
            probe.feed(Wire.concat(Wire.SCHEMA, BATCH, rest));

            assertThat(probe.messages).hasSize(2);
            assertThat(probe.others).singleElement().isInstanceOf(ByteBuf.class);
            assertThat(ByteBufUtil.getBytes((ByteBuf) probe.others.get(0))).isEqualTo(rest);
        }
    }

    @Test
    void holdsItsMemoryUntilTheLastReferenceToItOrItsBatches() {
        List<IpcRecordBatchRun> kept = new ArrayList<>();
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> kept.add(run.retain().touch("here"));
            ByteBuf in = probe.direct(Wire.concat(Wire.SCHEMA, BATCH, OTHER));
            probe.channel.writeInbound(in);
            probe.take().forEach(IpcMessage::release);

            IpcRecordBatchRun run = kept.get(0);
            assertThat(in.refCnt()).isPositive();
            IpcRecordBatch batch = run.batch(1);
            assertThat(run.release()).isTrue();
            assertThat(in.refCnt()).isPositive();
            assertThat(ByteBufUtil.getBytes(batch.frame())).isEqualTo(OTHER);
            assertThat(batch.release()).isTrue();
            assertThat(in.refCnt()).isZero();
        }
    }

    @Test
    void hasNoBatchesBeforeTheFirstOrAfterTheLast() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> {
                for (int index : new int[] {-1, 1}) {
                    assertThatThrownBy(() -> run.batch(index)).isInstanceOf(IndexOutOfBoundsException.class);
                    assertThatThrownBy(() -> run.end(index)).isInstanceOf(IndexOutOfBoundsException.class);
                    assertThatThrownBy(() -> run.rowCount(index)).isInstanceOf(IndexOutOfBoundsException.class);
                }
            };
            probe.feed(Wire.concat(Wire.SCHEMA, BATCH));
            assertThat(probe.runs).containsExactly(1);
        }
    }

    /** Of old and new streams: those of V4 are edited to V5, and old framing to new. */
    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void batchesOfARunAreThoseThatComeByThemselves(Path file) {
        byte[] stream = GoldenStreams.read(file);
        IpcDecoderConfig apart = IpcDecoderConfig.DEFAULTS.withLegacyFraming(true);
        try (DecoderProbe expected = new DecoderProbe(apart).feed(stream);
                DecoderProbe probe = new DecoderProbe(apart.withBatchRuns(true)).feed(stream)) {
            long shortBatches = expected.messages.stream()
                    .filter(message -> message.kind() == IpcKind.RECORD_BATCH)
                    .filter(message -> message.frameBytes() <= IpcRecordBatchRun.MAX_FRAME_BYTES)
                    .count();
            assertThat(probe.runs.stream().mapToInt(Integer::intValue).sum()).isEqualTo((int) shortBatches);
            assertThat(probe.frames()).isEqualTo(expected.frames());
            List<IpcMessage> messages = probe.take();
            List<IpcMessage> others = expected.take();
            for (int i = 0; i < messages.size(); i++) {
                assertThat(edited(messages.get(i))).isEqualTo(edited(others.get(i)));
            }
        }
    }

    /** Returns what an edit makes of a message, which is consumed. */
    private static byte[] edited(IpcMessage message) {
        IpcMessage edited = message instanceof IpcRecordBatch batch
                ? batch.edited(ReRootingTest.add("k", "v"), UnpooledByteBufAllocator.DEFAULT)
                : message;
        byte[] bytes = ByteBufUtil.getBytes(edited.frame());
        edited.release();
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void runsAndMessagesHaveTheSameBytesHoweverTheyCome(Chunking chunking) {
        byte[] stream = Wire.concat(Wire.SCHEMA, BATCH, OTHER, OTHER, BATCH, Wire.END);
        try (DecoderProbe probe = new DecoderProbe(CONFIG).feed(stream, chunking)) {
            assertThat(probe.frames()).isEqualTo(stream);
            assertThat(probe.messages).hasSize(6);
        }
    }

    @Test
    void ofOneBatchGivesItBackAsItWas() {
        IpcRecordBatch batch = FrameRuns.batch(7);
        byte[] frame = ByteBufUtil.getBytes(batch.frame());
        long address = FrameForm.bodyAddress(batch);
        IpcRecordBatchRun run = IpcRecordBatchRun.of(batch);

        IpcRecordBatch view = run.batch(0);
        assertThat(ByteBufUtil.getBytes(view.frame())).isEqualTo(frame);
        view.release();
        IpcRecordBatch edited = run.take(0).edited(ReRootingTest.add("k", "v"), UnpooledByteBufAllocator.DEFAULT);

        assertThat(FrameForm.bodyAddress(edited)).isEqualTo(address); // in place: nobody else holds it
        assertThat(edited.rowCount()).isEqualTo(run.rowCount(0)).isOne();
        assertThat(run.end(0)).isEqualTo(frame.length);
        assertThatThrownBy(() -> run.take(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("batch 0: taken (expected: once)");
        assertThat(run.release()).isTrue();
        assertThat(edited.release()).isTrue();
    }

    @Test
    void ofOneBatchGivesItOutAsAViewWhereSomebodyElseHoldsTheRun() {
        IpcRecordBatch batch = FrameRuns.batch(7);
        IpcRecordBatchRun run = IpcRecordBatchRun.of(batch).retain();

        IpcRecordBatch first = run.take(0);
        IpcRecordBatch again = run.take(0);

        assertThat(first.frame()).isEqualTo(again.frame());
        assertThat(first.release() || again.release() || run.release()).isFalse();
        assertThat(run.release()).isTrue();
        assertThat(batch.refCnt()).isZero();
    }

    @Test
    void ofOneBatchReleasesItWhereNobodyHasTakenIt() {
        IpcRecordBatch batch = FrameRuns.batch(7);

        assertThat(IpcRecordBatchRun.of(batch).release()).isTrue();

        assertThat(batch.refCnt()).isZero();
    }

    @Test
    void givesOutOneOfSeveralBatchesAsAView() {
        try (DecoderProbe probe = new DecoderProbe(CONFIG)) {
            probe.onRun = run -> {
                IpcRecordBatch first = run.take(0);
                IpcRecordBatch again = run.take(0);
                assertThat(first.frame()).isEqualTo(again.frame());
                first.release();
                again.release();
            };
            assertThat(probe.feed(Wire.concat(Wire.SCHEMA, BATCH, OTHER)).runs).containsExactly(2);
        }
    }
}
