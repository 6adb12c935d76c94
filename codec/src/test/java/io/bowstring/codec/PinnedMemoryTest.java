package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a message keeps from being freed, and what is kept in its place. */
@ExtendWith(LeakDetection.class)
class PinnedMemoryTest {
    private static final int RECEIVED = 64 << 10;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    private final CountingAllocator allocator = new CountingAllocator();

    @AfterEach
    void close() {
        assertThat(allocator.usedBytes()).isZero();
    }

    /** Decodes messages that lie in one received buffer; owned. */
    private List<IpcMessage> receive(byte[]... messages) {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.writeInbound(allocator.directBuffer(RECEIVED).writeBytes(Wire.concat(messages)));
            return probe.take();
        }
    }

    /** Decodes a message that comes in two buffers; owned. */
    private IpcMessage gather(byte[] message, IpcDecoderConfig config) {
        try (DecoderProbe probe = new DecoderProbe(config)) {
            probe.feed(SCHEMA, Arrays.copyOf(message, 20), Arrays.copyOfRange(message, 20, message.length));
            List<IpcMessage> messages = probe.take();
            messages.get(0).release();
            return messages.get(1);
        }
    }

    private static void release(List<IpcMessage> messages) {
        messages.forEach(IpcMessage::release);
    }

    @Test
    void sliceOfReceivedBufferPinsTheWholeBuffer() {
        List<IpcMessage> messages = receive(SCHEMA, message(40, 1), Wire.END);

        assertThat(messages.get(0).pinnedBytes()).isEqualTo(RECEIVED);
        assertThat(messages.get(1).pinnedBytes()).isEqualTo(RECEIVED);
        assertThat(messages.get(2).pinnedBytes()).isEqualTo(8);
        release(messages);
    }

    @Test
    void messageWithBufferOfItsOwnPinsLittleMore() {
        byte[] bytes = message(100_000, 1);
        IpcMessage message = gather(bytes, IpcDecoderConfig.DEFAULTS);

        assertThat(message.pinnedBytes()).isBetween(bytes.length, bytes.length + 1024);
        message.release();
    }

    @Test
    void messageInPoolPinsItsBlock() {
        try (IpcBodyPool pool = new IpcBodyPool(0)) {
            IpcMessage message = gather(message(100_000, 1), IpcDecoderConfig.DEFAULTS.withPool(pool));

            assertThat(message.pinnedBytes()).isEqualTo(100 << 10);
            message.release();
        }
    }

    @Test
    void joinedMessagePinsHeadAndWhatItsBodyIsPartOf() {
        ByteBuf metadata = Unpooled.wrappedBuffer(Arrays.copyOfRange(Wire.BATCH, 8, 8 + 128));
        ByteBuf received = allocator.directBuffer(RECEIVED).writeBytes(Wire.BATCH, 8 + 128, 16);
        MessageHeader header = MessageHeader.read(new MetadataReader(metadata, 0, 128), IpcLimits.DEFAULTS);
        Frame frame = Frame.of(metadata, received, false, header, allocator);
        received.release();

        assertThat(Frame.pinnedBytes(frame.buffer())).isEqualTo(512 + 8 + 128 + RECEIVED);
        Frame kept = frame.toKeep(allocator);
        assertThat(Frame.pinnedBytes(kept.buffer())).isEqualTo(64 + 8 + 128 + 16);
        assertThat(ByteBufUtil.getBytes(kept.buffer())).isEqualTo(Wire.BATCH);
        kept.buffer().release();
    }

    @Test
    void keepsCopyOfWhatPinsMuch() {
        byte[] bytes = message(40, 1);
        List<IpcMessage> messages = receive(SCHEMA, bytes);
        IpcSchema schema = (IpcSchema) messages.get(0).toKeep(allocator);
        IpcRecordBatch batch = (IpcRecordBatch) messages.get(1).toKeep(allocator);

        assertThat(allocator.usedBytes()).isEqualTo(SCHEMA.length + bytes.length + 2 * 64); // the received one is gone
        assertThat(ByteBufUtil.getBytes(schema.frame())).isEqualTo(SCHEMA);
        assertThat(schema.fields()).hasSize(1);
        assertThat(ByteBufUtil.getBytes(batch.frame())).isEqualTo(bytes);
        assertThat(batch.rowCount()).isEqualTo(40);
        assertThat(batch.body().memoryAddress() % 64).isZero();
        assertThat(batch.pinnedBytes()).isEqualTo(bytes.length + 64);
        schema.release();
        batch.release();
    }

    @Test
    void keepsCopyOfDictionary() {
        List<IpcMessage> messages = receive(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH);
        messages.get(0).release();
        IpcDictionaryBatch kept = (IpcDictionaryBatch) messages.get(1).toKeep(allocator);

        assertThat(ByteBufUtil.getBytes(kept.frame())).isEqualTo(Wire.DICTIONARY_BATCH);
        assertThat(kept.pinnedBytes()).isLessThan(RECEIVED);
        kept.release();
    }

    @Test
    void keepsWhatPinsNoMoreThanTwiceItsLength() {
        int mostPinned = 2 * message(31_000, 1).length + 1024;
        assertThat(mostPinned).isLessThan(RECEIVED);
        List<IpcMessage> less = receive(SCHEMA, message(31_000, 1));
        IpcMessage copy = less.get(1).toKeep(allocator);
        assertThat(copy).isNotSameAs(less.get(1));
        copy.release();
        less.get(0).release();

        List<IpcMessage> enough = receive(SCHEMA, message(33_000, 1));
        assertThat(enough.get(1).toKeep(allocator)).isSameAs(enough.get(1));
        release(enough);
        IpcMessage own = gather(message(8, 1), IpcDecoderConfig.DEFAULTS);
        assertThat(own.toKeep(allocator)).isSameAs(own);
        own.release();
        assertThat(IpcEndOfStream.INSTANCE.toKeep(allocator)).isSameAs(IpcEndOfStream.INSTANCE);
    }

    @Test
    void consumesTheMessageWhereThereIsNoMemoryForTheCopy() {
        List<IpcMessage> messages = receive(SCHEMA);
        CountingAllocator empty = new CountingAllocator();
        empty.limit(0);

        assertThatThrownBy(() -> messages.get(0).toKeep(empty)).isInstanceOf(OutOfMemoryError.class);
        assertThat(messages.get(0).refCnt()).isZero();
    }

    @Test
    void keepsOwnCopyWhereTheMessageIsSharedWithOthers() {
        List<IpcMessage> messages = receive(SCHEMA);
        messages.get(0).retain();
        IpcMessage kept = messages.get(0).toKeep(ByteBufAllocator.DEFAULT);

        assertThat(messages.get(0).refCnt()).isEqualTo(1);
        kept.release();
        release(messages);
    }
}
