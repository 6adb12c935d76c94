package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is consumed is released on every exit, and what has been begun too: for want of memory, or by a caller's mistake. */
@ExtendWith(LeakDetection.class)
class EveryExitTest {
    private static final IpcMetadataEdit ADD = new IpcMetadataEdit("", Map.of("k", "v"));
    private static final byte[] INT8_SCHEMA =
            StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));
    private static final IpcMetadataEdit MISTAKE = new IpcMetadataEdit(null, List.of());

    private final CountingAllocator memory = new CountingAllocator();

    @AfterEach
    void everythingIsFreed() {
        assertThat(memory.usedBytes()).isZero();
    }

    /** Returns a batch that has an entry; owned. */
    private IpcRecordBatch batch(FrameForm form) {
        List<ByteBuf> buffers = List.of(Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(new byte[64]));
        UnpooledByteBufAllocator heap = UnpooledByteBufAllocator.DEFAULT;
        IpcRecordBatch batch = PlainBatch.of(8, List.of(new PlainBatch.Node(8, 0)), buffers, heap);
        return form.of(batch.edited(ADD, heap), memory);
    }

    private void assertConsumed(IpcMessage message, UnaryOperator<IpcMessage> use, Class<? extends Throwable> error) {
        memory.limit(0);
        assertThatThrownBy(() -> use.apply(message)).isInstanceOf(error);
        memory.limit(Integer.MAX_VALUE);
        assertThat(message.refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void batchesAreConsumedWhateverIsThrown(FrameForm form) {
        assertConsumed(
                batch(form), message -> ((IpcRecordBatch) message).edited(MISTAKE, memory), RuntimeException.class);
        if (form != FrameForm.CONTIGUOUS) {
            assertConsumed(
                    batch(form),
                    message -> ((IpcRecordBatch) message).watched(() -> {}, memory),
                    OutOfMemoryError.class);
        }
        IpcRecordBatch held = batch(form);
        ByteBuf body = held.body().retain();
        memory.limit(0);
        assertThatThrownBy(() -> held.edited(ADD, memory)).isInstanceOf(OutOfMemoryError.class);
        memory.limit(Integer.MAX_VALUE);
        assertThat(body.release()).isTrue();
    }

    @Test
    void schemasAndDictionariesAreConsumedWhateverIsThrown() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of("k", "v"), memory);
        assertConsumed(schema, message -> ((IpcSchema) message).edited(MISTAKE, memory), RuntimeException.class);
        IpcSchema other = IpcSchema.of(List.of(), Map.of("k", "v"), memory);
        assertConsumed(other, message -> ((IpcSchema) message).edited(ADD, memory), OutOfMemoryError.class);
        assertConsumed(
                dictionary(), message -> ((IpcDictionaryBatch) message).withId(8, memory), OutOfMemoryError.class);
        assertConsumed(
                dictionary(),
                message -> ((IpcDictionaryBatch) message).editedApart(ADD, Assertions::fail, memory),
                OutOfMemoryError.class);
    }

    /** Returns a dictionary of one text; owned. */
    private IpcDictionaryBatch dictionary() {
        Frame frame = Wire.frame(DictionaryFrames.frame(7, false, "text", memory));
        return new IpcDictionaryBatch(frame, frame.reader());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void editsApartConsumeBatchesWhereTheHeapIsExhausted(int parts) {
        AtomicInteger frees = new AtomicInteger();
        IpcRecordBatch batch = batch(FrameForm.CONTIGUOUS);
        memory.limitParts(parts);

        assertThatThrownBy(() -> batch.editedApart(ADD, frees::incrementAndGet, memory))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(batch.refCnt()).isZero();
        assertThat(frees).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void framesOfTwoPartsLeaveNothingWhereTheHeapIsExhausted(int parts) {
        IpcRecordBatch batch = batch(FrameForm.CONTIGUOUS);
        ByteBuf body = memory.directBuffer(batch.body().readableBytes()).writeBytes(batch.body());
        Frame frame = batch.bytes();
        memory.limitParts(parts);

        assertThatThrownBy(() -> Frame.of(frame.metadata(), body, false, frame.header(), memory))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(body.refCnt()).isEqualTo(1);
        body.release();
        batch.release();
    }

    @Test
    void whatIsWrittenLeavesNothingWhereTheHeapIsExhausted() {
        CountingAllocator exhausted = new CountingAllocator();
        exhausted.exhaustHeap();
        List<Consumer<IpcRecordBatch>> uses = List.of(
                batch -> batch.retain().edited(ADD, exhausted), // not in place
                batch -> batch.retain().editedApart(ADD, () -> {}, exhausted),
                batch -> batch.retain().watched(() -> {}, exhausted),
                batch -> Frame.of(
                        batch.metadata(), batch.body(), true, batch.bytes().header(), exhausted),
                batch -> Frame.of(
                        batch.metadata(), batch.body(), false, batch.bytes().header(), exhausted),
                batch -> IpcSchema.of(List.of(), Map.of(), exhausted));
        for (Consumer<IpcRecordBatch> use : uses) {
            IpcRecordBatch batch = batch(FrameForm.SEVERAL_PARTS);

            assertThatThrownBy(() -> use.accept(batch)).isInstanceOf(OutOfMemoryError.class);
            assertThat(exhausted.usedBytes()).isZero();
            assertThat(batch.refCnt()).isEqualTo(1);
            batch.release();
        }
    }

    @Test
    void decodersReleaseAHeadThatCannotBeMoved() {
        byte[] message = AdvanceRuleTest.message(40, 1);
        assertDecoderEnds(IpcDecoderConfig.DEFAULTS, message, 6, CountingAllocator::exhaustHeap);
    }

    @Test
    void decodersReleaseAHeadThatCannotBeAPiece() {
        byte[] message = AdvanceRuleTest.message(2 << 20, 1);
        assertDecoderEnds(IpcDecoderConfig.DEFAULTS, Arrays.copyOf(message, 8 << 10), 6, to -> to.limitParts(0));
    }

    @Test
    void decodersReleaseWhatCannotBeHeld() {
        IpcBudget budget = new IpcBudget(IpcBudget.MIN_LIMIT_BYTES);
        byte[] message = AdvanceRuleTest.message(200_000, 1); // more than the budget: what follows it is held
        byte[] both = Wire.concat(message, Arrays.copyOf(message, 20));
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withBudget(budget);
        assertDecoderEnds(config, both, 1000, CountingAllocator::exhaustHeap);
        assertThat(budget.usedBytes()).isZero();
    }

    /** Feeds a batch in two buffers, and what follows it in the second; from that on the heap is exhausted. */
    private void assertDecoderEnds(
            IpcDecoderConfig config, byte[] bytes, int first, Consumer<CountingAllocator> exhaust) {
        try (DecoderProbe probe = new DecoderProbe(config)) {
            probe.channel.config().setAllocator(memory);
            probe.feed(INT8_SCHEMA, Arrays.copyOf(bytes, first));
            ByteBuf rest = probe.direct(Arrays.copyOfRange(bytes, first, bytes.length));
            exhaust.accept(memory);
            probe.channel.writeInbound(rest);

            assertThat(probe.errors.remove(0)).isInstanceOf(OutOfMemoryError.class);
            probe.take().forEach(IpcMessage::release);
            assertThat(memory.usedBytes()).isZero();
        }
    }

    @Test
    void memoryOfDecodersGoesBackWhereTheHeapIsExhausted() {
        memory.exhaustHeap();
        ByteBufAllocator counted = new DecoderMemory(null, new IpcBudget(IpcBudget.MIN_LIMIT_BYTES)).over(memory);
        assertThatThrownBy(() -> counted.directBuffer(100)).isInstanceOf(OutOfMemoryError.class);
        IpcBodyPool pool = new IpcBodyPool(0, memory);
        ByteBufAllocator pooled = new DecoderMemory(pool, null).over(UnpooledByteBufAllocator.DEFAULT);
        assertThatThrownBy(() -> pooled.directBuffer(100_000)).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.usedBytes()).isZero();
        pool.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"CONTIGUOUS", "TWO_PARTS"})
    void batchesThatCannotBeBuiltLeaveNothing(FrameForm form) {
        int sharedFromBytes = form == FrameForm.CONTIGUOUS ? Integer.MAX_VALUE : 64;
        ByteBuf values = Unpooled.directBuffer(64).writeZero(64);
        IpcBatchBuilder builder = new IpcBatchBuilder(null, sharedFromBytes, memory);
        builder.addNode(8, 0);
        builder.addBuffer(values);
        values.release(); // a caller's mistake: it was the builder's

        assertThatThrownBy(() -> builder.recordBatch(8, Map.of())).isInstanceOf(IllegalReferenceCountException.class);
    }
}
