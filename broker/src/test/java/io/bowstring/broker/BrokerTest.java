package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BrokerTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 2, 1 << 20, 1 << 20, 10));

    // Topics.

    @Test
    void refusesTopicAboveTheLimit() {
        rig.publish("a");
        rig.subscribe("b", "latest");

        assertLimitReached(() -> rig.publish("c"));
        assertLimitReached(() -> rig.subscribe("c", "latest"));
        assertLimitReached(() -> rig.subscribe("d", "latest")); // a refusal counts for nothing
    }

    @Test
    void hasNoTopicsOfOtherNamesThanItMay() {
        BrokerRig named = new BrokerRig(
                BrokerRig.SMALL.withNames(List.of(new TopicPattern("quotes"), new TopicPattern("trades.*"))));

        named.publish("trades.x");
        named.subscribe("quotes", "latest");
        for (String other : List.of("trade", "quotes2")) {
            assertThatExceptionOfType(ProtocolException.class)
                    .isThrownBy(() -> named.publish(other))
                    .withMessage("topic: " + other + " (expected: one that the server's topics allow)")
                    .returns(ErrorCode.UNKNOWN_TOPIC, ProtocolException::code);
            assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> named.subscribe(other, "latest"));
        }
        named.close();
    }

    @Test
    void acceptsMoreVisitorsOfTopicsAtTheLimit() {
        rig.publish("a");
        rig.publish("b");

        FakePublisher publisher = rig.publish("a").finish();
        FakeSink sink = rig.subscribe("b", "latest");
        rig.run();

        assertThat(publisher.lines).containsExactly("finished");
        assertThat(sink.lines).containsExactly("start 0", "flush");
    }

    @Test
    void forgetsTopicThatWasOnlyWaitedForWithItsLastVisitor() {
        rig.publish("a");
        FakeSink first = rig.subscribe("b", "latest");
        FakeSink second = rig.subscribe("b", "latest");
        rig.run();

        first.cancel();
        rig.run();
        assertLimitReached(() -> rig.publish("c"));

        second.cancel();
        rig.run();
        rig.publish("c");
        assertLimitReached(() -> rig.publish("d"));
    }

    @Test
    void forgetsTopicWhoseOnlySubscriptionWasRefused() {
        for (int i = 0; i < 5; i++) {
            FakeSink sink = rig.subscribe("unknown" + i, "latest", "end", "disconnect");
            rig.run();
            assertThat(sink.lines).containsExactly("refuse UNKNOWN_TOPIC");
        }
    }

    @Test
    void forgetsTopicWhoseOnlyPublisherWasRefused() {
        for (int i = 0; i < 5; i++) {
            IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);
            rig.allocator.setExhausted(true);
            FakePublisher publisher = rig.publish(new PublishRequest(new TopicName("topic" + i), false, false), schema);
            rig.run();
            rig.allocator.setExhausted(false);
            assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        }
    }

    @Test
    void keepsTopicThatHasASchema() {
        rig.publish("a").send(1).finish();
        rig.run();
        FakeSink sink = rig.subscribe("a", "latest");
        rig.run();
        sink.cancel();
        rig.run();

        assertThat(rig.held("a")).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void beginsForgottenTopicAnew() {
        rig.publish("a");
        rig.subscribe("b", "latest").cancel();
        rig.run();

        FakeSink sink = rig.subscribe("b", "latest");
        rig.publish("b").send(1);
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "flush");
    }

    // The list.

    @Test
    void listsTopicsWithSchemaInOrderOfNames() {
        BrokerRig many = new BrokerRig();
        for (String name : List.of("b", "a.2", "c", "a.1")) {
            many.publish(name);
        }
        many.subscribe("a.0", "latest");
        many.run();

        assertThat(many.list("")).extracting(status -> status.topic().value()).containsExactly("a.1", "a.2", "b", "c");
        assertThat(many.list("a.")).extracting(status -> status.topic().value()).containsExactly("a.1", "a.2");
        assertThat(many.list("a.1x")).isEmpty();
        many.close();
    }

    @Test
    void countsWhatATopicHolds() {
        List<IpcField> fields = List.of(Messages.encoded("sym", 1));
        FakePublisher publisher = rig.publish("a", fields).sendDictionary(1, "x");
        rig.publish("a", fields);
        rig.subscribe("a", "latest", "live", "drop");
        rig.subscribe("a", "latest", "live", "drop");
        rig.subscribe("a", "latest", "live", "drop");
        for (int i = 0; i < 5; i++) {
            publisher.send(i);
        }
        rig.run();

        assertThat(rig.list(""))
                .containsExactly(new TopicStatus(
                        new TopicName("a"),
                        "sym: dictionary<int64, utf8>",
                        2,
                        5,
                        3,
                        3,
                        3 * Messages.BATCH_WEIGHT,
                        2,
                        3,
                        false,
                        rig.list("").get(0).totals()));
    }

    @Test
    void cutsTextOfManyFields() {
        IpcField longest = IpcField.of("x".repeat(1 << 10), true, IpcType.INT64);
        rig.publish("a", Collections.nCopies(1 << 10, longest));
        rig.run();

        assertThat(rig.list("").get(0).fields()).startsWith("xxx").endsWith("…").hasSize(1_001);
    }

    // The end.

    @Test
    void drainsSubscriptionsBehindWhatIsHeld() {
        FakePublisher publisher = rig.publish("a").send(1, 2);
        FakeSink live = rig.subscribe("a", "earliest");
        FakeSink stalled = new FakeSink(rig.sinkLoop);
        stalled.credit = 1;
        rig.subscribe("a", "earliest", "live", "disconnect", stalled);
        rig.run();

        rig.broker.drain();
        rig.run();

        assertThat(publisher.lines).containsExactly("refused SHUTTING_DOWN");
        assertThat(publisher.reason).isEqualTo("the server is stopping");
        assertThat(live.lines).containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "flush", "complete");
        assertThat(stalled.take()).containsExactly("start 0", "batch 0 = 1", "flush");
        stalled.grant(1);
        rig.run();
        assertThat(stalled.lines).containsExactly("batch 1 = 2", "complete");
    }

    @Test
    void refusesWaitingSubscriptionsWhenDrained() {
        FakeSink sink = rig.subscribe("a", "latest");
        rig.run();

        rig.broker.drain();
        rig.broker.drain();
        rig.run();

        assertThat(sink.lines).containsExactly("refuse SHUTTING_DOWN");
        assertThat(sink.reason).isEqualTo("the server is stopping");
    }

    @Test
    void refusesWhatComesAfterDrain() {
        rig.publish("a").send(1);
        rig.run();

        rig.broker.drain();

        assertShuttingDown(() -> rig.publish("a"));
        assertShuttingDown(() -> rig.publish("new"));
        assertShuttingDown(() -> rig.subscribe("a", "latest"));
        assertShuttingDown(() -> rig.subscribe("new", "latest"));
    }

    @Test
    void refusesWhatIsOnItsWayWhenDrained() {
        FakePublisher first = rig.publish("a").send(1);
        rig.run();
        first.drainTopic(); // which hears of it before it hears of these

        FakePublisher publisher = rig.publish("a");
        FakeSink sink = rig.subscribe("a", "latest");
        rig.run();

        assertThat(publisher.lines).containsExactly("refused SHUTTING_DOWN");
        assertThat(sink.lines).containsExactly("refuse SHUTTING_DOWN");
    }

    @Test
    void closesWhenAllTopicsAreReleased() {
        FakePublisher publisher = rig.publish("a").send(1).finish();
        rig.publish("b").send(1).finish();
        rig.run();
        rig.broker.drain();
        rig.run();
        assertThat(rig.allocator.usedBytes()).isPositive();

        List<CompletionStage<Void>> closed = new ArrayList<>();
        publisher.whileBusy(() -> {
            closed.add(rig.broker.close());
            assertThat(closed.get(0)).isNotCompleted();
        });
        rig.run();

        assertThat(closed.get(0)).isCompleted();
        assertThat(rig.allocator.usedBytes()).isZero();
    }

    @Test
    void closesTwice() {
        rig.publish("a").send(1).finish();
        rig.run();
        rig.broker.drain();
        rig.broker.close();
        CompletionStage<Void> closed = rig.broker.close();
        rig.run();

        assertThat(closed).isCompleted();
    }

    private static void assertLimitReached(ThrowingCallable call) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(call)
                .withMessage("topics: 3 (expected: <= 2; max-topics)")
                .returns(ErrorCode.LIMIT_REACHED, ProtocolException::code);
    }

    private static void assertShuttingDown(ThrowingCallable call) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(call)
                .withMessage("the server is stopping")
                .returns(ErrorCode.SHUTTING_DOWN, ProtocolException::code);
    }
}
