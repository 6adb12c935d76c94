package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The limit of {@link ReliefTest}, and windows that may hold all of it: what subscriptions that block hold of them. */
class WideReliefTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(ReliefTest.CONFIG.withTopic(TopicConfig.DEFAULTS));

    @Test
    void cutsNobodyWhoPinsLittleBesideTheWorst() {
        FakeSink honest = rig.hoard("other", "drop");
        rig.publish("other").send(0);
        FakeSink blocking = new FakeSink(rig.sinkLoop);
        blocking.hoards = true;
        blocking.credit = 5;
        rig.subscribe("t", "earliest", "live", "block", blocking);
        FakePublisher publisher = rig.publish("t");
        for (int i = 0; i < 90; i++) { // far more than all sinks pin
            publisher.send(i);
        }
        rig.run();

        rig.pass(Duration.ofSeconds(2));

        assertThat(blocking.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(honest.isOver()).isFalse();
        honest.send();
        blocking.send();
    }

    @Test
    void cutsWhoPinsMostAlsoWhileWindowsGiveALittle() {
        FakeSink hoarder = rig.hoard("t", "drop");
        rig.send(rig.publish("t"), 90);
        FakePublisher other = rig.publish("other");

        for (int tenths = 0; tenths < 30; tenths++) {
            other.send(0, Map.of("mark", "x".repeat(4 * (int) Messages.BATCH_WEIGHT)));
            rig.run();
            other.send(0);
            rig.run();
            other.send(0); // for which the large one goes, which is more than was asked for
            rig.run();
            rig.pass(Duration.ofMillis(100));
        }

        assertThat(hoarder.lines).last().isEqualTo("cut TOO_SLOW");
    }

    @Test
    void letsGoOfWhoBlocksTheLargestTopicWhereMemoryIsFullAndNothingElseIsLeft() {
        FakeSink blocking = new FakeSink(rig.sinkLoop);
        blocking.credit = 0;
        rig.subscribe("t", "earliest", "live", "block", blocking);
        FakePublisher publisher = rig.publish("t");
        for (int i = 0; i < 97; i++) {
            publisher.send(i);
        }
        rig.run();
        assertThat(publisher.isReadable).isFalse();

        rig.pass(Duration.ofSeconds(2));

        assertThat(blocking.lines).last().isEqualTo("cut LAGGED");
        assertThat(publisher.isReadable).isTrue();
    }

    @Test
    void cutsWhoHoldsTheLogOfATopicBeforeWhoPinsLittleElsewhere() {
        FakeSink blocking = rig.hoard("t", "block");
        blocking.credit = 5;
        FakeSink honest = rig.hoard("other", "drop");
        rig.send(rig.publish("other"), 15);
        rig.send(rig.publish("t"), 75);

        rig.pass(Duration.ofSeconds(2));

        assertThat(blocking.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(blocking.reason).startsWith("bytes that wait for the subscriber: ");
        assertThat(honest.isOver()).isFalse();
        assertThat(rig.broker.memory().isShort()).isFalse();
        honest.send();
    }

    @Test
    void letsGoOnlyOfThoseWhoHoldMuch() {
        FakeSink stalled = rig.subscribe("t", "latest", "live", "block");
        stalled.credit = 0;
        FakeSink quick = rig.subscribe("t", "latest", "live", "block");
        FakePublisher publisher = rig.publish("t");
        rig.send(publisher, 97);

        rig.pass(Duration.ofSeconds(2));
        assertThat(stalled.lines).last().isEqualTo("cut LAGGED");

        quick.credit = 0;
        for (int i = 0; i < 70; i++) {
            publisher.send(i);
        }
        rig.run();
        quick.grant(Integer.MAX_VALUE);
        rig.run();
        assertThat(quick.lines).last().isEqualTo("flush");
        assertThat(quick.positions).hasSize(97 + 70).allMatch(position -> position.gap() == 0);
    }

    @Test
    void cutsNobodyWhoTakesWhatItHoldsWithinTenSeconds() {
        FakeSink blocking = rig.hoard("t", "block");
        blocking.credit = 5;
        FakePublisher publisher = rig.publish("t");
        rig.send(publisher, 90);

        for (int i = 0; i < 100; i++) {
            blocking.send(2);
            blocking.grant(2);
            rig.send(publisher, 2);
            rig.pass(Duration.ofMillis(100));
        }

        assertThat(rig.broker.memory().isShort()).isTrue();
        assertThat(blocking.isOver()).isFalse();
    }

    @Test
    void letsNobodyGoWhoTakesWhatItHoldsThoughMemoryIsFull() {
        FakeSink quick = rig.subscribe("t", "latest", "live", "block");
        quick.credit = 0;
        FakePublisher publisher = rig.publish("t");
        rig.send(publisher, 97);

        for (int i = 0; i < 30; i++) {
            quick.grant(2);
            rig.send(publisher, 2);
            rig.pass(Duration.ofMillis(100));
        }
        quick.grant(Integer.MAX_VALUE);
        rig.run();

        assertThat(quick.positions).hasSize(97 + 60).allMatch(position -> position.gap() == 0);
    }
}
