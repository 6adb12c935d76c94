package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.bowstring.protocol.BatchMarker;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProducerMark;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class FrameChecksumTest {
    private static final IpcMetadataEdit UNSET =
            new IpcMetadataEdit("bowstring.", Map.of(FrameChecksum.KEY, FrameChecksum.UNSET));

    private static IpcRecordBatch marked(IpcRecordBatch batch) {
        IpcRecordBatch marked = batch.edited(UNSET, UnpooledByteBufAllocator.DEFAULT);
        FrameChecksum.set(marked.frame());
        return marked;
    }

    private static IpcRecordBatch batch() {
        return IpcRecordBatch.of(Unpooled.copiedBuffer(Wire.BATCH));
    }

    @Test
    void isInTheMetadataOfTheBatch() {
        IpcRecordBatch batch = marked(batch());
        assertThat(batch.customMetadata().get(FrameChecksum.KEY))
                .matches("[0-9a-f]{8}")
                .isNotEqualTo("00000000");
        FrameChecksum.require(batch.frame());
        batch.release();
    }

    @Test
    void isFoundThoughThePublisherHasSentSuchAnEntry() {
        IpcMetadataEdit own = new IpcMetadataEdit("", Map.of(FrameChecksum.KEY, "12345678"));
        IpcRecordBatch batch = marked(batch().edited(own, UnpooledByteBufAllocator.DEFAULT));
        FrameChecksum.require(batch.frame());
        assertThat(batch.customMetadata().get(FrameChecksum.KEY)).isNotEqualTo("12345678");
        batch.release();
    }

    /** Of all marks that a log writes, and whatever the publisher has sent. */
    @Test
    void isFoundInEveryMark() {
        IpcMetadataEdit own =
                new IpcMetadataEdit("", Map.of("crc of mine", "bowstring.crc", FrameChecksum.KEY, "12345678"));
        for (ProducerId producer : Arrays.asList(null, new ProducerId(FrameChecksum.KEY))) {
            IpcRecordBatchRun run = IpcRecordBatchRun.of(batch().edited(own, UnpooledByteBufAllocator.DEFAULT));
            ByteBuf frame = Unpooled.buffer(1024, 1024);
            assertThat(BatchMarker.onDisk(producer).tryAppend(run, 0, 7, 8, 9, frame))
                    .isTrue();
            run.release();

            FrameChecksum.set(frame);

            FrameChecksum.require(frame);
            Map<String, String> entries = IpcRecordBatch.of(frame).customMetadata();
            assertThat(entries.get(FrameChecksum.KEY)).isNotIn(FrameChecksum.UNSET, "12345678");
            ProducerMark mark = ProducerMark.parse(entries);
            assertThat(mark == null ? null : mark.producer()).isEqualTo(producer == null ? null : producer.digest());
        }
    }

    @Test
    void isFoundInADictionaryThatOthersShare() {
        ByteBuf bytes = DictionaryFrames.frame(7, false, "text", UnpooledByteBufAllocator.DEFAULT);
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        reader.next(Unpooled.wrappedBuffer(Wire.DICTIONARY_SCHEMA)).release();
        IpcDictionaryBatch shared = (IpcDictionaryBatch) reader.next(bytes);
        bytes.release();
        byte[] before = ByteBufUtil.getBytes(shared.frame());

        IpcDictionaryBatch stored =
                shared.retain().editedApart(BatchMarker.checksumEdit(), () -> {}, UnpooledByteBufAllocator.DEFAULT);
        FrameChecksum.set(stored.frame());

        FrameChecksum.require(stored.frame());
        assertThat(ByteBufUtil.getBytes(shared.frame())).isEqualTo(before);
        stored.release();
        shared.release();
    }

    @Test
    void tellsEveryBitThatIsAnother() {
        IpcRecordBatch batch = marked(batch());
        ByteBuf frame = batch.frame();
        for (int bit = 0; bit < 8 * frame.readableBytes(); bit++) {
            ByteBuf damaged = frame.copy();
            damaged.setByte(bit / 8, damaged.getByte(bit / 8) ^ 1 << bit % 8);
            assertThatThrownBy(() -> FrameChecksum.require(damaged))
                    .as("bit %d", bit)
                    .isInstanceOf(IpcException.class);
            damaged.release();
        }
        batch.release();
    }

    @Test
    void isNotThereWhereNobodySetIt() {
        IpcRecordBatch batch = batch();
        assertThatThrownBy(() -> FrameChecksum.require(batch.frame()))
                .isInstanceOf(IpcException.class)
                .hasMessage("bowstring.crc: absent (expected: 8 digits)");
        batch.release();
    }

    @Test
    void isNotLookedForInTheBody() {
        byte[] like = ("bowstring.crc\0\0\0" + "\b\0\0\0" + "00000000").getBytes(StandardCharsets.US_ASCII);
        ByteBuf frame = Unpooled.wrappedBuffer(Wire.concat(Wire.BATCH, like));

        assertThatThrownBy(() -> FrameChecksum.set(frame)).hasMessageContaining("absent");
    }

    /** A publisher appends to the block whose first messages are being written to disk. */
    @Test
    void isSetWhileMoreMessagesAreCopiedToTheSameBuffer() {
        IpcRecordBatch unset = batch().edited(UNSET, UnpooledByteBufAllocator.DEFAULT);
        ByteBuf message = unset.frame();
        int length = message.readableBytes();
        int count = 50_000;
        ByteBuf memory = new AdaptiveByteBufAllocator(true).directBuffer(count * length);
        ByteBuf block = ForeignBuffer.over(memory, () -> {});
        AtomicInteger written = new AtomicInteger();
        CompletableFuture<Void> publisher = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                block.writeBytes(message, message.readerIndex(), length);
                written.incrementAndGet();
            }
        });

        for (int i = 0; i < count; i++) {
            while (written.get() <= i) {
                Thread.onSpinWait();
            }
            FrameChecksum.set(block.slice(i * length, length));
        }
        publisher.join();

        for (int i = 0; i < count; i++) {
            FrameChecksum.require(block.slice(i * length, length));
        }
        unset.release();
        block.release();
    }
}
