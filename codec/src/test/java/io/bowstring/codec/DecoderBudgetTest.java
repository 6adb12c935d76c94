package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.RecvByteBufAllocator;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A decoder whose messages may use only so much memory. Here the channel's buffers are others'; what is gathered counts. */
@ExtendWith(LeakDetection.class)
class DecoderBudgetTest {
    private static final int LIMIT = 256 << 10;
    private static final int HEAD = 8 + AdvanceRuleTest.metadataBytes();
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));
    private static final byte[] LARGE = message(300_000, 1);
    private static final byte[] SMALL = message(40, 2);

    private final IpcBudget all = new IpcBudget(4 * LIMIT);
    private final IpcBudget budget = all.newChild(LIMIT);
    private final DecoderProbe probe = new DecoderProbe(IpcDecoderConfig.DEFAULTS.withBudget(budget));

    @AfterEach
    void close() {
        probe.close();
        assertThat(all.usedBytes()).isZero();
        assertThat(all.pausedConnections()).isZero();
    }

    /** Feeds a schema and a message that uses more than the budget, and the beginning of another. */
    private void feedTooMuch(byte[] next) {
        probe.feed(SCHEMA, Arrays.copyOf(LARGE, HEAD));
        probe.feed(Wire.concat(Arrays.copyOfRange(LARGE, HEAD, LARGE.length), next));
        assertThat(probe.messages).hasSize(2);
        assertThat(budget.usedBytes()).isBetween(300_000L, 302_000L);
    }

    private void releaseMessages() {
        probe.take().forEach(IpcMessage::release);
        probe.channel.runPendingTasks();
    }

    @Test
    void readsMessageThatIsLargerThanTheBudgetToItsEnd() {
        feedTooMuch(new byte[0]);

        assertThat(ByteBufUtil.getBytes(probe.messages.get(1).frame())).isEqualTo(LARGE);
    }

    @Test
    void readsNoMoreUntilMessagesAreReleased() {
        feedTooMuch(new byte[0]);
        assertThat(budget.pausedConnections()).isEqualTo(1);
        int before = probe.reads;
        probe.channel.read();
        assertThat(probe.reads).isEqualTo(before);

        releaseMessages();
        assertThat(probe.reads).isEqualTo(before + 1);
        assertThat(budget.pausedConnections()).isZero();
    }

    @Test
    void readsOnWhereWhatIsKeptIsWithinTheBudget() {
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        int kept = LIMIT - 1_000; // by a handler, for as long as it likes
        budget.add(kept);
        releaseMessages();
        assertThat(budget.usedBytes()).isBetween(LIMIT - 1_000L, (long) LIMIT);
        assertThat(budget.pausedConnections()).isZero();

        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
        assertThat(probe.messages).hasSize(1);
        budget.remove(kept);
    }

    @Test
    void leavesAutoReadAsItIs() {
        feedTooMuch(new byte[0]);
        assertThat(probe.channel.config().isAutoRead()).isTrue();
        int before = probe.reads;
        probe.channel.config().setAutoRead(false);

        releaseMessages();
        assertThat(probe.channel.config().isAutoRead()).isFalse();
        assertThat(probe.reads).isEqualTo(before);
        probe.channel.config().setAutoRead(true);
        assertThat(probe.reads).isEqualTo(before + 1);
    }

    @Test
    void readsOnceWhenAskedToWhileItWaits() {
        probe.channel.config().setAutoRead(false);
        feedTooMuch(new byte[0]);
        int before = probe.reads;
        probe.channel.read();
        probe.channel.read();
        assertThat(probe.reads).isEqualTo(before);
        assertThat(budget.pausedConnections()).isEqualTo(1);

        releaseMessages();
        assertThat(probe.reads).isEqualTo(before + 1);
    }

    @Test
    void readsNotWhenNotAskedTo() {
        probe.channel.config().setAutoRead(false);
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        int before = probe.reads;
        assertThat(budget.pausedConnections()).isEqualTo(1);

        releaseMessages();
        assertThat(probe.reads).isEqualTo(before);
        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
    }

    @Test
    void handsOnWhatIsWhollyThere() {
        feedTooMuchAndMore(Wire.concat(SMALL, SMALL));

        assertThat(probe.messages).hasSize(4);
    }

    private void feedTooMuchAndMore(byte[] next) {
        probe.feed(SCHEMA, Arrays.copyOf(LARGE, HEAD));
        probe.feed(Wire.concat(Arrays.copyOfRange(LARGE, HEAD, LARGE.length), next));
    }

    @Test
    void keepsBeginningOfNextMessageUntilThereIsMemory() {
        byte[] next = message(200_000, 3);
        feedTooMuch(Arrays.copyOf(next, 70_000));
        long used = budget.usedBytes();
        probe.feed(Arrays.copyOfRange(next, 70_000, 70_010), Arrays.copyOfRange(next, 70_010, next.length));
        assertThat(probe.messages).hasSize(2);
        assertThat(budget.usedBytes()).isEqualTo(used);

        int completes = probe.readCompletes;
        releaseMessages();
        assertThat(probe.messages).hasSize(1);
        assertThat(probe.readCompletes).isEqualTo(completes + 1);
        assertThat(ByteBufUtil.getBytes(probe.messages.get(0).frame())).isEqualTo(next);
    }

    @Test
    void waitsOnWhereMemoryIsGoneAgain() {
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        probe.take().forEach(IpcMessage::release);
        budget.add(LIMIT + 1); // before the loop came to it
        int before = probe.reads;
        probe.channel.runPendingTasks();
        assertThat(probe.reads).isEqualTo(before);
        assertThat(budget.pausedConnections()).isEqualTo(1);

        budget.remove(LIMIT + 1);
        probe.channel.runPendingTasks();
        assertThat(probe.reads).isEqualTo(before + 1);
        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
        assertThat(probe.messages).hasSize(1);
    }

    @Test
    void waitsWhereOthersUseTheMemoryOfAll() {
        all.add(4 * LIMIT + 1);
        probe.feed(SCHEMA, Arrays.copyOf(SMALL, 20));
        assertThat(probe.messages).hasSize(1);
        assertThat(all.pausedConnections()).isEqualTo(1);

        all.remove(4 * LIMIT + 1);
        probe.channel.runPendingTasks();
        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
        assertThat(probe.messages).hasSize(2);
    }

    @Test
    void doesNotWaitInsideMessage() {
        probe.feed(SCHEMA, Arrays.copyOf(LARGE, 70_000));
        all.add(4 * LIMIT);
        int before = probe.reads;
        probe.feed(Arrays.copyOfRange(LARGE, 70_000, 80_000));
        assertThat(probe.reads).isEqualTo(before + 1);
        assertThat(budget.pausedConnections()).isZero();

        all.remove(4 * LIMIT);
        probe.feed(Arrays.copyOfRange(LARGE, 80_000, LARGE.length));
        assertThat(probe.messages).hasSize(2);
    }

    @Test
    void decodesWhatItKeptWhenTheChannelCloses() {
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        probe.feed(Wire.concat(Arrays.copyOfRange(SMALL, 20, SMALL.length), new byte[] {-1, -1, -1}));
        probe.channel.close();

        assertThat(probe.messages).hasSize(3);
        assertThat(probe.error()).hasMessage("message: 3 bytes (expected: a whole message)");
        assertThat(all.pausedConnections()).isZero();
    }

    @Test
    void decodesWhatItKeptWhenTheInputEnds() {
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
        assertThat(probe.messages).hasSize(2);
        probe.halfClose();

        assertThat(probe.messages).hasSize(3);
        assertThat(all.pausedConnections()).isZero();
    }

    @Test
    void handsOnWhatItKeptWhenRemoved() {
        byte[] rest = Arrays.copyOf(SMALL, 20);
        feedTooMuch(rest);
        probe.feed(new byte[] {7});
        int before = probe.reads;
        probe.channel.pipeline().remove(probe.decoder);

        assertThat(probe.others.stream().map(buffer -> ByteBufUtil.getBytes((ByteBuf) buffer)))
                .containsExactly(rest, new byte[] {7});
        assertThat(probe.reads).isEqualTo(before + 1);
        assertThat(all.pausedConnections()).isZero();
    }

    @Test
    void doesNotReadWhenRemovedWhileNobodyAsked() {
        probe.channel.config().setAutoRead(false);
        feedTooMuch(Arrays.copyOf(SMALL, 20));
        int before = probe.reads;
        probe.channel.pipeline().remove(probe.decoder);

        assertThat(probe.reads).isEqualTo(before);
    }

    @Test
    void doesNotWaitAfterAnError() {
        feedTooMuch(new byte[] {1, 2, 3, 4, 5});
        probe.feed(new byte[3]);
        releaseMessages();
        assertThat(probe.error().code()).isEqualTo(IpcErrorCode.NOT_ARROW);
        all.add(5 * LIMIT);
        int before = probe.reads;
        probe.feed(new byte[100]);

        assertThat(probe.reads).isEqualTo(before + 1);
        assertThat(all.pausedConnections()).isZero();
        all.remove(5 * LIMIT);
    }

    @Test
    void waitsBehindEndOfStream() {
        feedTooMuchAndMore(Wire.concat(Wire.END, SCHEMA, Arrays.copyOf(SMALL, 20)));
        assertThat(probe.messages).hasSize(4);
        assertThat(budget.pausedConnections()).isEqualTo(1);

        releaseMessages();
        probe.feed(Arrays.copyOfRange(SMALL, 20, SMALL.length));
        assertThat(probe.messages).hasSize(1);
    }

    @Test
    void survivesReleaseByTheHandlerThatGetsTheMessage() {
        probe.onMessage = message -> {
            probe.messages.remove(message);
            message.release();
        };
        probe.feed(Wire.concat(SCHEMA, Arrays.copyOf(LARGE, 1000)));
        probe.feed(Arrays.copyOfRange(LARGE, 1000, LARGE.length));

        assertThat(all.pausedConnections()).isZero();
        assertThat(all.usedBytes()).isZero();
    }

    @Test
    void countsReceivedBufferOnceHoweverManyMessagesAreInIt() {
        ByteBuf in = received(Wire.concat(SCHEMA, SMALL, SMALL));
        int capacity = in.capacity();
        assertThat(budget.usedBytes()).isZero(); // it has not come yet
        probe.channel.writeInbound(in);
        assertThat(probe.messages).hasSize(3);
        assertThat(all.usedBytes()).isEqualTo(capacity);

        probe.messages.remove(0).release();
        probe.messages.remove(0).release();
        assertThat(budget.usedBytes()).isEqualTo(capacity);
        probe.messages.remove(0).release();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void countsReceivedBufferThatAnotherHandlerHasCut() {
        ByteBuf in = received(Wire.concat(SCHEMA, SMALL));
        int capacity = in.capacity();
        probe.channel.writeInbound(in.readRetainedSlice(SCHEMA.length), in);

        assertThat(all.usedBytes()).isEqualTo(capacity);
    }

    @Test
    void keepsNoReceivedBufferWhileItWaits() {
        all.add(5 * LIMIT);
        probe.channel.writeInbound(received(Arrays.copyOf(SCHEMA, 20)));
        assertThat(all.pausedConnections()).isEqualTo(1);
        assertThat(budget.usedBytes()).isZero();

        all.remove(5 * LIMIT);
        probe.channel.runPendingTasks();
        probe.feed(Arrays.copyOfRange(SCHEMA, 20, SCHEMA.length));
        assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
    }

    /** Returns a buffer of the decoder's receive allocator, as a channel fills it; owned. */
    private ByteBuf received(byte[] bytes) {
        return newHandle().allocate(ByteBufAllocator.DEFAULT).writeBytes(bytes);
    }

    @SuppressWarnings("deprecation") // the type
    private RecvByteBufAllocator.Handle newHandle() {
        return probe.decoder.receiveAllocator().newHandle();
    }

    @Test
    @SuppressWarnings("deprecation") // the type of the handle
    void receivesJustTheRestOfSmallMessageWhenOverTheBudget() {
        probe.feed(SCHEMA, Arrays.copyOf(SMALL, 20));
        all.add(5 * LIMIT);
        RecvByteBufAllocator.Handle handle = newHandle();
        handle.reset(probe.channel.config());
        int[] rooms = {HEAD - 20, 40};
        int at = 20;
        for (int room : rooms) {
            ByteBuf in = handle.allocate(ByteBufAllocator.DEFAULT);
            assertThat(in.writableBytes()).isEqualTo(room);
            handle.attemptedBytesRead(room);
            handle.lastBytesRead(room);
            handle.incMessagesRead(1);
            probe.channel.pipeline().fireChannelRead(in.writeBytes(SMALL, at, room));
            at += room;
            assertThat(handle.continueReading()).isEqualTo(at < SMALL.length);
        }

        assertThat(probe.messages).hasSize(2);
        assertThat(ByteBufUtil.getBytes(probe.messages.get(1).frame())).isEqualTo(SMALL);
        all.remove(5 * LIMIT);
    }
}
