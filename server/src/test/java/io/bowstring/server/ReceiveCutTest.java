package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counter;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whose message is cut that others may receive theirs. */
class ReceiveCutTest {
    private static final long MIB = ReceiveRig.MIB;

    @RegisterExtension
    final ReceiveRig rig = new ReceiveRig();

    @Test
    void cutsWhoHasHeldMostForLongest() {
        ReceiveRig.Peer little = rig.newPeer().hold(2 * MIB);
        rig.nanos += 10 * ReceiveRig.LOOK_NANOS;
        ReceiveRig.Peer most = rig.newPeer().hold(6 * MIB);
        ReceiveRig.Peer late = rig.newPeer().hold(4 * MIB);
        ReceiveRig.Peer waiting = rig.newPeer().await(5 * MIB);

        rig.look();
        assertThat(rig.counters.value(Counter.MESSAGES_CUT_FOR_MEMORY))
                .isZero(); // who was quick before is not known yet
        rig.nanos += 20 * ReceiveRig.LOOK_NANOS;
        rig.look();
        assertThat(most.errors).singleElement().isInstanceOfSatisfying(ProtocolException.class, reason -> {
            assertThat(reason.code()).isEqualTo(ErrorCode.TOO_SLOW);
            assertThat(reason).hasMessageMatching("message: .* \\(expected: .*; receive-memory\\)");
        });
        assertThat(little.errors).isEmpty();
        assertThat(late.errors).isEmpty();
        assertThat(waiting.errors).isEmpty();
        assertThat(rig.counters.value(Counter.MESSAGES_CUT_FOR_MEMORY)).isOne();
        most.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhoGoesOn() {
        ReceiveRig.Peer quick = rig.newPeer().hold(8 * MIB);
        ReceiveRig.Peer slow = rig.newPeer().hold(4 * MIB);
        ReceiveRig.Peer waiting = rig.newPeer().await(4 * MIB);

        for (int i = 0; i < 8 && slow.errors.isEmpty(); i++) {
            quick.receive(MIB);
            slow.receive(64);
            rig.look();
        }
        assertThat(quick.errors).isEmpty();
        assertThat(slow.errors).hasSize(1);
        slow.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhomTheServerDoesNotRead() {
        ReceiveRig.Peer unread = rig.newPeer().hold(8 * MIB);
        ReceiveRig.Peer resumed = rig.newPeer().hold(3 * MIB);
        ReceiveRig.Peer slow = rig.newPeer().hold(MIB);
        rig.newPeer().await(12 * MIB);
        unread.channel.config().setAutoRead(false);

        for (int i = 0; i < 40; i++) {
            resumed.share.onPauseOver(); // since the last look
            rig.look();
        }
        assertThat(slow.errors).isNotEmpty();
        assertThat(unread.errors).isEmpty();
        assertThat(resumed.errors).isEmpty();

        unread.channel.config().setAutoRead(true);
        rig.look();
        assertThat(unread.errors).isEmpty();
        rig.look();
        assertThat(unread.errors).hasSize(1);
    }

    @Test
    void cutsWhoIsNotReadWhereSomebodyWouldWaitForEver() {
        ReceiveRig.Peer unread = rig.newPeer().hold(12 * MIB);
        ReceiveRig.Peer waiting = rig.newPeer().await(12 * MIB);
        unread.channel.config().setAutoRead(false);

        for (int i = 0; i < 59; i++) {
            rig.look();
        }
        assertThat(unread.errors).isEmpty();
        rig.look();
        assertThat(unread.errors).hasSize(1);
        unread.share.letGo();
        assertThat(waiting.wakes).isOne();
    }

    @Test
    void cutsNobodyWhereNobodyWaits() {
        rig.newPeer().hold(12 * MIB);
        rig.nanos += 1_000 * ReceiveRig.LOOK_NANOS;

        assertThat(rig.looks).isEmpty();
    }

    @Test
    void cutsNoMessageThatIsWholeMeanwhile() {
        ReceiveRig.Peer holder = rig.newPeer().hold(12 * MIB);
        rig.newPeer().await(MIB);
        rig.look();
        rig.nanos += ReceiveRig.LOOK_NANOS;
        rig.looks.remove().run();
        holder.share.letGo();
        holder.channel.runPendingTasks();

        assertThat(holder.errors).isEmpty();
        assertThat(rig.counters.value(Counter.MESSAGES_CUT_FOR_MEMORY)).isZero();
    }

    @Test
    void cutsNobodyWhoWaitsForThoseWhoStandStill() {
        ReceiveRig.Peer waiting = rig.newPeer().hold(6 * MIB);
        rig.nanos += 20 * ReceiveRig.LOOK_NANOS;
        ReceiveRig.Peer still = rig.newPeer().hold(5 * MIB);
        waiting.await(8 * MIB);

        rig.look();
        rig.look();
        assertThat(waiting.errors).isEmpty();
        assertThat(still.errors).hasSize(1);
    }

    @Test
    void givesWhoHasWaitedItsTime() {
        ReceiveRig.Peer holder = rig.newPeer().hold(6 * MIB);
        ReceiveRig.Peer woken = rig.newPeer().hold(6 * MIB).await(8 * MIB);
        rig.newPeer().await(10 * MIB);
        holder.receive(3 * MIB);
        rig.look();
        holder.receive(3 * MIB);
        rig.nanos++;
        holder.share.letGo();
        assertThat(woken.wakes).isOne();

        rig.look();
        assertThat(woken.errors).isEmpty();
        rig.look();
        assertThat(woken.errors).hasSize(1);
    }

    @Test
    void cutsThoseWhoWaitForEachOther() {
        ReceiveRig.Peer first = rig.newPeer().hold(7 * MIB);
        ReceiveRig.Peer second = rig.newPeer().hold(5 * MIB);
        first.await(14 * MIB);
        second.await(10 * MIB);

        rig.look();
        rig.look();
        assertThat(first.errors).hasSize(1);
        first.share.letGo();
        assertThat(second.wakes).isOne();
        assertThat(second.errors).isEmpty();
    }
}
