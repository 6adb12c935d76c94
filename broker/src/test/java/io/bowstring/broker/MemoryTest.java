package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One limit for all topics: 100 small batches. Their windows may have more each. */
class MemoryTest {
    private static final long LIMIT = 100 * Messages.BATCH_WEIGHT;
    static final BrokerConfig CONFIG =
            SmallBrokers.config(1 << 20, 1_000, 1 << 20, 1 << 20, 10).withMemoryBytes(LIMIT);

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(CONFIG);

    @Test
    void countsWhatIsInFlightAndWhatIsRetained() {
        FakePublisher publisher = rig.publish("t").send(1, 2, 3);
        rig.publisherLoop.runAll();
        assertThat(batchesUsed()).isEqualTo(3);

        rig.run();
        assertThat(batchesUsed()).isEqualTo(3);

        publisher.finish();
        rig.run();
        assertThat(batchesUsed()).isEqualTo(3);
    }

    @Test
    void countsABatchUntilItsMemoryIsFreeWhereverItIs() {
        BrokerRig small = new BrokerRig(BrokerRig.SMALL);
        FakePublisher publisher = small.publish("t");
        FakeSink sink = new FakeSink(small.sinkLoop);
        sink.hoards = true;
        sink.credit = 1;
        small.subscribe("t", "latest", "live", "drop", sink);
        publisher.send(0);
        small.run();

        publisher.send(1, 2, 3, 4, 5);
        small.run();
        assertThat(small.broker.usedMemoryBytes()).isEqualTo(4 * Messages.BATCH_WEIGHT); // three in the window

        sink.send();
        assertThat(small.broker.usedMemoryBytes()).isEqualTo(3 * Messages.BATCH_WEIGHT);
        small.close();
    }

    @Test
    void countsCopiesThatNameAGap() {
        BrokerRig small = new BrokerRig(BrokerRig.SMALL);
        FakePublisher publisher = small.publish("t");
        FakeSink sink = new FakeSink(small.sinkLoop);
        sink.hoards = true;
        sink.credit = 0;
        small.subscribe("t", "latest", "live", "drop", sink);
        publisher.send(0, 1, 2, 3, 4);
        small.run();
        long before = small.broker.usedMemoryBytes();

        sink.grant(1);
        small.run();

        assertThat(small.broker.usedMemoryBytes()).isGreaterThan(before);
        sink.send();
        assertThat(small.broker.usedMemoryBytes()).isEqualTo(before);
        small.close();
    }

    @Test
    void goesOnWithSmallerWindowsWhereTheyDoNotAllFit() {
        List<FakePublisher> publishers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            publishers.add(rig.publish("t" + i));
        }

        for (int round = 0; round < 200; round++) {
            for (FakePublisher publisher : publishers) {
                publisher.send(round);
                rig.run();
            }
        }

