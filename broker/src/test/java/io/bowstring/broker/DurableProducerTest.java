package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publishers that number their batches, in a topic whose log commits later. */
class DurableProducerTest {
    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(BrokerConfig.DEFAULTS, storage);

    @Test
    void isAcceptedAtOnceWhereItHasPublishedNothing() {
        rig.publish("t").send(7);
        FakePublisher publisher = produce();
        rig.run();

        assertThat(publisher.lines).containsExactly("accepted -1");
    }

    @Test
    void isAcceptedWhenWhatItPublishedBeforeIsCommitted() {
        produce().sendNumbered(1, 2).abort();
        rig.run();
        FakePublisher again = produce();
        rig.run();
        commit(1);
        assertThat(again.take()).isEmpty();

        commit(2);

        assertThat(again.lines).containsExactly("accepted 2");
    }

    @Test
    void isAcceptedOnceAndBeforeAcknowledgements() {
        FakePublisher fenced = produce().sendNumbered(1);
        rig.run();
        FakePublisher again = produce().sendNumbered(1, 2);
        rig.run();
        assertThat(fenced.take()).containsExactly("accepted -1", "refused FENCED");
        assertThat(again.lines).isEmpty();

        commit(2);
        again.sendNumbered(3);
        rig.run();
        commit(3);

        assertThat(again.lines).containsExactly("accepted 1", "appended 2 @1", "appended 3 @2");
    }

    @Test
    void isAcceptedBeforeItIsFinished() {
        produce().sendNumbered(1).abort();
        rig.run();
        FakePublisher idle = produce().finish();
        rig.run();
        assertThat(idle.take()).isEmpty();

        commit(1);

        assertThat(idle.lines).containsExactly("accepted 1", "finished");
    }

    @Test
    void acknowledgesARepeatedBatchWhenTheFirstIsCommitted() {
        produce().sendNumbered(1, 2).abort();
        rig.run();
        commit(1);
        FakePublisher again = produce().sendNumbered(1, 2).finish();
        rig.run();
        assertThat(again.take()).isEmpty();

        commit(2);

        assertThat(again.lines).startsWith("accepted 2").endsWith("appended 2 @1", "finished");
        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "complete");
    }

    @Test
    void showsItsNumbersToTheLogAndToSubscribers() {
        produce().sendNumbered(5);
        rig.publish("t").send(6);
        rig.run();
        commit(2);

        FakeSink sink = rig.subscribe("t", "earliest");
        rig.run();

        assertThat(sink.metadata.get(0))
                .containsEntry("bowstring.sequence", "5")
                .containsEntry("bowstring.producer", new ProducerId("a").digest())
                .containsEntry("bowstring.crc", "00000000");
        assertThat(sink.metadata.get(1))
                .doesNotContainKeys("bowstring.sequence", "bowstring.producer")
                .containsEntry("bowstring.crc", "00000000");
    }

    @Test
    void mayHearAgainThatTheTopicIsSealed() {
        produce(true).sendNumbered(1).finish();
        rig.run();
        commit(1);

        FakePublisher again = produce(true).sendNumbered(1).finish();
        rig.run();
        assertThat(again.take()).containsExactly("accepted 1", "appended 1 @0"); // the seal is not kept yet
        storage.log("t").keepSeal();
        rig.run();
        assertThat(again.take()).containsExactly("finished");

        storage.takeCalls();
        FakePublisher third = produce(true).sendNumbered(1).finish();
        rig.run();
        assertThat(third.lines).containsExactly("accepted 1", "appended 1 @0", "finished");
        assertThat(storage.calls).isEmpty();
    }

    private void commit(long offset) {
        storage.log("t").commit(offset);
        rig.run();
    }

    private FakePublisher produce() {
        return produce(false);
    }

    private FakePublisher produce(boolean seals) {
        PublishRequest request = new PublishRequest(new TopicName("t"), true, seals, new ProducerId("a"));
        return rig.publish(request, Messages.PLAIN);
    }
}
