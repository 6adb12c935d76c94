package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicTotals;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a topic and its broker count, with a window of three batches. */
class TopicCountsTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private TopicTotals totals(String topic) {
        rig.run();
        return rig.list(topic).get(0).totals();
    }

    private long count(Counter counter) {
        return rig.broker.counters().value(counter);
    }

    @Test
    void countWhatIsAppended() {
        FakePublisher publisher = rig.publish("t");
        IpcMessage many = Messages.longBatch(7, 1, rig.allocator);
        IpcMessage one = Messages.batch(2, rig.allocator);
        long bytes = many.frameBytes() + one.frameBytes();

        publisher.send(many).send(one);

        assertThat(totals("t")).isEqualTo(new TopicTotals(2, 8, bytes, 0, 0, 0, 0));
        assertThat(count(Counter.BATCHES_APPENDED)).isEqualTo(2);
        assertThat(count(Counter.ROWS_APPENDED)).isEqualTo(8);
        assertThat(count(Counter.BYTES_APPENDED)).isEqualTo(bytes);
    }

    @Test
    void countWhatIsDeliveredForEachSubscriber() {
        PublishRequest request = new PublishRequest(new TopicName("t"), false, false);
        FakePublisher publisher = rig.publish(request, List.of(Messages.encoded("s", 1)));
        FakeSink live = rig.subscribe("t", "latest");
        publisher.sendDictionary(1, "x").send(1);
        rig.run();
        publisher.send(2);
        rig.run();
        FakeSink late = rig.subscribe("t", "earliest", "end", "disconnect");
        rig.run();

        long batches = live.positions.size() + late.positions.size();
        assertThat(batches).isGreaterThan(2);
        assertThat(totals("t").deliveredBatches()).isEqualTo(batches);
        assertThat(totals("t").deliveredBytes()).isEqualTo(live.bytes + late.bytes);
        assertThat(count(Counter.BATCHES_DELIVERED)).isEqualTo(batches);
        assertThat(count(Counter.BYTES_DELIVERED)).isEqualTo(live.bytes + late.bytes);
    }

    @Test
    void countWhatIsDeliveredBeforeTheEndIsKnown() {
        rig.publish("t").send(1, 2, 3);
        rig.run();
        FakeSink sink = rig.subscribe("t", "earliest", "2", "disconnect");

        rig.topicLoop.runAll();
        rig.sinkLoop.runAll();

        assertThat(sink.lines).endsWith("complete");
        assertThat(count(Counter.BATCHES_DELIVERED)).isEqualTo(2);
    }

    @Test
    void countGaps() {
        FakePublisher publisher = rig.publish("t");
        FakeSink sink = stalled("drop");

        publisher.send(1, 2, 3, 4, 5, 6);
        rig.run();
        assertThat(totals("t").gapBatches()).isZero(); // nobody has been told yet
        sink.grant(10);

        assertThat(totals("t").gapBatches()).isEqualTo(3);
        assertThat(count(Counter.BATCHES_DROPPED)).isEqualTo(3);
        assertThat(totals("t").cutSubscribers()).isZero();
    }

    @Test
    void countSubscribersThatLag() {
        FakePublisher publisher = rig.publish("t");
        stalled("disconnect");
        stalled("disconnect");

        publisher.send(1, 2, 3, 4, 5, 6);

        assertThat(totals("t").cutSubscribers()).isEqualTo(2);
        assertThat(count(Counter.SUBSCRIBERS_LAGGED)).isEqualTo(2);
    }

    @Test
    void countTopicsApartAndTogether() {
        rig.publish("a").send(1);
        rig.publish("b").send(1, 2);

        assertThat(totals("a").appendedBatches()).isEqualTo(1);
        assertThat(totals("b").appendedBatches()).isEqualTo(2);
        assertThat(count(Counter.BATCHES_APPENDED)).isEqualTo(3);
    }

    @Test
    void countPausesOfPublishers() {
        rig.publish("t").send(Messages.longBatch(200_000, 1, rig.allocator));
        rig.run();

        assertThat(count(Counter.PUBLISHERS_PAUSED)).isOne();
    }

    /** Returns a subscription whose sink takes nothing. */
    private FakeSink stalled(String onLag) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "latest", "live", onLag, sink);
        rig.run();
        return sink;
    }
}
