package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topics that end: deleted ones, and empty ones that nobody attends. */
class DeletionTest {
    private static final Duration EMPTY_AGE = BrokerConfig.DEFAULTS.topics().emptyTopicAge();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 3, 1 << 20, 1 << 20, 10));

    // Deletion.

    @Test
    void removesTopicWithAllThatItHolds() {
        rig.publish("t", List.of(Messages.encoded("s", 7)))
                .sendDictionary(7, "x")
                .send(1)
                .finish();
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isPositive();

        assertThat(delete("t")).isNull();

        assertThat(rig.list("")).isEmpty();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
        assertThat(rig.allocator.usedBytes()).isZero();
        FakeSink sink = rig.subscribe("t", "earliest", "end", "disconnect");
        rig.run();
        assertThat(sink.lines).containsExactly("refuse UNKNOWN_TOPIC");
    }

    @Test
    void refusesPublishersAndCutsSubscriptions() {
        FakePublisher publisher = rig.publish("t").send(1);
        FakeSink sink = rig.subscribe("t", "earliest");
        FakeSink stalled = new FakeSink(rig.sinkLoop);
        stalled.credit = 0;
        rig.subscribe("t", "earliest", "live", "block", stalled);
        rig.run();

        assertThat(delete("t")).isNull();

        assertThat(publisher.lines).containsExactly("refused UNKNOWN_TOPIC");
        assertThat(publisher.reason).isEqualTo("topic: t (expected: one that has not been deleted)");
        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "flush", "cut UNKNOWN_TOPIC");
        assertThat(stalled.lines).endsWith("cut UNKNOWN_TOPIC");
        publisher.send(2).finish();
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void makesAnotherTopicAfterwards() {
        FakePublisher old = rig.publish("t").send(1);
        FakeSink first = rig.subscribe("t", "earliest");
        rig.run();
        delete("t");

        List<IpcField> others = List.of(IpcField.of("other", true, IpcType.INT64));
        rig.publish("t", others).send(5);
        FakeSink second = rig.subscribe("t", "earliest");
        old.send(2).finish();
        rig.run();

        assertThat(second.lines).containsExactly("start 0", "batch 0 = 5", "flush");
        assertThat(second.schemaMetadata.get("bowstring.log")).isNotEqualTo(first.schemaMetadata.get("bowstring.log"));
        assertThat(rig.list("t").get(0))
                .returns(1L, status -> status.publishers())
                .returns(1L, status -> status.subscribers());
        rig.publish("u");
        rig.publish("v");
        FakePublisher tooMany = rig.publish("t");
        rig.run();
        assertThat(tooMany.lines)
                .containsExactly("refused SCHEMA_MISMATCH"); // it is the same topic: who left the old one counts there
        assertThat(rig.list("")).hasSize(3);
    }

    @Test
    void knowsNoTopicThatNobodyHasPublishedTo() {
        FakeSink waiting = rig.subscribe("t", "latest");
        rig.run();

        assertThat(delete("t").code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(delete("other"))
                .hasMessage(
                        "topic: other (expected: one that somebody has published to; check the name: bowstring topics lists all)");

        rig.publish("t").send(1);
        rig.run();
        assertThat(waiting.lines).containsExactly("start 0", "batch 0 = 1", "flush");
    }

    @Test
    void isDoneOnce() {
        rig.publish("t").send(1);
        rig.run();

        CompletableFuture<Void> first = rig.broker.delete(new TopicName("t")).toCompletableFuture();
        CompletableFuture<Void> second = rig.broker.delete(new TopicName("t")).toCompletableFuture();
        rig.run();

        assertThat(first).isCompleted();
        assertThat(second).isCompletedExceptionally();
    }

    @Test
    void refusesWhoWasOnTheWay() {
        FakePublisher first = rig.publish("t").send(1);
        rig.run();

        List<FakePublisher> publishers = new ArrayList<>();
        List<FakeSink> sinks = new ArrayList<>();
        first.whileBusy(() -> {
            rig.broker.delete(new TopicName("t"));
            publishers.add(rig.publish("t").send(2)); // both have found the topic that is about to go
            sinks.add(rig.subscribe("t", "earliest"));
        });
        rig.run();

        assertThat(publishers.get(0).lines).containsExactly("refused UNKNOWN_TOPIC");
        assertThat(sinks.get(0).lines).containsExactly("refuse UNKNOWN_TOPIC");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void dropsWhatIsOnTheWay() {
        FakePublisher publisher = rig.publish("t");
        rig.run();

        publisher.send(1, 2, 3);
        rig.publisherLoop.runAll(); // handed over, and not appended yet
        delete("t");

        assertThat(publisher.lines).contains("refused UNKNOWN_TOPIC");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void deletesNothingWhileTheServerStops() {
        rig.publish("t").send(1);
        rig.run();
        CompletableFuture<Void> late = rig.broker.delete(new TopicName("t")).toCompletableFuture();
        rig.broker.drain();
        assertThat(delete("t").code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        rig.run();

        assertThat(late).isCompleted(); // its task came first
    }

    // Schemas.

    @Test
    void chargesSchemas() {
        IpcField longest = IpcField.of("x".repeat(1 << 10), true, IpcType.INT64);
        rig.publish("t", Collections.nCopies(100, longest)).finish();
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(100 << 10);

        delete("t");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void refusesSchemaAboveTheShareOfATopic() {
        BrokerRig small = new BrokerRig(
                BrokerRig.SMALL.withMemory(BrokerConfig.DEFAULTS.memory().withMaxTopicBytes(5_000)));
        FakePublisher wide = small.publish("t", Collections.nCopies(100, Messages.PLAIN.get(0)));
        FakePublisher narrow = small.publish("u");
        small.run();

        assertThat(wide.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(wide.reason).startsWith("schema: ").endsWith("one topic; max-topic-memory)");
        assertThat(narrow.lines).isEmpty();
        small.close();
    }

    // Empty topics.

    @Test
    void removesTopicThatHasBeenEmptyForLong() {
        rig.publish("t", Collections.nCopies(100, Messages.PLAIN.get(0))).finish();
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isPositive();

        pass(rig, EMPTY_AGE.minusNanos(1));
        assertThat(rig.list("")).hasSize(1);
        pass(rig, Duration.ofNanos(1));

        assertThat(rig.list("")).isEmpty();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void keepsTopicThatHoldsABatch() {
        rig.publish("t").send(1).finish();
        rig.run();

        pass(rig, EMPTY_AGE.multipliedBy(10));

        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void keepsTopicThatSomebodyAttends() {
        FakePublisher publisher = rig.publish("published");
        rig.publish("subscribed").finish();
        FakeSink sink = rig.subscribe("subscribed", "latest");
        rig.run();

        pass(rig, EMPTY_AGE.multipliedBy(10));
        assertThat(rig.list("")).hasSize(2);

        publisher.finish();
        sink.cancel();
        rig.run();
        pass(rig, EMPTY_AGE);
        assertThat(rig.list("")).isEmpty();
    }

    @Test
    void keepsTopicThatRemembersAProducer() {
        PublishRequest request = new PublishRequest(new TopicName("t"), true, false, new ProducerId("feed"));
        BrokerRig aged = new BrokerRig(
                BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowAge(Duration.ofMinutes(1))));
        aged.publish(request, Messages.PLAIN)
                .send(0, Map.of("bowstring.sequence", "0"))
                .finish();
        aged.run();

        pass(aged, Duration.ofHours(23));
        assertThat(aged.list("").get(0)).returns(0L, status -> status.batches());
        pass(aged, Duration.ofHours(1));
        pass(aged, EMPTY_AGE);
        pass(aged, EMPTY_AGE);

        assertThat(aged.list("")).isEmpty();
        aged.close();
    }

    private static void pass(BrokerRig rig, Duration time) {
        rig.topicLoop.advance(time);
        rig.run();
    }

    private ProtocolException delete(String topic) {
        CompletableFuture<Void> result = rig.broker.delete(new TopicName(topic)).toCompletableFuture();
        rig.run();
        assertThat(result).isDone();
        return result.isCompletedExceptionally()
                ? (ProtocolException) result.handle((done, failure) -> failure).join()
                : null;
    }
}
