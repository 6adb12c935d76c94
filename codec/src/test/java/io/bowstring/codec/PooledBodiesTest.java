package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.Loopback.Received;
import io.bowstring.codec.Loopback.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.IllegalReferenceCountException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large messages in memory of a pool. */
@ExtendWith(LeakDetection.class)
class PooledBodiesTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    private final CountingAllocator memory = new CountingAllocator();
    private final IpcBodyPool pool = new IpcBodyPool(8 * MIB, memory);
    private final IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withPool(pool);

    @AfterEach
    void close() {
        assertThat(pool.usedBytes()).isZero();
        pool.close();
    }

    /** Decodes one message of which the head comes first, so that it gets a buffer of its own; owned. */
    private IpcMessage decode(byte[] message) {
        return decode(message, config);
    }

    private static IpcMessage decode(byte[] message, IpcDecoderConfig config) {
        try (DecoderProbe probe = new DecoderProbe(config)) {
            probe.feed(SCHEMA);
            probe.feed(message, Chunking.RANDOM);
            List<IpcMessage> messages = probe.take();
            messages.get(0).release();
            assertThat(ByteBufUtil.getBytes(messages.get(1).frame())).isEqualTo(message);
            return messages.get(1);
        }
    }

    @Test
    void putsLargeMessageIntoBlockThatIsUsedAgain() {
        IpcMessage first = decode(message(MIB, 1));
        assertThat(pool.usedBytes()).isEqualTo(MIB + 4 * KIB);

        first.release();
        assertThat(pool.usedBytes()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(MIB + 4 * KIB);
        decode(message(MIB - 8, 2)).release();
        assertThat(memory.requestedBytes()).isEqualTo(MIB + 4 * KIB);
    }

    @Test
    void leavesSmallMessagesToTheAllocatorOfTheChannel() {
        decode(message(60 * KIB, 1)).release();

        assertThat(memory.requestedBytes()).isZero();
    }

    @Test
    void putsBodyOnBoundary() {
        for (int i = 0; i < 5; i++) {
            IpcMessage message = decode(message(100_000 + 8 * i, 1));

            assertThat(message.body().memoryAddress() % 64).isZero();
            message.release();
        }
    }

    @Test
    void takesBlockBackFromAnyThread() throws Exception {
        IpcMessage message = decode(message(MIB, 1));
        message.retain();
        Thread other = new Thread(message::release);
        other.start();
        other.join();
        assertThat(pool.usedBytes()).isPositive();
        other = new Thread(message::release);
        other.start();
        other.join();

        assertThat(pool.usedBytes()).isZero();
        assertThat(pool.idleBytes()).isPositive();
    }

    @Test
    void failsUseAfterRelease() {
        IpcMessage message = decode(message(MIB, 1));
        ByteBuf frame = message.frame();
        ByteBuf body = message.body();
        message.release();
        IpcMessage next = decode(message(MIB, 2)); // in the same memory

        assertThatThrownBy(() -> frame.getByte(frame.readerIndex())).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(() -> body.setByte(0, 1)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(body::memoryAddress).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(body::nioBuffer).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(message::release).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(message::retain).isInstanceOf(IllegalReferenceCountException.class);
        next.release();
    }

    @Test
    void leakDetectionSeesMessageThatIsNotReleased() {
        LeakDetection.check();
        try (IpcBodyPool plain = new IpcBodyPool(8 * MIB)) {
            IpcMessage leaked = decode(message(MIB, 1), config.withPool(plain));

            assertThatThrownBy(LeakDetection::check).isInstanceOf(AssertionError.class);
            leaked.release();
            assertThatThrownBy(LeakDetection::check).isInstanceOf(AssertionError.class); // released after all
        }
    }

    @Test
    void showsNoBytesOfEarlierMessages() {
        IpcMetadataEdit edit = new IpcMetadataEdit("", Map.of("key", "1"));
        for (int bytes = 100_000; bytes < 100_064; bytes += 8) {
            byte[] message = message(bytes, bytes);
            soil();
            IpcRecordBatch pooled = (IpcRecordBatch) decode(message);
            IpcRecordBatch plain = plain(message);
            IpcRecordBatch marked = pooled.edited(edit, ByteBufAllocator.DEFAULT);
            IpcRecordBatch expected = plain.edited(edit, ByteBufAllocator.DEFAULT);

            assertThat(ByteBufUtil.getBytes(marked.frame())).isEqualTo(ByteBufUtil.getBytes(expected.frame()));
            marked.release();
            expected.release();
        }
        assertThat(memory.requestedBytes()).isEqualTo(pool.idleBytes());
    }

    /** Leaves a block that has been written to everywhere. */
    private void soil() {
        ByteBuf block = pool.take(100_000);
        for (int i = 0; i < block.capacity(); i++) {
            block.setByte(i, 0xAA);
        }
        pool.giveBack(block);
    }

    private static IpcRecordBatch plain(byte[] message) {
        try (DecoderProbe probe = new DecoderProbe().feed(SCHEMA, message)) {
            List<IpcMessage> messages = probe.take();
            messages.get(0).release();
            return (IpcRecordBatch) messages.get(1);
        }
    }

    @Test
    void survivesPoolThatIsClosedFirst() {
        IpcMessage message = decode(message(MIB, 1));
        pool.close();

        assertThat(ByteBufUtil.getBytes(message.frame())).isEqualTo(message(MIB, 1));
        message.release();
        assertThat(pool.idleBytes()).isZero();
    }

    @Test
    void refusesToGrowBlock() {
        ByteBuf buffer =
                new DecoderMemory(pool, null).over(ByteBufAllocator.DEFAULT).directBuffer(100_000, 100_000);

        assertThat(buffer.capacity()).isEqualTo(100_000);
        assertThat(buffer.capacity(100_000)).isSameAs(buffer);
        assertThat(buffer.alloc()).isSameAs(ByteBufAllocator.DEFAULT);
        assertThatThrownBy(() -> buffer.capacity(99_999))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("capacity: 99999 (expected: 100000)");
        assertThatThrownBy(() -> buffer.capacity(100_001)).isInstanceOf(IllegalArgumentException.class);
        buffer.release();
    }

    @ParameterizedTest
    @EnumSource
    void channelReadsStraightIntoBlocks(Transport transport) throws Exception {
        try (Loopback loopback = new Loopback(transport, true, channel -> {}, config)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            ReceivePathTest.receiveOne(loopback, message(3 * MIB, 0));
            long before =
                    ReceivePathTest.receiveOne(loopback, message(3 * MIB, 1)).copiedBytes();
            long requestedBytes = memory.requestedBytes();
            for (int i = 2; i < 6; i++) {
                Received received = ReceivePathTest.receiveOne(loopback, message(3 * MIB, i));

                assertThat(received.copiedBytes() - before).isZero();
                assertThat(received.bodyAddress() % 64).isZero();
            }
            assertThat(memory.requestedBytes()).isEqualTo(requestedBytes).isPositive();
        }
    }
}
