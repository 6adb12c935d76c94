package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingSubscriptionTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    @ParameterizedTest
    @ValueSource(strings = {"latest", "earliest", "0", "-5"})
    void startsWithFirstPublisher(String from) {
        FakeSink sink = rig.subscribe("t", from);
        rig.run();
        assertThat(sink.lines).isEmpty();

        rig.publish("t").send(1);
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "flush");
    }

    @Test
    void startsBeforeFirstBatch() {
        FakeSink sink = rig.subscribe("t", "latest");

        rig.publish("t");
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "flush");
    }

    @Test
    void endsInFrontOfOffset() {
        FakeSink sink = rig.subscribe("t", "latest", "1", "disconnect");

        rig.publish("t").send(1, 2);
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void isRefusedWhereItWantsTheEndOfAnUnknownTopic() {
        FakeSink sink = rig.subscribe("t", "earliest", "end", "disconnect");
        rig.run();

        assertThat(sink.lines).containsExactly("refuse UNKNOWN_TOPIC");
        assertThat(sink.reason)
                .isEqualTo(
                        "topic: t (expected: an existing topic with bowstring.until = end; check the name: bowstring topics lists all)");
    }

    @Test
    void isRefusedByFirstPublisherWhereItsOffsetIsBeyond() {
        FakeSink sink = rig.subscribe("t", "3");

        rig.publish("t").send(1);
        rig.run();

        assertThat(sink.lines).containsExactly("refuse BAD_REQUEST");
    }

    @Test
    void startsWhereTheFirstPublisherFails() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        ProducerId producer = new ProducerId("a");
        rig.publisherLoop.failOnce(
                () -> { // it is to hear that it is accepted
                    throw new IllegalStateException("by the test");
                });
        FakePublisher failing =
                rig.publish(new PublishRequest(new TopicName("t"), true, false, producer), Messages.PLAIN);
        assertThatThrownBy(rig::run).hasMessage("by the test"); // for the log of the loop
        rig.run();
        assertThat(failing.lines).containsExactly("refused INTERNAL");
        assertThat(sink.lines).containsExactly("start 0", "flush");

        rig.publish("t").send(1);
        rig.run();

        assertThat(sink.lines).endsWith("batch 0 = 1", "flush");
    }

    @Test
    void harmsNobodyElseWhereItsBeginFails() {
        FakeSink failing = rig.subscribe("t", "latest");
        FakeSink other = rig.subscribe("t", "latest");
        IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);
        rig.allocator.failOnceAfter(1); // the topic's schema has its buffer
        FakePublisher publisher = rig.publish(new PublishRequest(new TopicName("t"), false, false), schema)
                .send(1);

        assertThatThrownBy(rig::run).hasMessage("a fault by the test"); // for the log of the loop
        rig.run();

        assertThat(failing.lines).containsExactly("refuse INTERNAL");
        assertThat(other.lines).containsExactly("start 0", "batch 0 = 1", "flush");
        assertThat(publisher.lines).noneMatch(line -> line.startsWith("refused"));
    }

    @Test
    void staysQuietWhereCancelled() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        sink.cancel();
        rig.publish("t").send(1);
        rig.run();

        assertThat(sink.lines).isEmpty();
    }

    @Test
    void staysQuietWhereCancelledBeforeItsRefusal() {
        FakeSink sink = rig.subscribe("t", "latest", "end", "disconnect");

        rig.topicLoop.runAll(); // the refusal is on its way
        sink.cancel();
        rig.sinkLoop.rotate();
        rig.run();

        assertThat(sink.lines).isEmpty();
    }

    @Test
    void getsSchemaOfPublisherWithoutItsRequest() {
        FakeSink sink = rig.subscribe("t", "latest");

        PublishRequest request = new PublishRequest(new TopicName("t"), true, true);
        rig.publish(
                request,
                Messages.schema(Messages.PLAIN, rig.allocator)
                        .edited(new IpcMetadataEdit("", Map.of("mine", "kept")), rig.allocator)
                        .edited(request.toEdit(), rig.allocator));
        rig.run();

        assertThat(sink.fields).isEqualTo(Messages.PLAIN);
        assertThat(sink.schemaMetadata)
                .containsOnlyKeys("mine", "bowstring.topic", "bowstring.log", "bowstring.offset");
        assertThat(sink.schemaMetadata)
                .containsEntry("mine", "kept")
                .containsEntry("bowstring.topic", "t")
                .containsEntry("bowstring.offset", "0");
    }

    @Test
    void learnsWhichLogItsOffsetsAreOf() {
        FakeSink one = rig.subscribe("t", "latest");
        FakeSink same = rig.subscribe("t", "earliest");
        FakeSink other = rig.subscribe("u", "latest");
        rig.publish("t", Messages.PLAIN);
        rig.publish("u", Messages.PLAIN);
        rig.run();

        assertThat(one.schemaMetadata.get("bowstring.log"))
                .hasSize(36)
                .isEqualTo(same.schemaMetadata.get("bowstring.log"))
                .isNotEqualTo(other.schemaMetadata.get("bowstring.log"));
    }

    @Test
    void getsSchemaOfFirstPublisherOnly() {
        rig.publish("t", Messages.PLAIN);
        rig.publish(
                new PublishRequest(new TopicName("t"), false, false),
                IpcSchema.of(Messages.PLAIN, Map.of("mine", "of the second"), rig.allocator));
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        assertThat(sink.schemaMetadata).containsOnlyKeys("bowstring.topic", "bowstring.log", "bowstring.offset");
    }
}
