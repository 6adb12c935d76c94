package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static io.bowstring.codec.ReceivePathTest.sendAside;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.Loopback.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages over a real socket, whose receiver keeps them for longer than its budget allows. */
@ExtendWith(LeakDetection.class)
class BudgetPathTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int LIMIT = 512 * KIB;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    private final IpcBudget budget = new IpcBudget(LIMIT);
    private final BlockingQueue<IpcMessage> kept = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @EnumSource
    void boundsSmallMessages(Transport transport) throws Exception {
        // One more buffer may be received, and the rest of the message that lies across its end.
        assertBounded(transport, true, channel -> {}, 2000, 600, LIMIT + 3 * 64 * KIB);
    }

    @ParameterizedTest
    @EnumSource
    void boundsMessagesOfAllSizes(Transport transport) throws Exception {
        assertBounded(transport, true, channel -> {}, 60, 60 * KIB, LIMIT + 3 * 64 * KIB + MIB);
    }

    @ParameterizedTest
    @EnumSource
    void boundsLargeMessages(Transport transport) throws Exception {
        assertBounded(transport, true, channel -> {}, 24, 300 * KIB, LIMIT + MIB);
    }

    @ParameterizedTest
    @EnumSource
    void passesMessagesThatAreLargerThanTheBudget(Transport transport) throws Exception {
        assertBounded(transport, true, channel -> {}, 6, 3 * MIB, LIMIT + 9 * MIB);
    }

    @ParameterizedTest
    @EnumSource
    void boundsWhatIsReadWhenAskedTo(Transport transport) throws Exception {
        assertBounded(transport, false, channel -> {}, 24, 300 * KIB, LIMIT + MIB);
        assertBounded(transport, false, channel -> {}, 1000, 600, LIMIT + 3 * 64 * KIB);
    }

    @ParameterizedTest
    @EnumSource
    void boundsWhatIsGatheredBehindAnotherHandler(Transport transport) throws Exception {
        Consumer<Channel> front = channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ByteBuf in = (ByteBuf) msg;
                ByteBuf copy = ctx.alloc().buffer(in.readableBytes()).writeBytes(in);
                in.release();
                ctx.fireChannelRead(copy);
            }
        });
        assertBounded(transport, true, front, 24, 300 * KIB, LIMIT + MIB);
        assertBounded(transport, false, front, 24, 300 * KIB, LIMIT + MIB);
    }

    /** Keeps all that comes until nothing more comes, and then lets go of one after the other. */
    private void assertBounded(
            Transport transport, boolean isAutoRead, Consumer<Channel> front, int messages, int bytes, long maxUsed)
            throws Exception {
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withBudget(budget);
        List<byte[]> sent = new ArrayList<>(List.of(SCHEMA));
        Random random = new Random(Seeds.fixed("BudgetPathTest", bytes));
        for (int i = 0; i < messages; i++) {
            sent.add(message(bytes / 2 + 8 * random.nextInt(bytes / 8), i));
        }
        try (Loopback loopback = new Loopback(transport, isAutoRead, front, config)) {
            loopback.addKeeper(new Keeper());
            Thread sender = sendAside(loopback, Wire.concat(sent.toArray(byte[][]::new)), random);
            awaitTrue(() -> budget.pausedConnections() == 1);
            for (byte[] message : sent) {
                IpcMessage oldest = kept.poll(20, TimeUnit.SECONDS);
                assertThat(oldest).isNotNull();
                assertThat(ByteBufUtil.getBytes(oldest.frame())).isEqualTo(message);
                assertThat(budget.usedBytes()).isLessThanOrEqualTo(maxUsed);
                oldest.release();
            }
            sender.join();
            loopback.onLoop(channel -> {}); // what was on its way through the pipeline is there
            loopback.events.clear();
        }
        assertThat(kept).isEmpty();
        assertThat(budget.usedBytes()).isZero();
        assertThat(budget.pausedConnections()).isZero();
    }

    private static void awaitTrue(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("20 seconds").isLessThan(deadline);
            Thread.yield();
        }
    }

    private final class Keeper extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            kept.add(((IpcMessage) msg).retain());
            ctx.fireChannelRead(msg);
        }
    }
}
