package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a channel's read loop gets from the allocator, step by step. */
@ExtendWith(LeakDetection.class)
@SuppressWarnings("deprecation") // the type of the handle
class IpcReceiveAllocatorTest {
    private static final int HEAD = 8 + AdvanceRuleTest.metadataBytes();
    private static final int MIB = 1 << 20;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    private final DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);
    private final RecvByteBufAllocator.Handle handle =
            probe.decoder.receiveAllocator().newHandle();
    private final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;

    @AfterEach
    void close() {
        probe.halfClose();
        probe.errors.clear();
        probe.close();
    }

    /** Does what a channel does when so many bytes have come. Returns the room that there was for them. */
    private int read(byte[] bytes) {
        handle.reset(probe.channel.config());
        ByteBuf buffer = handle.allocate(allocator);
        int room = buffer.writableBytes();
        handle.attemptedBytesRead(room);
        buffer.writeBytes(bytes, 0, Math.min(room, bytes.length));
        handle.lastBytesRead(buffer.readableBytes());
        handle.incMessagesRead(1);
        assertThat(handle.lastBytesRead()).isEqualTo(buffer.readableBytes());
        assertThat(handle.attemptedBytesRead()).isEqualTo(room);
        probe.channel.pipeline().fireChannelRead(buffer);
        handle.readComplete();
        return room;
    }

    @Test
    void isInstalledWithItsDecoderByOneCall() {
        EmbeddedChannel channel = new EmbeddedChannel();
        IpcDecoder decoder = new IpcDecoder();

        decoder.addTo(channel);

        assertThat(channel.config().<RecvByteBufAllocator>getRecvByteBufAllocator())
                .isSameAs(decoder.receiveAllocator());
        assertThat(channel.pipeline().last()).isSameAs(decoder);
        channel.finishAndReleaseAll();
    }

    @Test
    void givesTheRestOfLargeBodies() {
        byte[] message = AdvanceRuleTest.message(100_000, 1);
        probe.feed(SCHEMA, Arrays.copyOf(message, HEAD + 40_000));

        assertThat(read(new byte[10])).isEqualTo(60_000);
        assertThat(read(new byte[59_990])).isEqualTo(59_990);
        assertThat(probe.messages).hasSize(2);
        assertThat(read(message)).as("just a head").isEqualTo(HEAD);
        assertThat(read(new byte[1])).isEqualTo(100_000);
    }

    @Test
    void givesAnyBufferForSmallBodies() {
        probe.feed(SCHEMA, Arrays.copyOf(AdvanceRuleTest.message((64 << 10) - 8, 1), HEAD));

        assertThat(read(new byte[10])).isEqualTo(2048); // where adaptive receive buffers start
    }

    @Test
    void givesNoMoreThanOneMebibyteAtOnce() {
        probe.feed(SCHEMA, AdvanceRuleTest.message(2 * MIB, 1));
        probe.feed(Arrays.copyOf(AdvanceRuleTest.message(3 * MIB, 1), HEAD));

        assertThat(read(new byte[MIB])).isEqualTo(MIB);
        assertThat(read(new byte[MIB])).isEqualTo(MIB);
    }

    @Test
    void givesTheSameRoomAgainWhenNothingCame() {
        probe.feed(SCHEMA, Arrays.copyOf(AdvanceRuleTest.message(100_000, 1), HEAD));
        for (int i = 0; i < 3; i++) {
            ByteBuf buffer = handle.allocate(allocator);
            assertThat(buffer.writableBytes()).isEqualTo(100_000);
            handle.lastBytesRead(0);
            buffer.release();
        }

        assertThat(read(new byte[1])).isEqualTo(100_000);
        assertThat(read(new byte[1])).isEqualTo(99_999);
    }

    @Test
    void givesAnyBufferWhereTheLastOneWentToSomebodyElse() {
        probe.feed(SCHEMA);
        handle.allocate(allocator).release();
        handle.lastBytesRead(10);
        probe.feed(Arrays.copyOf(AdvanceRuleTest.message(100_000, 1), HEAD));
        assertThat(read(new byte[10])).isEqualTo(2048);

        assertThat(read(new byte[10])).isEqualTo(99_990); // that one came
    }

    @Test
    void givesAnyBufferWhereAnotherOneCameThanTheLast() {
        probe.feed(SCHEMA);
        ByteBuf last = handle.allocate(allocator);
        handle.lastBytesRead(10);
        probe.feed(Arrays.copyOf(AdvanceRuleTest.message(100_000, 1), HEAD));
        last.release();

        assertThat(read(new byte[10])).isEqualTo(2048);
    }

    @Test
    void givesAnyBufferWhereTheLastOneCameWithOtherContent() {
        probe.feed(SCHEMA);
        ByteBuf recycled = handle.allocate(allocator);
        handle.lastBytesRead(HEAD + 10);
        probe.channel.writeInbound(recycled.writeBytes(AdvanceRuleTest.message(100_000, 1), 0, HEAD));

        assertThat(read(new byte[10])).isEqualTo(2048);
    }

    @Test
    void givesAnyBufferUntilHalfOfBodyHasComeThatIsNotEarned() {
        probe.feed(SCHEMA, Arrays.copyOf(AdvanceRuleTest.message(4 * MIB, 1), HEAD));
        assertThat(read(new byte[10])).isEqualTo(2048);
        probe.feed(new byte[2 * MIB - 2048]);
        assertThat(read(new byte[2048])).isEqualTo(2048);

        assertThat(read(new byte[10])).isEqualTo(MIB);
    }

    @Test
    void letsChannelReadSixteenTimesButNotBehindOneMebibyte() {
        assertThat(readsInOneTurn(2048)).isEqualTo(16);
        assertThat(readsInOneTurn(256 << 10)).isEqualTo(4);
        assertThat(readsInOneTurn(MIB)).isEqualTo(1);
    }

    private int readsInOneTurn(int bytesPerRead) {
        handle.reset(probe.channel.config());
        int reads = 0;
        do {
            handle.attemptedBytesRead(bytesPerRead);
            handle.lastBytesRead(bytesPerRead);
            handle.incMessagesRead(1);
            reads++;
        } while (handle.continueReading());
        return reads;
    }

    @Test
    void givesAnyBufferAfterAnError() {
        probe.feed(SCHEMA, AdvanceRuleTest.message(100_000, 1), SCHEMA);

        assertThat(probe.error().code()).isEqualTo(IpcErrorCode.OUT_OF_ORDER);
        assertThat(read(new byte[10])).isEqualTo(2048);
    }

    @Test
    void givesAnyBufferAfterRunningOutOfMemory() {
        probe.feed(SCHEMA, AdvanceRuleTest.message(2 * MIB, 1));
        probe.feed(Arrays.copyOf(AdvanceRuleTest.message(2 * MIB, 1), 8));
        CountingAllocator tight = new CountingAllocator();
        tight.limit(MIB);
        probe.channel.config().setAllocator(tight);
        probe.channel.writeInbound(
                allocator.directBuffer().writeBytes(AdvanceRuleTest.message(2 * MIB, 1), 8, HEAD - 8));

        assertThat(probe.errors).singleElement().isInstanceOf(OutOfMemoryError.class);
        ByteBuf buffer = handle.allocate(tight);
        assertThat(buffer.capacity()).isEqualTo(2048);
        buffer.release();
    }
}
