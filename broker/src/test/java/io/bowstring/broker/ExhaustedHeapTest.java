package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A heap that has no room for a task, once: what is in the topic is neither lost nor appended again. */
class ExhaustedHeapTest {
    /** One batch in flight is more than half of what may be. */
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, Messages.BATCH_WEIGHT / 2, 10));

    @Test
    void remembersABatchWhosePublisherCannotBeToldToReadOn() {
        FakePublisher publisher = produce();
        rig.run();
        publisher.sendNumbered(1);
        rig.publisherLoop.runNext();
        rig.publisherLoop.failOnce(ExhaustedHeapTest::exhausted);

        rig.runUntil(() -> publisher.lines.contains("readable true"));

        assertThat(publisher.lines).containsExactly("accepted -1", "readable false", "appended 1 @0", "readable true");
        FakePublisher again = produce().sendNumbered(1).finish();
        rig.run();
        assertThat(again.lines).startsWith("accepted 1").endsWith("appended 1 @0", "finished");
        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void deliversABurstWhoseEndCouldNotBeTold() {
        assertDelivers(rig.publisherLoop, 0);
    }

    @Test
    void wakesALoopAgainThatCouldNotBeWoken() {
        assertDelivers(rig.sinkLoop, 1);
    }

    /** Sends a batch; the loop fails once after so many tasks of the publisher's. */
    private void assertDelivers(ManualExecutor failing, int tasksBefore) {
        FakeSink sink = rig.subscribe("t", "latest");
        FakePublisher publisher = rig.publish("t");
        rig.run();
        publisher.send(7);
        for (int i = 0; i < tasksBefore; i++) {
            rig.publisherLoop.runNext();
        }
        failing.failOnce(ExhaustedHeapTest::exhausted);

        rig.runUntil(() -> sink.lines.contains("batch 0 = 7"));

        assertThat(publisher.lines).doesNotContain("refused STORAGE_FULL");
    }

    private FakePublisher produce() {
        TopicName topic = new TopicName("t");
        return rig.publish(new PublishRequest(topic, true, false, new ProducerId("a")), Messages.PLAIN);
    }

    private static void exhausted() {
        throw new OutOfMemoryError("Java heap space");
    }
}
