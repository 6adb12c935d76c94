package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A topic that goes gives its place back to its source. The broker has eight places, and one source has taken its part. */
class FairTopicsTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 8, 1 << 20, 1 << 20, 10));

    private final List<FakePublisher> publishers = new ArrayList<>();

    @BeforeEach
    void fill() {
        for (int i = 0; i < 6; i++) {
            publishers.add(publish("greedy." + i, "greedy"));
        }
        assertGreedyRefused();
    }

    @Test
    void itsMakerWhenItIsDeleted() {
        FakePublisher guest = publish("greedy.3", "modest");

        rig.broker.delete(new TopicName("greedy.3"));
        rig.run();

        assertThat(guest.lines).containsExactly("refused UNKNOWN_TOPIC");
        assertOneFreePlaceOfGreedy();
    }

    @Test
    void itsMakerWhenItHasBeenEmptyForLong() {
        FakePublisher guest = publish("greedy.3", "modest");
        publishers.get(3).finish();
        guest.finish();
        rig.run();
        assertGreedyRefused();

        rig.topicLoop.advance(BrokerConfig.DEFAULTS.topics().emptyTopicAge());
        rig.run();

        assertOneFreePlaceOfGreedy();
    }

    @Test
    void itsMakerWhenNobodyWaitsForItAnyMore() {
        rig.broker.delete(new TopicName("greedy.3"));
        rig.run();
        FakeSink first = wait("greedy.3", "greedy");
        FakeSink second = wait("greedy.3", "modest");
        first.cancel();
        rig.run();
        assertGreedyRefused();

        second.cancel();
        rig.run();

        assertOneFreePlaceOfGreedy();
    }

    @Test
    void itsMakerWhenItCouldNotBeMade() {
        rig.broker.delete(new TopicName("greedy.3"));
        rig.run();
        IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);
        rig.allocator.setExhausted(true);
        FakePublisher failed = rig.publish(request("failed"), schema, "greedy");
        rig.run();
        rig.allocator.setExhausted(false);
        assertThat(failed.lines).containsExactly("refused STORAGE_FULL");

        assertOneFreePlaceOfGreedy();
    }

    /** One place is free of the six that this source may have; the two of the last quarter are free for others. */
    private void assertOneFreePlaceOfGreedy() {
        publish("greedy.6", "greedy");
        assertGreedyRefused();
        publish("modest.0", "modest");
        publish("humble.0", "humble");
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> publish("refused", "another"))
                .withMessage("topics: 9 (expected: <= 8; max-topics)");
    }

    private FakeSink wait(String topic, String source) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.source = source;
        rig.subscribe(topic, "latest", "live", "disconnect", sink);
        rig.run();
        return sink;
    }

    private static PublishRequest request(String topic) {
        return new PublishRequest(new TopicName(topic), false, false);
    }

    private FakePublisher publish(String topic, String source) {
        FakePublisher publisher = rig.publish(request(topic), Messages.schema(Messages.PLAIN, rig.allocator), source);
        rig.run();
        assertThat(publisher.lines).isEmpty();
        return publisher;
    }

    private void assertGreedyRefused() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> publish("refused", "greedy"))
                .withMessage("topics of one address: 7 (expected: <= 1 while only 2 of 8 are free; max-topics)")
                .returns(ErrorCode.LIMIT_REACHED, ProtocolException::code);
    }
}
