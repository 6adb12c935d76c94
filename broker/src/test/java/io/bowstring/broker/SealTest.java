package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SealTest {
    private static final PublishRequest SEALING = new PublishRequest(new TopicName("t"), false, true);

    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher sealing = rig.publish(SEALING, Messages.PLAIN);

    @Test
    void completesSubscriptionsBehindLastBatch() {
        FakeSink sink = rig.subscribe("t", "latest");

        sealing.send(1, 2).finish();
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "complete");
        assertThat(sealing.lines).containsExactly("finished");
        assertThat(rig.list("t").get(0)).returns(true, TopicStatus::isSealed).returns(0L, TopicStatus::subscribers);
    }

    @Test
    void completesSubscriptionsThatWait() {
        FakeSink sink = rig.subscribe("t", "latest");
        sealing.send(1);
        rig.run();
        assertThat(sink.take()).endsWith("flush");

        sealing.finish();
        rig.run();

        assertThat(sink.lines).containsExactly("complete");
    }

    @Test
    void completesStalledSubscriptionWhenItHasCaughtUp() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "latest", "live", "disconnect", sink);
        sealing.send(1, 2).finish();
        rig.run();
        assertThat(sink.take()).containsExactly("start 0", "batch 0 = 1", "flush");

        sink.grant(1);
        rig.run();

        assertThat(sink.lines).containsExactly("batch 1 = 2", "complete");
    }

    @Test
    void leavesEarlierEndOfSubscription() {
        FakeSink sink = rig.subscribe("t", "latest", "1", "disconnect");

        sealing.send(1, 2).finish();
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void refusesOtherPublishers() {
        FakePublisher other = rig.publish("t");
        rig.run();

        sealing.finish();
        rig.run();

        assertThat(other.lines).containsExactly("refused TOPIC_SEALED");
        assertThat(other.reason).isEqualTo("topic: t (expected: one that is not sealed)");
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::publishers);
    }

    @Test
    void refusesLaterPublisher() {
        sealing.send(1).finish();
        rig.run();

        FakePublisher late = rig.publish("t").send(2);
        rig.run();

        assertThat(late.lines).containsExactly("refused TOPIC_SEALED");
        assertThat(late.reason).isEqualTo("topic: t (expected: one that is not sealed)");
        assertThat(rig.list("t").get(0)).returns(1L, TopicStatus::nextOffset);
    }

    @Test
    void completesLaterSubscriptions() {
        sealing.send(1, 2).finish();
        rig.run();

        assertThat(subscribe("earliest", "live").lines)
                .containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "complete");
        assertThat(subscribe("latest", "live").lines).containsExactly("start 2", "complete");
        assertThat(subscribe("earliest", "1").lines).containsExactly("start 0", "batch 0 = 1", "complete");
        assertThat(subscribe("1", "1000").lines).containsExactly("start 1", "batch 1 = 2", "complete");
        assertThat(subscribe("1", "end").lines).containsExactly("start 1", "batch 1 = 2", "complete");
    }

    @Test
    void doesNotSealWhereTheRequestDoesNotSay() {
        rig.publish("t").send(1).finish();
        rig.run();

        assertThat(rig.list("t").get(0)).returns(false, TopicStatus::isSealed);
    }

    private FakeSink subscribe(String from, String until) {
        FakeSink sink = rig.subscribe("t", from, until, "disconnect");
        rig.run();
        return sink;
    }
}
