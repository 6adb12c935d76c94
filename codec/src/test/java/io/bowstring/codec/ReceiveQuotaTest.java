package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A decoder that asks before it takes memory for a message that is not whole. */
@ExtendWith(LeakDetection.class)
class ReceiveQuotaTest {
    private static final int HEAD = 8 + AdvanceRuleTest.metadataBytes();
    private static final int BODY = 3 << 20;
    private static final int CHUNK = 64 << 10;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));
    private static final byte[] LARGE = message(BODY, 1);
    private static final byte[] SMALL = message(40, 2);

    private final CountingAllocator allocator = new CountingAllocator();
    private final Quota quota = new Quota();
    private final DecoderProbe probe = new DecoderProbe(new IpcDecoder(IpcDecoderConfig.DEFAULTS, quota));

    @AfterEach
    void close() {
        probe.close();
        assertThat(quota.heldBytes).isZero();
        assertThat(quota.waiter).isNull();
        assertThat(allocator.usedBytes()).isZero();
    }

    /** Feeds what is left of {@link #LARGE} from an index on, as a channel would receive it. */
    private int feed(int from, int to) {
        for (int index = from; index < to; index += CHUNK) {
            probe.feed(Arrays.copyOfRange(LARGE, index, Math.min(to, index + CHUNK)));
        }
        return to;
    }

    private void assertLargeReceived() {
        assertThat(probe.messages).hasSize(2);
        assertThat(ByteBufUtil.getBytes(probe.messages.get(1).frame())).isEqualTo(LARGE);
        assertThat(quota.heldBytes).isZero();
    }

    @Test
    void asksForNothingWhereMessagesLieWholeInWhatWasReceived() {
        probe.feed(Wire.concat(SCHEMA, SMALL, SMALL), SMALL);

        assertThat(probe.messages).hasSize(4);
        assertThat(quota.asks).isZero();
    }

    @Test
    void holdsWhatItTakesBeforeItTakesIt() {
        probe.feed(SCHEMA);
        probe.channel.config().setAllocator(allocator);
        quota.onAsk = bytes -> assertThat(allocator.usedBytes()).isLessThanOrEqualTo(bytes + CHUNK); // what came last
        for (int index = 0; index < LARGE.length; index += CHUNK) {
            probe.feed(Arrays.copyOfRange(LARGE, index, Math.min(LARGE.length, index + CHUNK)));
            long used = allocator.usedBytes();
            assertThat(probe.messages.size() == 2 || used <= quota.heldBytes)
                    .as("%s > %s", used, quota.heldBytes)
                    .isTrue();
        }

        assertLargeReceived();
        assertThat(quota.mostBytes).isBetween((long) BODY, 2L * BODY);
    }

    @Test
    void countsWholeBlocksOfItsPool() {
        try (IpcBodyPool pool = new IpcBodyPool(16 << 20)) {
            Quota pooled = new Quota();
            try (DecoderProbe other =
                    new DecoderProbe(new IpcDecoder(IpcDecoderConfig.DEFAULTS.withPool(pool), pooled))) {
                byte[] start = message(600_000, 3);
                other.feed(SCHEMA, Arrays.copyOf(start, HEAD), Arrays.copyOfRange(start, HEAD, HEAD + 10));

                assertThat(pool.usedBytes()).isPositive();
                assertThat(pooled.heldBytes).isEqualTo(pool.usedBytes());
                other.halfClose();
                assertThat(other.error().code()).isEqualTo(IpcErrorCode.TRUNCATED);
            }
            assertThat(pooled.heldBytes).isZero();
        }
    }

    @Test
    void knowsBeforehandHowMuchIsHeldOnTheWay() {
        probe.feed(SCHEMA);
        feed(0, LARGE.length);

        assertLargeReceived();
        assertThat(quota.claims.get(0)).isGreaterThanOrEqualTo(quota.mostBytes).isLessThan(2L * BODY + CHUNK);
        probe.take().forEach(IpcMessage::release);
        quota.claims.clear();
        quota.mostBytes = 0;
        feed(0, LARGE.length);
        assertThat(quota.mostBytes).isBetween((long) BODY, (long) BODY + CHUNK);
        assertThat(quota.claims).allSatisfy(claim -> assertThat(claim).isLessThan(BODY + CHUNK));
    }

    @Test
    void readsNoMoreUntilThereIsMemory() {
        probe.feed(SCHEMA);
        quota.limitBytes = 1 << 20;
        int sent = feed(0, 1_500_000);
        int reads = probe.reads;
        assertThat(quota.waiter).isNotNull();
        probe.channel.read();
        assertThat(probe.reads).isEqualTo(reads);
        assertThat(quota.heldBytes).isLessThanOrEqualTo(1 << 20);

        quota.grant(Long.MAX_VALUE);
        probe.channel.runPendingTasks();
        assertThat(probe.reads).isEqualTo(reads + 1);
        feed(sent, LARGE.length);
        assertLargeReceived();
    }

    @Test
    void waitsOnWhereItWasWokenForTooLittle() {
        probe.feed(SCHEMA);
        quota.limitBytes = 500_000;
        int sent = feed(0, 700_000);
        quota.grant(550_000);
        probe.channel.runPendingTasks();
        assertThat(quota.waiter).isNotNull();

        quota.grant(Long.MAX_VALUE);
        probe.channel.runPendingTasks();
        feed(sent, LARGE.length);
        assertLargeReceived();
    }

    @Test
    void waitsForTheRoomOfBytesThatAreYetToCome() {
        probe.feed(SCHEMA, Arrays.copyOf(LARGE, 4)); // a prefix, of which the buffer is full
        quota.limitBytes = 8;
        probe.feed(Arrays.copyOfRange(LARGE, 4, 8)); // and all of it is used up
        assertThat(quota.waiter).isNotNull();
        assertThat(probe.messages).hasSize(1);

        quota.grant(Long.MAX_VALUE);
        probe.channel.runPendingTasks();
        feed(8, LARGE.length);
        assertLargeReceived();
    }

    @Test
    void keepsMessagesInOrderBehindOneThatWaits() {
        quota.limitBytes = 0;
        probe.feed(SCHEMA, Arrays.copyOf(SMALL, 10));
        probe.feed(Wire.concat(Arrays.copyOfRange(SMALL, 10, SMALL.length), SMALL));
        assertThat(probe.messages).hasSize(1);

        quota.grant(Long.MAX_VALUE);
        probe.channel.runPendingTasks();
        assertThat(probe.messages).hasSize(3);
    }

    @Test
    void takesNoMoreThanHasComeWhereTheInputEndsWhileItWaits() {
        probe.channel.config().setAllocator(allocator);
        quota.limitBytes = 0;
        probe.feed(SCHEMA, Arrays.copyOf(message(600_000, 3), HEAD + 10));
        assertThat(quota.waiter).isNotNull();
        probe.halfClose();

        assertThat(probe.error().code()).isEqualTo(IpcErrorCode.TRUNCATED);
        assertThat(quota.waiter).isNull();
        assertThat(allocator.peakBytes()).isLessThan(CHUNK);
    }

    @Test
    void readsWhatIsWholeWhereTheInputEndsWhileItWaits() {
        quota.limitBytes = 0;
        probe.feed(SCHEMA, Arrays.copyOf(SMALL, 10));
        probe.feed(Arrays.copyOfRange(SMALL, 10, SMALL.length));
        probe.halfClose();

        assertThat(probe.messages).hasSize(2);
        assertThat(ByteBufUtil.getBytes(probe.messages.get(1).frame())).isEqualTo(SMALL);
    }

    @Test
    void freesWhatHasComeWhereItIsMadeToFail() {
        probe.feed(SCHEMA);
        probe.channel.config().setAllocator(allocator);
        feed(0, 2 << 20);
        assertThat(quota.heldBytes).isPositive();
        IllegalStateException cause = new IllegalStateException("cut");
        probe.decoder.fail(cause);

        assertThat(quota.heldBytes).isZero();
        assertThat(allocator.usedBytes()).isZero();
        assertThat(probe.errors).containsExactly(cause);
        probe.errors.clear();
        feed(2 << 20, LARGE.length);
        probe.decoder.fail(cause);
        assertThat(probe.messages).hasSize(1);
    }

    @Test
    void discardsAndReadsOnWhereItIsMadeToFailWhileItWaits() {
        quota.limitBytes = 0;
        probe.feed(SCHEMA, Arrays.copyOf(LARGE, HEAD + 10));
        int reads = probe.reads;
        probe.decoder.fail(new IllegalStateException("cut"));

        assertThat(probe.errors).hasSize(1);
        probe.errors.clear();
        assertThat(quota.waiter).isNull();
        assertThat(probe.reads).isEqualTo(reads + 1);
    }

    /** Grants up to a limit, and is told when there is more. */
    private static final class Quota implements IpcReceiveQuota {
        long limitBytes = Long.MAX_VALUE;
        long heldBytes;
        long mostBytes;
        final List<Long> claims = new ArrayList<>();
        int asks;
        LongConsumer onAsk = bytes -> {};

        @Nullable
        Runnable waiter;

        void grant(long bytes) {
            limitBytes = bytes;
            Runnable present = waiter;
            waiter = null;
            assertThat(present).isNotNull();
            present.run();
        }

        @Override
        public boolean tryHold(long bytes, long mostBytes) {
            asks++;
            assertThat(mostBytes).isGreaterThanOrEqualTo(bytes);
            claims.add(mostBytes);
            onAsk.accept(bytes);
            if (bytes > heldBytes && bytes > limitBytes) {
                return false;
            }
            heldBytes = bytes;
            this.mostBytes = Math.max(this.mostBytes, bytes);
            return true;
        }

        @Override
        public void await(Runnable again) {
            assertThat(waiter).isNull();
            waiter = again;
        }

        @Override
        public void letGo() {
            heldBytes = 0;
            waiter = null;
        }
    }
}
