package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Where a subscription starts and where it ends; the topic holds batches 2, 3 and 4 of 0 to 4, which were appended at 0, 10, 20, 30
 * and 40 microseconds.
 */
class SubscriptionPositionTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher publisher = publishFive();

    private FakePublisher publishFive() {
        FakePublisher five = rig.publish("t");
        for (int value = 0; value <= 40; value += 10) {
            rig.clock.setMicros(value);
            five.send(value);
            rig.run();
        }
        return five;
    }

    @Test
    void startsLatestBehindWhatIsHeld() {
        FakeSink sink = subscribe("latest", "live");

        assertThat(sink.take()).containsExactly("start 5", "flush");
        publishNext();
        assertThat(sink.take()).containsExactly("batch 5 = 50", "flush");
    }

    @Test
    void startsEarliestAtOldestBatchHeld() {
        FakeSink sink = subscribe("earliest", "live");

        assertThat(sink.take()).containsExactly("start 2", "batch 2 = 20", "batch 3 = 30", "batch 4 = 40", "flush");
        publishNext();
        assertThat(sink.take()).containsExactly("batch 5 = 50", "flush");
    }

    @Test
    void startsAtOffset() {
        assertThat(subscribe("2", "live").take()).startsWith("start 2", "batch 2 = 20");
        assertThat(subscribe("3", "live").take()).containsExactly("start 3", "batch 3 = 30", "batch 4 = 40", "flush");
    }

    @Test
    void startsAtOffsetOfNextBatch() {
        FakeSink sink = subscribe("5", "live");

        assertThat(sink.take()).containsExactly("start 5", "flush");
        publishNext();
        assertThat(sink.take()).containsExactly("batch 5 = 50", "flush");
    }

    @Test
    void startsAtLastBatches() {
        assertThat(subscribe("-1", "live").take()).containsExactly("start 4", "batch 4 = 40", "flush");
        assertThat(subscribe("-2", "live").take()).startsWith("start 3", "batch 3 = 30");
        assertThat(subscribe("-3", "live").take()).startsWith("start 2", "batch 2 = 20");
    }

    @Test
    void startsAtOldestWhereFewerThanLastAreHeld() {
        assertThat(subscribe("-4", "live").take()).startsWith("start 2", "batch 2 = 20");
        assertThat(subscribe("-999999999999999999", "live").take()).startsWith("start 2", "batch 2 = 20");
    }

    @Test
    void startsAtFirstBatchSinceATime() {
        assertThat(subscribe("1970-01-01T00:00:00.000030Z", "live").take())
                .containsExactly("start 3", "batch 3 = 30", "batch 4 = 40", "flush");
        assertThat(subscribe("1970-01-01T00:00:00.000031Z", "live").take())
                .containsExactly("start 4", "batch 4 = 40", "flush");
        assertThat(subscribe("1970-01-01T00:00:00.000040Z", "live").take())
                .containsExactly("start 4", "batch 4 = 40", "flush");
    }

    @Test
    void startsAtOldestWhereWhatWasThereSinceATimeHasLeft() {
        assertThat(subscribe("1969-12-31T00:00:00Z", "live").take()).startsWith("start 2", "batch 2 = 20");
        assertThat(subscribe("1970-01-01T00:00:00.000010Z", "live").take()).startsWith("start 2", "batch 2 = 20");
    }

    @Test
    void startsLatestWhereThereIsNothingSinceATime() {
        FakeSink sink = subscribe("1970-01-01T00:00:00.000041Z", "live");

        assertThat(sink.take()).containsExactly("start 5", "flush");
        publishNext();
        assertThat(sink.take()).containsExactly("batch 5 = 50", "flush");
    }

    @Test
    void startsWithTheFirstBatchOfATopicThatIsNotThereYet() {
        FakeSink sink = rig.subscribe("other", "2026-11-30T12:00:00Z");
        rig.run();

        rig.publish("other").send(7);
        rig.run();

        assertThat(sink.take()).contains("start 0", "batch 0 = 7");
    }

    @Test
    void refusesOffsetThatIsNoLongerHeld() {
        FakeSink sink = subscribe("1", "live");

        assertThat(sink.lines).containsExactly("refuse OFFSET_EXPIRED");
        assertThat(sink.reason).isEqualTo("bowstring.from: 1 (expected: >= 2, or earliest)");
    }

    @Test
    void refusesOffsetBeyondNext() {
        FakeSink sink = subscribe("6", "live");

        assertThat(sink.lines).containsExactly("refuse BAD_REQUEST");
        assertThat(sink.reason).isEqualTo("bowstring.from: 6 (expected: <= 5)");
    }

    @Test
    void endsBehindWhatIsHeldNow() {
        FakeSink sink = subscribe("3", "end");
        publishNext();

        assertThat(sink.lines).containsExactly("start 3", "batch 3 = 30", "batch 4 = 40", "complete");
    }

    @Test
    void endsAtOnceWhereNothingIsWanted() {
        assertThat(subscribe("latest", "end").lines).containsExactly("start 5", "complete");
        assertThat(subscribe("earliest", "2").lines).containsExactly("start 2", "complete");
        assertThat(subscribe("4", "3").lines).containsExactly("start 4", "complete");
    }

    @Test
    void endsInFrontOfOffset() {
        assertThat(subscribe("earliest", "3").lines).containsExactly("start 2", "batch 2 = 20", "complete");
    }

    @Test
    void endsInFrontOfOffsetToCome() {
        FakeSink sink = subscribe("latest", "7");

        publisher.send(50, 60, 70);
        rig.run();

        assertThat(sink.lines).containsExactly("start 5", "flush", "batch 5 = 50", "batch 6 = 60", "complete");
    }

    @Test
    void completesEvenWhereSinkIsNotWritable() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 2;

        rig.subscribe("t", "3", "end", "disconnect", sink);
        rig.run();

        assertThat(sink.lines).containsExactly("start 3", "batch 3 = 30", "batch 4 = 40", "complete");
    }

    @Test
    void stopsWhileSinkIsNotWritable() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "earliest", "live", "disconnect", sink);
        rig.run();
        assertThat(sink.take()).containsExactly("start 2", "batch 2 = 20", "flush");

        sink.grant(1);
        rig.run();
        assertThat(sink.take()).containsExactly("batch 3 = 30", "flush");

        sink.grant(5);
        rig.run();
        assertThat(sink.take()).containsExactly("batch 4 = 40", "flush");
    }

    @Test
    void writesNothingBeforeItBegins() {
        FakeSink sink = rig.subscribe("t", "4", "live", "disconnect", new FakeSink(rig.sinkLoop));

        rig.topicLoop.runAll(); // the topic has begun it and the sink has not heard yet
        sink.grant(5);
        rig.sinkLoop.rotate();
        rig.run();

        assertThat(sink.lines).containsExactly("start 4", "batch 4 = 40", "flush");
    }

    @Test
    void writesNothingWhereResumedForNothing() {
        FakeSink sink = subscribe("latest", "live");
        sink.take();

        sink.grant(5);
        rig.run();

        assertThat(sink.lines).isEmpty();
    }

    @Test
    void writesNothingAfterCancel() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "earliest", "live", "disconnect", sink);
        rig.run();
        sink.take();

        sink.cancel();
        sink.cancel();
        sink.grant(5);
        publishNext();

        assertThat(sink.lines).isEmpty();
        assertThat(rig.list("").get(0).subscribers()).isZero();
    }

    @Test
    void writesNothingWhereCancelledBeforeItBegins() {
        FakeSink sink = rig.subscribe("t", "earliest", "live", "disconnect", new FakeSink(rig.sinkLoop));

        rig.topicLoop.runAll(); // the topic has begun it and the sink has not heard yet
        sink.cancel();
        rig.sinkLoop.rotate();
        rig.run();

        assertThat(sink.lines).isEmpty();
        assertThat(rig.list("").get(0).subscribers()).isZero();
    }

    private void publishNext() {
        publisher.send(50);
        rig.run();
    }

    private FakeSink subscribe(String from, String until) {
        FakeSink sink = rig.subscribe("t", from, until, "disconnect");
        rig.run();
        return sink;
    }
}
