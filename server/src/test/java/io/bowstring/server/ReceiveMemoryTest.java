package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections share the memory for messages that are arriving, and wait in turn where there is no room. */
class ReceiveMemoryTest {
    private static final long MIB = ReceiveRig.MIB;

    @RegisterExtension
    final ReceiveRig rig = new ReceiveRig();

    @Test
    void grantsWhatThereIs() {
        ReceiveRig.Peer first = rig.newPeer();
        ReceiveRig.Peer second = rig.newPeer();

        assertThat(first.tryHold(5 * MIB)).isTrue();
        assertThat(second.tryHold(7 * MIB)).isTrue();
        assertThat(first.tryHold(6 * MIB)).isFalse();
        assertThat(rig.memory.usedBytes()).isEqualTo(12 * MIB);
        assertThat(first.tryHold(MIB)).isTrue();
        assertThat(rig.memory.usedBytes()).isEqualTo(8 * MIB);
        second.share.letGo();
        assertThat(rig.memory.usedBytes()).isEqualTo(MIB);
    }

    @Test
    void grantsLittleWhereLargeMessagesHoldAll() {
        rig.newPeer().hold(12 * MIB);

        for (int i = 0; i < 32; i++) {
            assertThat(rig.newPeer().tryHold(ReceiveMemory.SMALL_BYTES)).isTrue();
        }
        assertThat(rig.memory.usedBytes()).isEqualTo(ReceiveRig.LIMIT);
        assertThat(rig.newPeer().tryHold(1)).isFalse();
    }

    @Test
    void movesMessageThatTurnsOutToBeLarge() {
        ReceiveRig.Peer peer = rig.newPeer();
        peer.hold(100_000);
        peer.hold(12 * MIB);
        assertThat(rig.memory.usedBytes()).isEqualTo(12 * MIB);
        peer.hold(10);
        assertThat(rig.memory.usedBytes()).isLessThan(MIB);

        assertThat(rig.newPeer().tryHold(12 * MIB)).isTrue();
    }

    @Test
    void grantsAnythingToWhoIsAlone() {
        ReceiveRig.Peer peer = rig.newPeer();

        assertThat(peer.tryHold(40 * MIB)).isTrue();
        assertThat(peer.tryHold(50 * MIB)).isTrue();
        assertThat(rig.newPeer().tryHold(MIB)).isFalse();
    }

    @Test
    void wakesInTurnThoseForWhomThereIsRoom() {
        ReceiveRig.Peer holder = rig.newPeer().hold(12 * MIB);
        ReceiveRig.Peer first = rig.newPeer().await(7 * MIB);
        ReceiveRig.Peer second = rig.newPeer().await(6 * MIB);
        ReceiveRig.Peer third = rig.newPeer().await(5 * MIB);
        assertThat(rig.counters.value(Counter.MESSAGES_PAUSED_FOR_MEMORY)).isEqualTo(3);

        holder.share.letGo();
        assertThat(first.wakes).isOne();
        assertThat(second.wakes).isZero();
        assertThat(third.wakes).isOne();
        assertThat(rig.memory.usedBytes()).isEqualTo(12 * MIB);
        assertThat(first.tryHold(7 * MIB)).isTrue();
        first.share.letGo();
        assertThat(second.wakes).isOne();
    }

    @Test
    void wakesThoseFirstWhoHaveCompletedLargeMessages() {
        ReceiveRig.Peer proven = rig.newPeer().hold(12 * MIB);
        proven.share.letGo();
        ReceiveRig.Peer holder = rig.newPeer().hold(12 * MIB);
        ReceiveRig.Peer stranger = rig.newPeer().await(7 * MIB);
        proven.await(7 * MIB);

        holder.share.letGo();
        assertThat(stranger.wakes).isZero();
        assertThat(proven.wakes).isOne();
    }

    @Test
    void letsNobodyWaitForEverForThoseWhoTakeTurns() {
        List<ReceiveRig.Peer> turns = provenPeersThatTakeTurns();
        ReceiveRig.Peer first = rig.newPeer().await(12 * MIB);
        ReceiveRig.Peer second = rig.newPeer().await(12 * MIB);

        int looksOfFirst = looksUntilWoken(first, turns);
        assertThat(looksOfFirst).isBetween(20, 30); // 10 seconds and a turn or two
        first.share.letGo();
        assertThat(looksUntilWoken(second, turns)).isBetween(7, 14); // one in 5 seconds
    }

    /** Returns two of which one holds all and one waits. */
    private List<ReceiveRig.Peer> provenPeersThatTakeTurns() {
        List<ReceiveRig.Peer> turns = List.of(rig.newPeer(), rig.newPeer());
        turns.forEach(peer -> peer.hold(12 * MIB).share.letGo());
        turns.get(0).hold(12 * MIB);
        turns.get(1).await(12 * MIB);
        return turns;
    }

    /** Counts the looks; one message is whole in the time between two, and its peer then wants to send another. */
    private int looksUntilWoken(ReceiveRig.Peer stranger, List<ReceiveRig.Peer> turns) {
        for (int count = 0; count < 100; count++) {
            if (stranger.wakes > 0) {
                return count;
            }
            rig.look();
            for (ReceiveRig.Peer peer : turns) {
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
        ReceiveRig.Peer holder = rig.newPeer().hold(12 * MIB);
        List<ReceiveRig.Peer> strangers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            strangers.add(rig.newPeer("10.0.0.1").await(12 * MIB));
        }
        ReceiveRig.Peer other = rig.newPeer("10.0.0.2").await(12 * MIB);

        holder.share.letGo();
        assertThat(strangers.get(0).wakes).isOne();
        strangers.get(0).share.letGo();
        assertThat(other.wakes).isOne();
        other.share.letGo();
        assertThat(strangers.get(1).wakes).isOne();
    }

    @Test
    void letsNobodyBeginBeforeWhoIsOverdue() {
        ReceiveRig.Peer holder = rig.newPeer().hold(10 * MIB);
        ReceiveRig.Peer waiting = rig.newPeer().await(8 * MIB);
        assertThat(rig.newPeer().tryHold(MIB)).isTrue();

        for (int i = 0; i < 5; i++) {
            holder.receive(MIB);
            rig.look();
        }
        assertThat(waiting.wakes).isZero();
        assertThat(rig.newPeer().tryHold(200_000)).isFalse();
        assertThat(holder.tryHold(10 * MIB + 1)).isTrue();
        holder.share.letGo();
        assertThat(waiting.wakes).isOne();
        assertThat(rig.newPeer().tryHold(200_000)).isTrue();
    }

    @Test
    void forgetsWhoWaitsNoMore() {
        ReceiveRig.Peer holder = rig.newPeer().hold(12 * MIB);
        ReceiveRig.Peer gone = rig.newPeer().await(MIB);
        gone.share.letGo();
        holder.share.letGo();

        assertThat(gone.wakes).isZero();
        assertThat(rig.memory.usedBytes()).isZero();
        rig.look();
        assertThat(rig.looks).isEmpty();
    }
}
