package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions with {@code on-lag = block} on a window of three batches; publishers may have four in flight. */
class BlockTest {
    private static final BrokerConfig CONFIG =
            SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, 4 * Messages.BATCH_WEIGHT, 10);

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(CONFIG);

    private final FakePublisher publisher = rig.publish("t");

    @Test
    void holdsTheWindow() {
        FakeSink sink = stalled();

        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        assertThat(rig.list("t").get(0).firstOffset()).isOne();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(4);
        assertThat(sink.lines).isEmpty();
    }

    @Test
    void pausesPublisherAndResumesItAtHalf() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3);
        rig.run();
        publisher.send(4, 5, 6, 7);
        rig.run();
        assertThat(publisher.take()).isEmpty(); // three in the window, four in flight

        publisher.send(8);
        rig.run();
        assertThat(publisher.take()).containsExactly("readable false");

        sink.grant(2); // three in flight
        rig.run();
        assertThat(publisher.take()).isEmpty();

        sink.grant(1); // two
        rig.run();
        assertThat(publisher.take()).containsExactly("readable true");
    }

    @Test
    void losesNothing() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5, 6, 7, 8, 9).finish();
        rig.run();

        List<String> batches = new ArrayList<>();
        for (int i = 1; i < 10; i++) {
            batches.add("batch " + i + " = " + i);
            sink.grant(1);
            rig.run();
        }

        assertThat(sink.lines).filteredOn(line -> !line.equals("flush")).isEqualTo(batches);
        assertThat(publisher.lines).containsExactly("readable false", "readable true", "finished");
    }

    @Test
    void losesNothingWhereThePublisherGoesAway() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5).abort();
        rig.run();
        assertThat(rig.list("t").get(0).publishers()).isOne();

        sink.grant(10);
        rig.run();

        assertThat(sink.lines)
                .filteredOn(line -> line.startsWith("batch"))
                .hasSize(5)
                .endsWith("batch 5 = 5");
        assertThat(publisher.lines).endsWith("finished");
        assertThat(rig.list("t").get(0).publishers()).isZero();
    }

    @Test
    void refusesPublishersWhereThoseThatAreGoneHaveLeftTooMuch() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5, 6, 7, 8, 9).abort();
        rig.run();

        FakePublisher late = rig.publish("t");
        rig.run();
        assertThat(late.lines).hasSize(1);
        assertThat(late.lines.get(0)).startsWith("refused LIMIT_REACHED");

        sink.grant(20);
        rig.run();
        FakePublisher later = rig.publish("t").send(10).finish();
        rig.run();
        assertThat(later.lines).containsExactly("finished");
    }

    @Test
    void takesPublishersBesidesThoseThatAreHeldBackButThere() {
        stalled();
        publisher.send(1, 2, 3, 4, 5, 6, 7, 8, 9);
        rig.run();

        FakePublisher other = rig.publish("t").send(10);
        rig.run();

        assertThat(other.lines).isEmpty();
    }

    @Test
    void finishesAndSealsWhereThePublisherGoesAwayAfterItsEnd() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("sealed", "latest", "live", "block", sink);
        FakePublisher sealing = rig.publish(new PublishRequest(new TopicName("sealed"), false, true), Messages.PLAIN);

        sealing.send(0, 1, 2, 3, 4).finish().abort();
        rig.run();
        assertThat(rig.list("sealed").get(0).isSealed()).isFalse();
        sink.grant(10);
        rig.run();

        assertThat(sink.lines).endsWith("batch 4 = 4", "complete");
        assertThat(rig.list("sealed").get(0).isSealed()).isTrue();
    }

    @Test
    void dropsWhatWaitsWhereThePublisherIsRefused() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5, 6, 7, 8);
        rig.run();
        publisher.take();

        rig.broker.drain();
        rig.run();
        sink.grant(10);
        rig.run();

        assertThat(publisher.lines).containsExactlyInAnyOrder("refused " + ErrorCode.SHUTTING_DOWN, "readable true");
        assertThat(sink.lines).endsWith("batch 3 = 3", "complete");
    }

    @Test
    void freesPublishersWhereItIsCancelled() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        sink.cancel();
        rig.run();

        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(6);
    }

    @Test
    void freesPublishersWhereItEnds() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "latest", "1", "block", sink);
        publisher.send(0, 1, 2, 3, 4);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(3);

        sink.grant(1);
        rig.run();

        assertThat(sink.lines).endsWith("batch 0 = 0", "complete");
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void holdsOnlyWhatItWillDeliver() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "latest", "0", "block", sink); // nothing at all
        publisher.send(0, 1, 2, 3, 4);
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "complete");
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void doesNotHoldWhatItWillNotDeliver() {
        publisher.send(0, 1);
        rig.run();
        rig.subscribe("t", "0", "0", "block"); // ends before it begins
        rig.subscribe("t", "1000", "live", "block"); // will be refused
        rig.topicLoop.runAll(); // and their loop does not come to it

        publisher.send(2, 3, 4);
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll();

        CompletionStage<List<TopicStatus>> list = rig.broker.list("").next();
        rig.topicLoop.runAll();
        assertThat(list.toCompletableFuture().join().get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void waitsForAllThatBlock() {
        FakeSink first = stalled();
        FakeSink second = new FakeSink(rig.newLoop());
        second.credit = 0;
        rig.subscribe("t", "latest", "live", "block", second);
        publisher.send(1, 2, 3, 4);
        rig.run();

        first.grant(10);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(4);

        second.grant(10);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void doesNotHoldForOthers() {
        FakeSink dropping = new FakeSink(rig.sinkLoop);
        dropping.credit = 0;
        rig.subscribe("t", "latest", "live", "drop", dropping);
        rig.subscribe("waiting", "latest", "live", "block"); // has no schema and no place yet
        publisher.send(0, 1, 2, 3, 4);
        rig.run();

        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void makesRoomForABatchLargerThanTheWindow() {
        FakeSink sink = stalled();
        publisher.send(1);
        publisher.send(Messages.longBatch(1000, 2, rig.allocator)).send(3);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(2);

        sink.grant(1);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(3);

        sink.grant(1);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(4);
    }

    @Test
    void pushesNothingOutForABatchThatWaits() {
        FakeSink sink = stalled();
        publisher.send(1, 2);
        rig.run();

        publisher.send(Messages.longBatch(1000, 3, rig.allocator)); // for which 0, 1 and 2 must go
        rig.run();
        assertThat(rig.list("t").get(0).firstOffset()).isZero();

        sink.grant(2);
        rig.run();
        assertThat(rig.list("t").get(0).firstOffset()).isEqualTo(3);
    }

    @Test
    void freesAllPublishersThatWait() {
        FakePublisher second = rig.publish("t");
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4);
        rig.run();
        second.send(5);
        rig.run();
        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(4);

        sink.grant(10);
        rig.run();

        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(6);
    }

    @Test
    void seesASubscriptionThatAdvancesWhileItIsBeingChecked() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4);
        rig.publisherLoop.runAll();
        sink.grant(1);

        // The window fills up and batch 1 is delivered before the topic says that it is blocked: in every order of the
        // two loops' tasks batch 4 must get in, without anything else happening.
        rig.topicLoop.runNext();
        rig.topicLoop.runNext();
        rig.topicLoop.runNext();
        rig.sinkLoop.runAll();
        rig.run();

        assertThat(rig.list("t").get(0).nextOffset()).isEqualTo(5);
    }

    @Test
    void unblocksOnItsOwnLoopWhereAllShareOne() {
        BrokerRig one = BrokerRig.onOneLoop(CONFIG);
        FakePublisher many = one.publish("t");
        FakeSink sink = one.subscribe("t", "latest", "live", "block");
        for (int i = 0; i < 20; i++) {
            many.send(i);
        }
        many.finish();
        one.run();

        assertThat(sink.lines).filteredOn(line -> line.startsWith("batch")).hasSize(20);
        assertThat(many.lines).endsWith("finished");
        one.close();
    }

    /** Returns a blocking subscription whose sink has taken batch 0 and takes no more. */
    private FakeSink stalled() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "latest", "live", "block", sink);
        publisher.send(0);
        rig.run();
        assertThat(sink.take()).containsExactly("start 0", "batch 0 = 0", "flush");
        return sink;
    }
}