        assertThat(batchesUsed()).isBetween(60, 76);
        for (int i = 0; i < 10; i++) {
            assertThat(publishers.get(i).lines).isEmpty();
            assertThat(rig.list("t" + i).get(0).nextOffset()).isEqualTo(200);
            assertThat(rig.list("t" + i).get(0).batches()).isBetween(4L, 12L);
        }
    }

    @Test
    void takesFromTheLargestWindowFirst() {
        FakePublisher large = rig.publish("large");
        FakePublisher small = rig.publish("small").send(1, 2, 3);
        for (int i = 0; i < 72; i++) {
            large.send(i);
            rig.run();
        }
        for (int i = 0; i < 20; i++) {
            small.send(i);
            rig.run();
        }

        assertThat(rig.list("small").get(0).batches()).isEqualTo(23);
        assertThat(rig.list("large").get(0).batches()).isLessThan(60);
    }

    @Test
    void pausesPublishersForSubscriptionsThatHoldTheirTopicsAndRecovers() {
        FakeSink sink = holder("held");
        FakePublisher holding = rig.publish("held");
        for (int i = 0; i < 84; i++) {
            holding.send(i);
            rig.run();
        }
        FakePublisher other = rig.publish("other");
        rig.run();
        assertThat(holding.lines).isEmpty();

        other.send(1, 2); // it makes 86
        rig.run();

        assertThat(holding.lines).containsExactly("readable false");
        assertThat(rig.publish("held").send(0).lines).isEmpty();
        rig.run();
        sink.cancel();
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();
        assertThat(batchesUsed()).isLessThanOrEqualTo(80);
        assertThat(holding.lines).containsExactly("readable false", "readable true");
    }

    @Test
    void pausesNoPublisherOfATopicThatIsWithinItsShare() {
        holder("held");
        FakePublisher holding = rig.publish("held");
        for (int i = 0; i < 86; i++) {
            holding.send(i);
        }
        FakePublisher other = rig.publish("other");
        FakeSink prompt = rig.subscribe("other", "latest");
        rig.run();

        for (int i = 0; i < 100; i++) {
            other.send(i);
            rig.run();
        }

        assertThat(holding.lines).containsExactly("readable false");
        assertThat(other.lines).isEmpty();
        assertThat(prompt.lines).filteredOn(line -> line.startsWith("batch")).hasSize(100);
        assertThat(batchesUsed()).isLessThan(100);
    }

    @Test
    void pausesAPublisherThatTakesMoreThanIsLeftUntilThereIsMore() {
        FakeSink sink = holder("held");
        FakePublisher holding = rig.publish("held");
        for (int i = 0; i < 86; i++) {
            holding.send(i);
        }
        holder("other");
        FakePublisher other = rig.publish("other");
        rig.run();
        for (int i = 0; i < 13; i++) { // above an eighth of all, and more than is left
            other.send(i);
        }
        rig.run();
        assertThat(other.lines).containsExactly("readable false");

        sink.grant(1_000);
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();

        assertThat(other.lines).containsExactly("readable false", "readable true");
    }

    @Test
    void leavesTopicsWhatTheyAreGrantedWhereAnotherHoldsTheMemory() {
        FakePublisher small = rig.publish("small").send(1, 2, 3);
        rig.run();
        holder("held");
        FakePublisher holding = rig.publish("held");
        for (int i = 0; i < 90; i++) {
            holding.send(i);
        }
        rig.run();

        for (int tenths = 0; tenths < 30; tenths++) {
            rig.topicLoop.advance(Duration.ofMillis(100));
            rig.run();
        }

        assertThat(rig.list("small").get(0).batches()).isEqualTo(3);
        assertThat(small.lines).isEmpty();
    }

    @Test
    void pausesPublishersThatComeToATopicThatIsHeldBack() {
        FakeSink sink = holder("held");
        FakePublisher holding = rig.publish("held");
        for (int i = 0; i < 86; i++) {
            holding.send(i);
        }
        rig.run();

        FakePublisher late = rig.publish("held");
        rig.run();
        assertThat(late.lines).containsExactly("readable false");

        sink.grant(1_000);
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();
        assertThat(late.lines).containsExactly("readable false", "readable true");
    }

    @Test
    void neverPausesForLongForWhatIsOnlyRetained() {
        FakePublisher publisher = rig.publish("t");
        for (int i = 0; i < 200; i++) {
            publisher.send(i); // all at once: far above the limit
        }
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();

        assertThat(publisher.lines).containsExactly("readable false", "readable true");
        assertThat(batchesUsed()).isLessThanOrEqualTo(80);
    }

    @Test
    void evictsEvenTheOnlyBatchOfATopicWhereNothingElseIsLeft() {
        FakePublisher first = rig.publish("a").send(Messages.longBatch(5_000, 1, rig.allocator));
        rig.run();
        FakePublisher second = rig.publish("b").send(Messages.longBatch(6_000, 1, rig.allocator));
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();

        assertThat(rig.list("a").get(0).batches()).isZero();
        assertThat(rig.list("b").get(0).batches()).isOne();
        assertThat(first.isReadable).isTrue();
        assertThat(second.isReadable).isTrue();
    }

    @Test
    void letsGoOfASubscriptionThatHoldsWhatOthersWaitFor() {
        FakeSink sink = holder("held");
        FakePublisher gone = rig.publish("held");
        for (int i = 0; i < 86; i++) {
            gone.send(i);
        }
        gone.finish();
        FakePublisher other = rig.publish("held");
        rig.run();
        assertThat(other.isReadable).isFalse();

        for (int tenths = 0; tenths < 310 && !other.isReadable; tenths++) {
            rig.topicLoop.advance(Duration.ofMillis(100));
            rig.run();
        }

        assertThat(other.isReadable).isTrue();
        assertThat(sink.lines).containsExactly("start 0", "flush", "cut LAGGED");
    }

    @Test
    void hasATimerOnlyWhileMemoryIsShort() {
        neverPausesForLongForWhatIsOnlyRetained();

        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void isFullAboveItsLastMark() {
        FakeSink sink = holder("held");
        rig.publish("held").send(Messages.longBatch(11_000, 1, rig.allocator));
        rig.run();
        assertThat(rig.broker.isFull()).isTrue();

        sink.cancel();
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(100));
        rig.run();
        assertThat(rig.broker.isFull()).isFalse();
    }

    /** Returns a subscription that blocks a topic and takes nothing. */
    private FakeSink holder(String topic) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        return rig.subscribe(topic, "earliest", "live", "block", sink);
    }

    private int batchesUsed() {
        return (int) Math.round((double) rig.broker.usedMemoryBytes() / Messages.BATCH_WEIGHT);
    }
}
