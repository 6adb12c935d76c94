package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to subscriptions that fall out of a window of three batches. */
class LagTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher publisher = rig.publish("t");

    @Test
    void disconnectsWhileSinkIsNotWritable() {
        FakeSink sink = stalled("disconnect");
        publisher.send(1, 2, 3);
        rig.run();
        assertThat(sink.take()).isEmpty(); // full, but nothing is lost yet

        publisher.send(4);
        rig.run();

        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(sink.reason).isEqualTo("offset: 1 (expected: in the retained window of topic t)");
        assertThat(rig.list("t").get(0).subscribers()).isZero();
    }

    @Test
    void disconnectsWhileSinkIsWritable() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        sink.take();

        publisher.send(0, 1, 2, 3); // the sink's loop does not come to read them in time
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll();
        rig.run();

        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(sink.reason).isEqualTo("offset: 0 (expected: in the retained window of topic t)");
    }

    @Test
    void keepsSubscriptionThatReadsInTime() {
        FakeSink sink = stalled("disconnect");
        publisher.send(1, 2, 3);
        rig.run();

        sink.grant(1);
        rig.run();
        publisher.send(4);
        rig.run();

        assertThat(sink.lines).containsExactly("batch 1 = 1", "flush");
    }

    @Test
    void dropsAndNamesTheGap() {
        FakeSink sink = stalled("drop");
        publisher.send(1, 2, 3, 4, 5, 6);
        rig.run();
        assertThat(sink.take()).isEmpty();

        sink.grant(10);
        rig.run();
        publisher.send(7);
        rig.run();

        assertThat(sink.lines)
                .containsExactly("batch 4 = 4 gap 3", "batch 5 = 5", "batch 6 = 6", "flush", "batch 7 = 7", "flush");
    }

    /** Else a few subscribers that lag would cost a batch each. */
    @Test
    void namesTheGapWithoutACopyOfTheBatch() {
        int batchBytes = 32 << 10;
        BrokerRig wide = new BrokerRig(SmallBrokers.config(2 * batchBytes - 1, 10, 1 << 20, 1 << 20, 10));
        List<FakeSink> sinks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            FakeSink sink = wide.subscribe("t", "latest", "live", "drop");
            sink.hoards = true;
            sink.credit = 0;
            sinks.add(sink);
        }
        FakePublisher publisher = wide.publish("t");
        for (int i = 0; i < 3; i++) {
            publisher.send(Messages.longBatch(batchBytes / Long.BYTES, i, wide.allocator));
        }
        wide.run();

        sinks.forEach(sink -> sink.grant(1));
        wide.run();

        assertThat(sinks).allSatisfy(sink -> assertThat(sink.lines).contains("batch 2 = 2 gap 2"));
        assertThat(wide.allocator.usedBytes()).isLessThan(2 * batchBytes);
        assertThat(wide.broker.usedMemoryBytes()).isLessThan(2 * batchBytes);
        sinks.forEach(FakeSink::send);
        wide.close();
    }

    @Test
    void dropsWhileSinkIsWritable() {
        FakeSink sink = rig.subscribe("t", "latest", "live", "drop");
        rig.run();
        sink.take();

        publisher.send(0, 1, 2, 3, 4);
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll();
        rig.run();

        assertThat(sink.lines).containsExactly("batch 2 = 2 gap 2", "batch 3 = 3", "batch 4 = 4", "flush");
    }

    @Test
    void dropsAgainAndAgain() {
        FakeSink sink = stalled("drop");
        for (int round = 0; round < 3; round++) {
            publisher.send(0, 0, 0, 0, 0);
            rig.run();
            sink.grant(1);
            rig.run();
        }

        long accounted = 0;
        for (BatchPosition position : sink.positions) {
            accounted += position.gap();
            assertThat(position.offset()).isEqualTo(accounted);
            accounted++;
        }
        assertThat(sink.positions).extracting(BatchPosition::gap).containsExactly(0L, 2L, 4L, 4L);
    }

    @Test
    void marksTheGapInMetadataThatIsOtherwiseTheSame() {
        FakeSink sink = stalled("drop");
        rig.clock.setMicros(99);
        publisher.send(1, 2, 3).send(4, Map.of("mine", "kept")).send(5); // of these the window holds two
        rig.run();
        FakeSink other = rig.subscribe("t", "4");

        sink.grant(10);
        rig.run();

        assertThat(sink.metadata.get(1))
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "4"),
                        Map.entry("bowstring.time", "99"),
                        Map.entry("bowstring.gap", "3"));
        assertThat(other.metadata.get(0)).doesNotContainKey("bowstring.gap");
    }

    @Test
    void keepsNoPlaceInTheWindowForADropper() {
        FakeSink sink = stalled("drop");
        rig.run();
        publisher.send(1, 2, 3, 4, 5, 6);
        rig.run();
        long used = rig.allocator.usedBytes();

        publisher.send(7, 8, 9);
        rig.run();

        assertThat(rig.allocator.usedBytes()).isEqualTo(used);
        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void cutsDropperWhoseWholeRestIsGone() {
        FakeSink sink = stalled("drop", "3");
        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        sink.grant(10);
        rig.run();

        // An end of stream would hide that batches 1 and 2 are missing: there is no batch to name the gap.
        assertThat(sink.lines).containsExactly("cut LAGGED");
    }

    @Test
    void cutsDropperWhoseWholeRestIsGoneWhileSinkIsNotWritable() {
        FakeSink sink = stalled("drop", "3");

        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        assertThat(sink.lines).containsExactly("cut LAGGED");
    }

    @Test
    void cutsDropperWhoseRestHasComeOfAgeBeforeTheTopicIsSealed() {
        BrokerRig aging = new BrokerRig(
                BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowAge(Duration.ofSeconds(1))));
        FakeSink sink = new FakeSink(aging.sinkLoop);
        sink.credit = 1;
        aging.subscribe("t", "latest", "live", "drop", sink);
        FakePublisher sealing = aging.publish(new PublishRequest(new TopicName("t"), false, true), Messages.PLAIN)
                .send(0, 1);
        aging.run();
        aging.topicLoop.advance(Duration.ofSeconds(2));
        aging.run();
        sink.grant(10);
        aging.run();

        sealing.finish();
        aging.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 0", "flush", "cut LAGGED");
        aging.close();
    }

    @Test
    void endsDropperInFrontOfItsEnd() {
        FakeSink sink = stalled("drop", "5");
        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        sink.grant(10);
        rig.run();

        assertThat(sink.lines).containsExactly("batch 3 = 3 gap 2", "batch 4 = 4", "complete");
    }

    /** Returns a subscription whose sink has taken batch 0 and takes no more. */
    private FakeSink stalled(String onLag) {
        return stalled(onLag, "live");
    }

    private FakeSink stalled(String onLag, String until) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "latest", until, onLag, sink);
        publisher.send(0);
        rig.run();
        assertThat(sink.take()).containsExactly("start 0", "batch 0 = 0", "flush");
        return sink;
    }
}
