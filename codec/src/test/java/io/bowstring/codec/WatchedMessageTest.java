package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages that tell when their memory is free. */
@ExtendWith(LeakDetection.class)
class WatchedMessageTest {
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final AtomicInteger freed = new AtomicInteger();

    private static IpcRecordBatch batch() {
        ByteBuf values = Unpooled.buffer().writeLongLE(42);
        return PlainBatch.of(1, List.of(new PlainBatch.Node(1, 0)), List.of(Unpooled.EMPTY_BUFFER, values), ALLOCATOR);
    }

    private IpcRecordBatch watched() {
        return batch().watched(freed::incrementAndGet, ALLOCATOR);
    }

    @Test
    void showsTheSameBytesAtTheSamePlace() {
        IpcRecordBatch plain = batch();
        long address = plain.frame().memoryAddress();
        byte[] bytes = ByteBufUtil.getBytes(plain.frame());
        int pinned = plain.pinnedBytes();

        IpcRecordBatch batch = plain.watched(freed::incrementAndGet, ALLOCATOR);

        assertThat(ByteBufUtil.getBytes(batch.frame())).isEqualTo(bytes);
        assertThat(batch.frame().memoryAddress()).isEqualTo(address);
        assertThat(batch.pinnedBytes()).isEqualTo(pinned);
        assertThat(batch.rowCount()).isOne();
        assertThat(batch.buffer(1, 8).readLongLE()).isEqualTo(42);
        batch.release();
    }

    @Test
    void tellsOnceWhenTheLastReferenceIsDropped() {
        IpcRecordBatch batch = watched();
        ByteBuf frame = batch.retainedFrame();
        ByteBuf slice = batch.body().retainedSlice(0, 8);

        batch.release();
        frame.release();
        assertThat(freed).hasValue(0);

        slice.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void isEditedLikeAnyOther() {
        IpcRecordBatch batch = watched();
        IpcRecordBatch held = batch.retain();

        IpcRecordBatch edited = batch.edited(new IpcMetadataEdit("", Map.of("a", "b")), ALLOCATOR);

        assertThat(edited.customMetadata()).containsExactly(Map.entry("a", "b"));
        assertThat(held.customMetadata()).isEmpty();
        held.release();
        assertThat(freed).hasValue(1);
        edited.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void copiesWhatIsNotInOneDirectBufferOrReadOnly() {
        IpcRecordBatch direct = batch();
        byte[] bytes = ByteBufUtil.getBytes(direct.frame());
        for (ByteBuf frame : List.of(
                Unpooled.wrappedBuffer(bytes),
                ALLOCATOR.directBuffer().writeBytes(bytes).asReadOnly(),
                ALLOCATOR
                        .compositeDirectBuffer()
                        .addComponent(true, ALLOCATOR.directBuffer().writeBytes(bytes, 0, 16))
                        .addComponent(true, ALLOCATOR.directBuffer().writeBytes(bytes, 16, bytes.length - 16)))) {
            freed.set(0);
            Frame read = new Frame(frame, direct.bytes().header(), 0);

            IpcRecordBatch batch = new IpcRecordBatch(read, read.reader()).watched(freed::incrementAndGet, ALLOCATOR);

            assertThat(frame.refCnt()).isZero();
            assertThat(ByteBufUtil.getBytes(batch.frame())).isEqualTo(bytes);
            assertThat(batch.frame().isDirect()).isTrue();
            batch.release();
            assertThat(freed).hasValue(1);
        }
        direct.release();
    }

    @Test
    void releasesMemoryThatItCannotShow() {
        ByteBuf onHeap = ALLOCATOR.heapBuffer(8);

        assertThatThrownBy(() -> ForeignBuffer.over(onHeap, freed::incrementAndGet))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(onHeap.refCnt()).isZero();
        assertThat(freed).hasValue(0);
    }

    @Test
    void doesNotGrowAndIsNotThereAfterItsEnd() {
        ForeignBuffer buffer = ForeignBuffer.over(ALLOCATOR.directBuffer(8, 16), freed::incrementAndGet);

        assertThat(buffer.capacity(8)).isSameAs(buffer);
        assertThatThrownBy(() -> buffer.capacity(4)).isInstanceOf(UnsupportedOperationException.class);
        buffer.release();
        assertThatThrownBy(buffer::memoryAddress).isInstanceOf(IllegalReferenceCountException.class);
        assertThat(freed).hasValue(1);
    }
}
