package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may hold how much of a message that is arriving, by a clock of the test's. */
class ReceiveMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long LIMIT = 16 * MIB; // 12 for large messages, 4 for small ones
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Counters counters = new Counters();
    private final Queue<Runnable> looks = new ArrayDeque<>();
    private final List<Peer> peers = new ArrayList<>();
    private long nanos;
    private final ReceiveMemory memory = new ReceiveMemory(LIMIT, counters, () -> nanos, looks::add);

    @AfterEach
    void letGo() {
        peers.forEach(peer -> peer.channel.finishAndReleaseAll());
        peers.forEach(peer -> peer.share.letGo());
        assertThat(memory.usedBytes()).isZero();
    }

    private void look() {
        nanos += LOOK_NANOS;
        looks.remove().run();
        peers.forEach(peer -> peer.channel.runPendingTasks());
    }

    @Test
    void grantsWhatThereIs() {
        Peer first = new Peer();
        Peer second = new Peer();

        assertThat(first.tryHold(5 * MIB)).isTrue();
        assertThat(second.tryHold(7 * MIB)).isTrue();
        assertThat(first.tryHold(6 * MIB)).isFalse();
        assertThat(memory.usedBytes()).isEqualTo(12 * MIB);
        assertThat(first.tryHold(MIB)).isTrue();
        assertThat(memory.usedBytes()).isEqualTo(8 * MIB);
        second.share.letGo();
        assertThat(memory.usedBytes()).isEqualTo(MIB);
    }

    @Test
    void grantsLittleWhereLargeMessagesHoldAll() {
        new Peer().hold(12 * MIB);

        for (int i = 0; i < 32; i++) {
            assertThat(new Peer().tryHold(ReceiveMemory.SMALL_BYTES)).isTrue();
        }
        assertThat(memory.usedBytes()).isEqualTo(LIMIT);
        assertThat(new Peer().tryHold(1)).isFalse();
    }

    @Test
    void movesMessageThatTurnsOutToBeLarge() {
        Peer peer = new Peer();
        peer.hold(100_000);
        peer.hold(12 * MIB);
        assertThat(memory.usedBytes()).isEqualTo(12 * MIB);
        peer.hold(10);
        assertThat(memory.usedBytes()).isLessThan(MIB);

        assertThat(new Peer().tryHold(12 * MIB)).isTrue();
    }

    @Test
    void grantsAnythingToWhoIsAlone() {
        Peer peer = new Peer();

        assertThat(peer.tryHold(40 * MIB)).isTrue();
        assertThat(peer.tryHold(50 * MIB)).isTrue();
        assertThat(new Peer().tryHold(MIB)).isFalse();
    }

    @Test
    void wakesInTurnThoseForWhomThereIsRoom() {
        Peer holder = new Peer().hold(12 * MIB);
        Peer first = new Peer().await(7 * MIB);
        Peer second = new Peer().await(6 * MIB);
        Peer third = new Peer().await(5 * MIB);
        assertThat(counters.value(Counter.MESSAGES_PAUSED_FOR_MEMORY)).isEqualTo(3);

        holder.share.letGo();
        assertThat(first.wakes).isOne();
        assertThat(second.wakes).isZero();
        assertThat(third.wakes).isOne();
        assertThat(memory.usedBytes()).isEqualTo(12 * MIB);
        assertThat(first.tryHold(7 * MIB)).isTrue();
        first.share.letGo();
        assertThat(second.wakes).isOne();
    }

    @Test
    void wakesThoseFirstWhoHaveCompletedLargeMessages() {
        Peer proven = new Peer().hold(12 * MIB);
        proven.share.letGo();
        Peer holder = new Peer().hold(12 * MIB);
        Peer stranger = new Peer().await(7 * MIB);
        proven.await(7 * MIB);

        holder.share.letGo();
        assertThat(stranger.wakes).isZero();
        assertThat(proven.wakes).isOne();
    }

    @Test
    void letsNobodyWaitForEverForThoseWhoTakeTurns() {
        List<Peer> turns = provenPeersThatTakeTurns();
        Peer first = new Peer().await(12 * MIB);
        Peer second = new Peer().await(12 * MIB);

        int looksOfFirst = looksUntilWoken(first, turns);
        assertThat(looksOfFirst).isBetween(20, 30); // 10 seconds and a turn or two
        first.share.letGo();
        assertThat(looksUntilWoken(second, turns)).isBetween(7, 14); // one in 5 seconds
    }

    /** Returns two of which one holds all and one waits. */
    private List<Peer> provenPeersThatTakeTurns() {
        List<Peer> turns = List.of(new Peer(), new Peer());
        turns.forEach(peer -> peer.hold(12 * MIB).share.letGo());
        turns.get(0).hold(12 * MIB);
        turns.get(1).await(12 * MIB);
        return turns;
    }

    /** Counts the looks; one message is whole in the time between two, and its peer then wants to send another. */
    private int looksUntilWoken(Peer stranger, List<Peer> turns) {
        for (int count = 0; count < 100; count++) {
            if (stranger.wakes > 0) {
                return count;
            }
            look();
            for (Peer peer : turns) {
                if (!peer.share.isWaiting()) {
                    peer.share.letGo();
                    peer.await(12 * MIB);
                    break;
                }
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void takesTurnsBetweenSourcesAndNotBetweenConnections() {
        Peer holder = new Peer().hold(12 * MIB);
        List<Peer> strangers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            strangers.add(new Peer("10.0.0.1").await(12 * MIB));
        }
        Peer other = new Peer("10.0.0.2").await(12 * MIB);

        holder.share.letGo();
        assertThat(strangers.get(0).wakes).isOne();
        strangers.get(0).share.letGo();
        assertThat(other.wakes).isOne();
        other.share.letGo();
        assertThat(strangers.get(1).wakes).isOne();
    }

    @Test
    void letsNobodyBeginBeforeWhoIsOverdue() {
        Peer holder = new Peer().hold(10 * MIB);
        Peer waiting = new Peer().await(8 * MIB);
        assertThat(new Peer().tryHold(MIB)).isTrue();

        for (int i = 0; i < 5; i++) {
            holder.receive(MIB);
            look();
        }
        assertThat(waiting.wakes).isZero();
        assertThat(new Peer().tryHold(200_000)).isFalse();
        assertThat(holder.tryHold(10 * MIB + 1)).isTrue();
        holder.share.letGo();
        assertThat(waiting.wakes).isOne();
        assertThat(new Peer().tryHold(200_000)).isTrue();
    }

    @Test
    void forgetsWhoWaitsNoMore() {
        Peer holder = new Peer().hold(12 * MIB);
        Peer gone = new Peer().await(MIB);
        gone.share.letGo();
        holder.share.letGo();

        assertThat(gone.wakes).isZero();
        assertThat(memory.usedBytes()).isZero();
        look();
        assertThat(looks).isEmpty();
    }

    @Test
    void cutsWhoHasHeldMostForLongest() {
        Peer little = new Peer().hold(2 * MIB);
        nanos += 10 * LOOK_NANOS;
        Peer most = new Peer().hold(6 * MIB);
        Peer late = new Peer().hold(4 * MIB);
        Peer waiting = new Peer().await(5 * MIB);

        look();
        assertThat(counters.value(Counter.MESSAGES_CUT_FOR_MEMORY)).isZero(); // who was quick before is not known yet
        nanos += 20 * LOOK_NANOS;
        look();
        assertThat(most.errors).singleElement().isInstanceOfSatisfying(ProtocolException.class, reason -> {
            assertThat(reason.code()).isEqualTo(ErrorCode.TOO_SLOW);
            assertThat(reason).hasMessageMatching("message: .* \\(expected: .*; receive-memory\\)");
        });
        assertThat(little.errors).isEmpty();
        assertThat(late.errors).isEmpty();
        assertThat(waiting.errors).isEmpty();
        assertThat(counters.value(Counter.MESSAGES_CUT_FOR_MEMORY)).isOne();
        most.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhoGoesOn() {
        Peer quick = new Peer().hold(8 * MIB);
        Peer slow = new Peer().hold(4 * MIB);
        Peer waiting = new Peer().await(4 * MIB);

        for (int i = 0; i < 8 && slow.errors.isEmpty(); i++) {
            quick.receive(MIB);
            slow.receive(64);
            look();
        }
        assertThat(quick.errors).isEmpty();
        assertThat(slow.errors).hasSize(1);
        slow.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhomTheServerDoesNotRead() {
        Peer unread = new Peer().hold(8 * MIB);
        Peer resumed = new Peer().hold(3 * MIB);
        Peer slow = new Peer().hold(MIB);
        new Peer().await(12 * MIB);
        unread.channel.config().setAutoRead(false);

        for (int i = 0; i < 40; i++) {
            resumed.share.onPauseOver(); // since the last look
            look();
        }
        assertThat(slow.errors).isNotEmpty();
        assertThat(unread.errors).isEmpty();
        assertThat(resumed.errors).isEmpty();

        unread.channel.config().setAutoRead(true);
        look();
        assertThat(unread.errors).isEmpty();
        look();
        assertThat(unread.errors).hasSize(1);
    }

    @Test
    void cutsWhoIsNotReadWhereSomebodyWouldWaitForEver() {
        Peer unread = new Peer().hold(12 * MIB);
        Peer waiting = new Peer().await(12 * MIB);
        unread.channel.config().setAutoRead(false);

        for (int i = 0; i < 59; i++) {
            look();
        }
        assertThat(unread.errors).isEmpty();
        look();
        assertThat(unread.errors).hasSize(1);
        unread.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhereNobodyWaits() {
        new Peer().hold(12 * MIB);
        nanos += 1_000 * LOOK_NANOS;

        assertThat(looks).isEmpty();
    }

    @Test
    void cutsNoMessageThatIsWholeMeanwhile() {
        Peer holder = new Peer().hold(12 * MIB);
        new Peer().await(MIB);
        look();
        nanos += LOOK_NANOS;
        looks.remove().run();
        holder.share.letGo();
        holder.channel.runPendingTasks();

        assertThat(holder.errors).isEmpty();
        assertThat(counters.value(Counter.MESSAGES_CUT_FOR_MEMORY)).isZero();
    }

    @Test
    void cutsNobodyWhoWaitsForThoseWhoStandStill() {
        Peer waiting = new Peer().hold(6 * MIB);
        nanos += 20 * LOOK_NANOS;
        Peer still = new Peer().hold(5 * MIB);
        waiting.await(8 * MIB);

        look();
        look();
        assertThat(waiting.errors).isEmpty();
        assertThat(still.errors).hasSize(1);
    }

    @Test
    void givesWhoHasWaitedItsTime() {
        Peer holder = new Peer().hold(6 * MIB);
        Peer woken = new Peer().hold(6 * MIB).await(8 * MIB);
        new Peer().await(10 * MIB);
        holder.receive(3 * MIB);
        look();
        holder.receive(3 * MIB);
        nanos++;
        holder.share.letGo();
        assertThat(woken.wakes).isOne();

        look();
        assertThat(woken.errors).isEmpty();
        look();
        assertThat(woken.errors).hasSize(1);
    }

    @Test
    void cutsThoseWhoWaitForEachOther() {
        Peer first = new Peer().hold(7 * MIB);
        Peer second = new Peer().hold(5 * MIB);
        first.await(14 * MIB);
        second.await(10 * MIB);

        look();
        look();
        assertThat(first.errors).hasSize(1);
        first.share.letGo();
        assertThat(second.wakes).isOne();
        assertThat(second.errors).isEmpty();
    }

    /** A connection, which does what the test says. */
    private final class Peer {
        final List<Throwable> errors = new ArrayList<>();
        final EmbeddedChannel channel;
        final ReceiveShare share;
        private long receivedBytes;
        int wakes;

        Peer() {
            this("127.0.0.1");
        }

        Peer(String address) {
            channel = new EmbeddedChannel() {
                @Override
                protected SocketAddress remoteAddress0() {
                    return new InetSocketAddress(address, 1);
                }
            };
            share = memory.newShare(channel, ConnectionSource.of(channel));
            IpcDecoder decoder = new IpcDecoder();
            share.serve(decoder);
            channel.pipeline().addLast(decoder, new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    errors.add(cause);
                }
            });
            peers.add(this);
        }

        boolean tryHold(long bytes) {
            return share.tryHold(bytes / 2, bytes);
        }

        Peer hold(long bytes) {
            assertThat(tryHold(bytes)).isTrue();
            return this;
        }

        Peer await(long bytes) {
            assertThat(tryHold(bytes)).isFalse();
            share.await(() -> wakes++);
            return this;
        }

        void receive(long bytes) {
            receivedBytes += bytes;
            share.onReceived(receivedBytes);
        }
    }
}
