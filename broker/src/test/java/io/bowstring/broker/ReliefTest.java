package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One limit for all topics, 100 small batches, of which one is retained for each; the rest is pinned by sinks. */
class ReliefTest {
    static final BrokerConfig CONFIG = SmallBrokers.config(1 << 20, 1_000, 1 << 20, 1 << 20, 10)
            .withMemoryBytes(100 * Messages.BATCH_WEIGHT)
            .withTopic(TopicConfig.DEFAULTS.withWindowBatches(1));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(CONFIG);

    @Test
    void cutsWhoPinsMostWhereMemoryStaysShort() {
        FakeSink small = hoarder("small", 10);
        FakeSink large = hoarder("large", 40);
        FakeSink larger = hoarder("larger", 45);
        assertThat(batchesUsed()).isGreaterThan(85);

        rig.pass(Duration.ofSeconds(2));

        assertThat(larger.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(larger.reason)
                .startsWith("bytes that wait for the subscriber: ")
                .endsWith(" bytes are in use; memory)");
        assertThat(large.isOver()).isFalse();
        assertThat(small.isOver()).isFalse();
        assertThat(rig.broker.counters().value(Counter.SUBSCRIBERS_CUT_FOR_MEMORY))
                .isOne();
        assertThat(batchesUsed()).isLessThan(85);
    }

    @Test
    void cutsFirstInTheTopicOfWhichMostIsPinned() {
        FakeSink lone = hoarder("lone", 20);
        List<FakeSink> many = new ArrayList<>();
        FakePublisher publisher = rig.publish("many");
        for (int i = 0; i < 7; i++) {
            FakeSink sink = rig.hoard("many", "drop");
            rig.send(publisher, 10);
            sink.credit = 0; // so that the next has others
            many.add(sink);
        }
        assertThat(batchesUsed()).isGreaterThan(85);

        rig.pass(Duration.ofSeconds(2));

        assertThat(lone.isOver()).isFalse();
        assertThat(many).filteredOn(FakeSink::isOver).isNotEmpty();
    }

    @Test
    void cutsNobodyWhoSendsWhatItHasInASecond() {
        FakeSink sink = hoarder("t", 90);
        FakePublisher publisher = rig.publish("t");
        rig.run();
        assertThat(publisher.isReadable).isFalse();
        rig.pass(Duration.ofMillis(900));

        sink.send();
        rig.pass(Duration.ofSeconds(2));

        assertThat(sink.isOver()).isFalse();
        assertThat(publisher.isReadable).isTrue();
    }

    @Test
    void cutsNobodyWhileThereIsEnough() {
        FakeSink sink = hoarder("t", 80);

        rig.pass(Duration.ofMinutes(5));

        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void cutsWhoStillHasTheEndOfAReplyToSend() {
        FakePublisher publisher = rig.publish("t");
        FakeSink sink = rig.hoard("t", "drop");
        rig.send(publisher, 90);
        rig.publish(new PublishRequest(new TopicName("t"), false, true), Messages.PLAIN)
                .finish();
        rig.run();
        assertThat(sink.lines).last().isEqualTo("complete");

        rig.pass(Duration.ofSeconds(2));

        assertThat(sink.lines).last().isEqualTo("abandon TOO_SLOW");
        assertThat(batchesUsed()).isLessThan(85);
    }

    @Test
    void leavesAloneWhoHasSentItsReplyWhateverElseWaitsInItsConnection() {
        rig.send(rig.publish("t"), 1);
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.hoards = true;
        rig.subscribe("t", "earliest", "end", "drop", sink);
        rig.run();
        assertThat(sink.lines).last().isEqualTo("complete");
        sink.othersBytes = 50 * Messages.BATCH_WEIGHT;
        sink.send();
        FakeSink blocking = rig.subscribe("t", "latest", "live", "block");
        blocking.credit = 0;
        rig.send(rig.publish("t"), 90); // of which the window takes one

        rig.pass(Duration.ofSeconds(5));

        assertThat(rig.broker.memory().isShort()).isTrue();
        assertThat(sink.lines).last().isEqualTo("complete");
    }

    @Test
    void runsNoTimerForWhoStillHasTheEndOfAReplyToSend() {
        rig.send(rig.publish("t"), 1);
        long timers = rig.sinkLoop.timers();

        List<FakeSink> sinks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            FakeSink sink = new FakeSink(rig.sinkLoop);
            sink.hoards = true;
            sinks.add(rig.subscribe("t", "earliest", "end", "drop", sink));
        }
        rig.run();

        assertThat(sinks).allSatisfy(sink -> assertThat(sink.lines).last().isEqualTo("complete"));
        assertThat(rig.sinkLoop.timers()).isEqualTo(timers);
    }

    @Test
    void goesOnWhereAPeriodHasFailed() {
        FakeSink broken = hoarder("broken", 1);
        broken.fault = new OutOfMemoryError("by the test");
        FakeSink sink = hoarder("t", 90);
        rig.pass(Duration.ofSeconds(3));
        assertThat(sink.isOver()).isFalse();

        broken.fault = null;
        rig.pass(Duration.ofSeconds(2));

        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(broken.isOver()).isFalse();
    }

    @Test
    void losesNoPatienceWhileWindowsStillGive() {
        FakeSink sink = hoarder("t", 90);
        Relief relief = rig.broker.relief();

        for (int i = 0; i < 10; i++) {
            relief.onPeriod(true);
            relief.onPeriod(false);
        }
        rig.run();
        assertThat(sink.isOver()).isFalse();

        relief.onPeriod(true);
        rig.run();
        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
    }

    @Test
    void isPatientAgainWhereMemoryHasBecomeShortAgain() {
        FakeSink sink = hoarder("t", 90);
        Relief relief = rig.broker.relief();

        for (int i = 0; i < 10; i++) {
            relief.onPeriod(true);
        }
        relief.onShort();
        relief.onPeriod(true);
        rig.run();

        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void cutsAllWhoPinTheSameInLittleTime() {
        List<FakeSink> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(rig.hoard("t", "drop"));
        }
        rig.send(rig.publish("t"), 90); // any of them pins more than is missing

        rig.pass(Duration.ofSeconds(2));

        assertThat(many).allMatch(FakeSink::isOver);
        assertThat(batchesUsed()).isLessThan(85);
    }

    @Test
    void cutsNobodyForWhatIsInFlightElsewhere() {
        FakeSink blocking = rig.subscribe("t", "latest", "live", "block");
        blocking.credit = 0;
        FakeSink honest = hoarder("other", 2);
        rig.send(rig.publish("t"), 90); // of which the window takes one

        rig.pass(Duration.ofSeconds(5));

        assertThat(rig.broker.memory().isShort()).isTrue();
        assertThat(honest.isOver()).isFalse();
    }

    /** Returns a subscription that has been given so many batches, which its sink keeps. */
    private FakeSink hoarder(String topic, int batches) {
        FakeSink sink = rig.hoard(topic, "drop");
        rig.send(rig.publish(topic), batches);
        return sink;
    }

    private int batchesUsed() {
        return (int) Math.round((double) rig.broker.usedMemoryBytes() / Messages.BATCH_WEIGHT);
    }
}
