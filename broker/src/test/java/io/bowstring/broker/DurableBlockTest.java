package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicName;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that block hold back what a log wants to drop, and with that the publishers. */
class DurableBlockTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

    @Test
    void blocksNoWindow() {
        FakeSink sink = topic.stalled("0", "block");

        rig.send(publisher, 8);

        assertThat(publisher.nextOffset()).isEqualTo(9);
        assertThat(rig.topicLoop.timers()).isZero();
        assertThat(sink.lines).isEmpty();
    }

    @Test
    void blocksWhatTheLogWantsToDrop() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        storage.takeCalls();
        topic.surplus(3);
        assertThat(storage.calls).isEmpty();

        publisher.send(6, 7);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7); // both wait

        sink.grant(1); // batch 1; 2 is held still
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);
        sink.grant(1);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(9);
        assertThat(storage.calls).containsOnly("drop t 3");
        assertThat(sink.lines).containsExactly("batch 1 = 0", "flush", "batch 2 = 1", "flush");
    }

    @Test
    void letsPublishersGoOnWhenTheHolderIsGone() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(3);
        publisher.send(6);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);

        sink.cancel();
        rig.run();

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(storage.calls).contains("drop t 3");
    }

    @Test
    void letsGoOfAHolderThatStandsStillWhileAPublisherWaits() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(3);
        pass(1_000); // nobody waits

        publisher.send(6);
        rig.run();
        pass(29);
        assertThat(sink.isOver()).isFalse();
        pass(1);

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void letsNobodyGoWhereNoPublisherWaits() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(3);

        pass(1_000);

        assertThat(sink.isOver()).isFalse();
        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void dropsNothingOfATopicThatHasGone() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(3);

        rig.broker.delete(new TopicName("t")); // and its holder goes
        rig.run();

        assertThat(sink.lines).containsExactly("cut UNKNOWN_TOPIC");
        assertThat(storage.calls).endsWith("delete t");
    }

    @Test
    void holdsTheNextSurplusToo() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(1);
        assertThat(storage.takeCalls()).contains("drop t 1");
        topic.surplus(2);
        publisher.send(6);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);

        sink.grant(100);
        rig.run();

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(storage.takeCalls()).contains("drop t 2");
    }

    @Test
    void holdsNothingThatIsGone() {
        FakeSink sink = topic.stalled("0", "block");
        rig.send(publisher, 6);
        topic.surplus(3);

        storage.log("t").dropByItself(3); // it was damaged, say
        publisher.send(6);
        rig.run();
        sink.grant(1);
        rig.run();

        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(publisher.nextOffset()).isEqualTo(8);
    }

    @Test
    void cutsNobodyWhoBlocksWhereTheLogKeepsLessThanMemory() {
        rig.send(publisher, 3);
        topic.surplus(2);
        FakeSink sink = topic.subscribe("earliest", "live", "block", 0);
        rig.send(publisher, 4);
        assertThat(sink.take()).containsExactly("start 2", "flush");

        sink.grant(100);
        rig.run();

        assertThat(sink.positions).hasSize(5);
    }

    private void pass(int seconds) {
        rig.topicLoop.advance(Duration.ofSeconds(seconds));
        rig.run();
    }
}
