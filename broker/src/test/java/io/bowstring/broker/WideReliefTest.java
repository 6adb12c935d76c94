package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The limit of {@link ReliefTest}, and windows that may hold all of it: what subscriptions that block hold of them. */
@ExtendWith(LeakDetection.class)
class WideReliefTest {
    private static final BrokerConfig CONFIG = ReliefTest.CONFIG;

    @Test
    void cutsNobodyWhoPinsLittleBesideTheWorst() {
        BrokerRig wide = new BrokerRig(CONFIG.withTopic(TopicConfig.DEFAULTS));
        FakeSink honest = new FakeSink(wide.sinkLoop);
        honest.hoards = true;
        wide.subscribe("other", "latest", "live", "drop", honest);
        wide.publish("other").send(0);
        FakeSink blocking = new FakeSink(wide.sinkLoop);
        blocking.hoards = true;
        blocking.credit = 5;
        wide.subscribe("t", "earliest", "live", "block", blocking);
        FakePublisher publisher = wide.publish("t");
        for (int i = 0; i < 90; i++) { // far more than all sinks pin
            publisher.send(i);
        }
        wide.run();

        for (int tenths = 0; tenths < 20; tenths++) {
            wide.topicLoop.advance(Duration.ofMillis(100));
            wide.run();
        }

        assertThat(blocking.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(honest.isOver()).isFalse();
        honest.send();
        blocking.send();
        wide.close();
    }

    @Test
    void cutsWhoPinsMostAlsoWhileWindowsGiveALittle() {
        BrokerRig wide = new BrokerRig(CONFIG.withTopic(TopicConfig.DEFAULTS));
        FakeSink hoarder = wideHoarder(wide, "t", "drop");
        send(wide, "t", 90);
        FakePublisher other = wide.publish("other");

        for (int tenths = 0; tenths < 30; tenths++) {
            other.send(0, Map.of("mark", "x".repeat(4 * (int) Messages.BATCH_WEIGHT)));
            wide.run();
            other.send(0);
            wide.run();
            other.send(0); // for which the large one goes, which is more than was asked for
            wide.run();
            wide.topicLoop.advance(Duration.ofMillis(100));
            wide.run();
        }

        assertThat(hoarder.lines).last().isEqualTo("cut TOO_SLOW");
        wide.close();
    }

    @Test
    void letsGoOfWhoBlocksTheLargestTopicWhereMemoryIsFullAndNothingElseIsLeft() {
        BrokerRig wide = new BrokerRig(CONFIG.withTopic(TopicConfig.DEFAULTS));
        FakeSink blocking = new FakeSink(wide.sinkLoop);
        blocking.credit = 0;
        wide.subscribe("t", "earliest", "live", "block", blocking);
        FakePublisher publisher = wide.publish("t");
        for (int i = 0; i < 97; i++) {
            publisher.send(i);
        }
        wide.run();
        assertThat(publisher.isReadable).isFalse();

        for (int tenths = 0; tenths < 20; tenths++) {
            wide.topicLoop.advance(Duration.ofMillis(100));
            wide.run();
        }

        assertThat(blocking.lines).last().isEqualTo("cut LAGGED");
        assertThat(publisher.isReadable).isTrue();
        wide.close();
    }

    @Test
    void cutsWhoHoldsTheLogOfATopicBeforeWhoPinsLittleElsewhere() {
        BrokerRig wide = new BrokerRig(CONFIG.withTopic(TopicConfig.DEFAULTS));
        FakeSink blocking = wideHoarder(wide, "t", "block");
        blocking.credit = 5;
        FakeSink honest = wideHoarder(wide, "other", "drop");
        send(wide, "other", 15);
        send(wide, "t", 75);

        pass(wide, Duration.ofSeconds(2));

        assertThat(blocking.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(blocking.reason).startsWith("bytes that wait for the subscriber: ");
        assertThat(honest.isOver()).isFalse();
        assertThat(wide.broker.memory().isShort()).isFalse();
        honest.send();
        wide.close();
    }

    @Test
    void letsGoOnlyOfThoseWhoHoldMuch() {
        BrokerRig wide = new BrokerRig(CONFIG.withTopic(TopicConfig.DEFAULTS.withWindowBatches(200)));
        FakeSink stalled = wide.subscribe("t", "latest", "live", "block");
        stalled.credit = 0;
        FakeSink quick = wide.subscribe("t", "latest", "live", "block");
        FakePublisher publisher = send(wide, "t", 97);

        pass(wide, Duration.ofSeconds(2));
        assertThat(stalled.lines).last().isEqualTo("cut LAGGED");

        quick.credit = 0;
        for (int i = 0; i < 70; i++) {
            publisher.send(i);
        }
        wide.run();
        quick.grant(Integer.MAX_VALUE);
        wide.run();
        assertThat(quick.lines).last().isEqualTo("flush");
        assertThat(quick.positions).hasSize(97 + 70).allMatch(position -> position.gap() == 0);
        wide.close();
    }

    /** Returns a subscription whose sink keeps what it gets. */
    private static FakeSink wideHoarder(BrokerRig wide, String topic, String onLag) {
        FakeSink sink = new FakeSink(wide.sinkLoop);
        sink.hoards = true;
        return wide.subscribe(topic, "latest", "live", onLag, sink);
    }

    private static FakePublisher send(BrokerRig wide, String topic, int batches) {
        FakePublisher publisher = wide.publish(topic);
        for (int i = 0; i < batches; i++) {
            publisher.send(i);
            wide.run();
        }
        return publisher;
    }

    private static void pass(BrokerRig wide, Duration time) {
        for (long tenths = 0; tenths < time.toMillis() / 100; tenths++) {
            wide.topicLoop.advance(Duration.ofMillis(100));
            wide.run();
        }
    }
}
