package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What takes a message's body, in whatever form that stands in memory: the same bytes, and one count for all views. */
@ExtendWith(LeakDetection.class)
class FrameFormTest {
    private static final int BODY_BYTES = 4 * 64;

    private final CountingAllocator memory = new CountingAllocator();

    @AfterEach
    void everythingIsFreed() {
        assertThat(memory.usedBytes()).isZero();
    }

    /** Returns a batch of four columns of 16 ints; owned. */
    private IpcRecordBatch batch(FrameForm form) {
        ByteBuf values = Unpooled.buffer();
        for (int i = 0; i < 64; i++) {
            values.writeIntLE(i);
        }
        List<PlainBatch.Node> nodes = List.of(node(), node(), node(), node());
        ByteBuf none = Unpooled.EMPTY_BUFFER;
        List<ByteBuf> buffers = List.of(
                none,
                values.slice(0, 64),
                none,
                values.slice(64, 64),
                none,
                values.slice(128, 64),
                none,
                values.slice(192, 64));
        return form.of(PlainBatch.of(16, nodes, buffers, UnpooledByteBufAllocator.DEFAULT), memory);
    }

    private static PlainBatch.Node node() {
        return new PlainBatch.Node(16, 0);
    }

    @ParameterizedTest
    @EnumSource
    void eachViewOfABodyHasIndicesOfItsOwn(FrameForm form) {
        IpcRecordBatch batch = batch(form);

        batch.body().skipBytes(100);

        assertThat(batch.body().readableBytes()).isEqualTo(BODY_BYTES);
        assertThat(batch.body()).isNotSameAs(batch.body());
        assertThat(batch.body().readIntLE()).isZero();
        assertThat(batch.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aReferenceToABodyIsOneToItsMessage(FrameForm form) {
        IpcRecordBatch batch = batch(form);

        ByteBuf body = batch.body().retain();
        assertThat(batch.refCnt()).isEqualTo(2);
        assertThat(batch.release()).isFalse();
        assertThat(body.getIntLE(4 * 63)).isEqualTo(63);

        assertThat(body.release()).isTrue();
        assertThat(batch.refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aSliceOfABodyOutlivesTheMessage(FrameForm form) {
        IpcRecordBatch batch = batch(form);

        ByteBuf slice = batch.body().retainedSlice(128, 4);
        assertThat(batch.release()).isFalse();

        assertThat(slice.readIntLE()).isEqualTo(32);
        assertThat(slice.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void showsABodyInOnePartWithoutACopy(FrameForm form) {
        IpcRecordBatch batch = batch(form);
        long before = memory.requestedBytes();

        assertThat(batch.body().nioBuffer().isDirect()).isEqualTo(form != FrameForm.SEVERAL_PARTS);

        assertThat(memory.requestedBytes()).isEqualTo(before);
        batch.release();
    }

    @ParameterizedTest
    @EnumSource
    void selectsColumns(FrameForm form) {
        IpcField number = IpcField.of("n", true, IpcType.INT32);
        IpcSchema schema = IpcSchema.of(List.of(number, number, number, number), Map.of(), memory);
        IpcSelection selection = IpcSelection.of(schema, List.of(3, 1));
        schema.release();
        IpcRecordBatch batch = batch(form);
        batch.body().skipBytes(8); // which is nobody else's business

        IpcRecordBatch selected = selection.select(batch.retain(), memory);
        assertThat(batch.release()).isFalse();

        assertThat(selected.buffer(1, 64).getIntLE(0)).isEqualTo(48);
        assertThat(selected.buffer(3, 64).getIntLE(0)).isEqualTo(16);
        IpcRecordBatch one =
                IpcSelection.of(schemaOf(number, number), List.of(1)).select(selected.retain(), memory);
        selected.release();
        assertThat(one.buffer(1, 64).getIntLE(60)).isEqualTo(31);
        assertThat(one.release()).isTrue();
    }

    /** Returns a schema that lives as long as the test's heap. */
    private static IpcSchema schemaOf(IpcField... fields) {
        IpcSchema schema = IpcSchema.of(List.of(fields), Map.of(), UnpooledByteBufAllocator.DEFAULT);
        schema.release();
        return schema;
    }

    @ParameterizedTest
    @EnumSource
    void readsBuffersOfABatch(FrameForm form) {
        IpcRecordBatch batch = batch(form);
        batch.body().skipBytes(8);

        ByteBuf buffer = batch.buffer(5, 64).retain();
        batch.release();

        assertThat(buffer.readIntLE()).isEqualTo(32);
        assertThat(buffer.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void editsWhatOthersHoldTheBodyOf(FrameForm form) {
        IpcRecordBatch batch = batch(form);
        ByteBuf body = batch.body().retain();
        byte[] expected = ByteBufUtil.getBytes(body);

        IpcRecordBatch edited = batch.edited(ReRootingTest.add("k", "v"), memory);

        assertThat(edited.customMetadata()).containsEntry("k", "v");
        assertThat(ByteBufUtil.getBytes(edited.body())).isEqualTo(expected);
        assertThat(edited.release()).isTrue();
        assertThat(ByteBufUtil.getBytes(body)).isEqualTo(expected);
        assertThat(body.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void editsApartFromABodyThatIsShared(FrameForm form) {
        IpcRecordBatch batch = batch(form);
        byte[] expected = ByteBufUtil.getBytes(batch.body());
        IpcRecordBatch plain = batch.retain().edited(ReRootingTest.add("k", "v"), memory);
        AtomicInteger frees = new AtomicInteger();

        IpcRecordBatch edited = batch.retain().editedApart(ReRootingTest.add("k", "v"), frees::incrementAndGet, memory);

        assertThat(ByteBufUtil.getBytes(edited.frame())).isEqualTo(ByteBufUtil.getBytes(plain.frame()));
        assertThat(edited.customMetadata()).containsEntry("k", "v");
        assertThat(edited.rowCount()).isEqualTo(batch.rowCount());
        assertThat(plain.release()).isTrue();
        assertThat(frees).hasValue(0);
        assertThat(edited.release()).isTrue();
        assertThat(frees).hasValue(1);
        assertThat(ByteBufUtil.getBytes(batch.body())).isEqualTo(expected);
        assertThat(batch.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void isTheSameMessageHoweverItIsKept(FrameForm form) {
        assertSameBytes(form, message -> message.toKeep(memory));
        assertSameBytes(form, message -> message.watched(() -> {}, memory));
        assertSameBytes(form, message -> message.watched(() -> {}, memory).toKeep(memory));
    }

    private void assertSameBytes(FrameForm form, UnaryOperator<IpcRecordBatch> keep) {
        IpcRecordBatch batch = batch(form);
        byte[] expected = ByteBufUtil.getBytes(batch.frame());
        batch.body().skipBytes(8);

        IpcRecordBatch kept = keep.apply(batch);

        assertThat(ByteBufUtil.getBytes(kept.frame())).isEqualTo(expected);
        assertThat(kept.release()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void passesThroughEncoder(FrameForm form) {
        EmbeddedChannel channel = new EmbeddedChannel(new IpcEncoder());
        channel.writeOutbound(IpcSchema.of(List.of(), Map.of(), memory));
        channel.<ByteBuf>readOutbound().release();
        assertIsWritten(form, channel::writeOutbound, channel);
        channel.finish();
    }

    private void assertIsWritten(FrameForm form, Consumer<IpcMessage> write, EmbeddedChannel channel) {
        IpcRecordBatch batch = batch(form);
        byte[] expected = ByteBufUtil.getBytes(batch.frame());
        write.accept(batch);
        ByteBuf written = channel.readOutbound();
        assertThat(ByteBufUtil.getBytes(written)).isEqualTo(expected);
        assertThat(written.release()).isTrue();
    }
}
