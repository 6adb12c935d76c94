package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop that takes no task for a moment: what it has not taken comes later, in order, and nothing is lost. */
@Timeout(120)
class FullLoopTest {
    /** Why a loop does not take a task. */
    private enum Fault {
        FULL,
        NO_HEAP;

        void fail() {
            if (this == FULL) {
                throw new RejectedExecutionException("full");
            }
            throw new OutOfMemoryError("Java heap space");
        }
    }

    private static final TopicName T = new TopicName("t");

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(MemoryTest.CONFIG);

    @Test
    void handsMessagesOfALocalPublisherOverLaterInOrder() {
        LocalPublisher publisher = LocalPublisher.open(
                rig.broker,
                new PublishRequest(T, true, false),
                Messages.schema(Messages.PLAIN, rig.allocator),
                rig.publisherLoop);
        rig.publisherLoop.failOnce(Fault.FULL::fail);
        publisher.publish(Messages.batch(1, rig.allocator));
        publisher.publish(Messages.batch(2, rig.allocator));
        CompletionStage<Long> end = publisher.finish();

        rig.runUntil(() -> end.toCompletableFuture().isDone());

        assertThat(end).isCompletedWithValue(1L);
        assertThat(rig.held("t")).contains("batch 0 = 1", "batch 1 = 2");
    }

    @Test
    void acknowledgesLaterInOrder() {
        FakePublisher publisher = rig.publish(new PublishRequest(T, true, false), Messages.PLAIN);
        rig.run();
        publisher.whileBusy(() -> {
            publisher.send(1);
            rig.publisherLoop.runAll();
            rig.publisherLoop.failOnce(Fault.FULL::fail);
        });
        publisher.send(2).finish();

        rig.runUntil(() -> publisher.lines.contains("finished"));

        assertThat(publisher.lines).containsExactly("appended 1 @0", "appended 2 @1", "finished");
    }

    @Test
    void deliversLater() {
        FakePublisher publisher = rig.publish("t");
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        publisher.send(1);
        rig.publisherLoop.runAll();
        rig.sinkLoop.failOnce(Fault.FULL::fail);

        rig.runUntil(() -> sink.lines.contains("batch 0 = 1"));
    }

    @ParameterizedTest
    @EnumSource
    void shrinksWindowsAgain(Fault fault) {
        FakePublisher publisher = rig.publish("t");
        rig.send(publisher, 60);
        rig.broker.memory().add(20 * Messages.BATCH_WEIGHT); // more than 75 % are in use
        Reclaimer reclaimer = rig.broker.reclaimer();
        rig.topicLoop.failOnce(fault::fail);
        reclaimer.onAppend(Messages.BATCH_WEIGHT);

        reclaimer.onAppend(Messages.BATCH_WEIGHT);
        rig.run();

        assertThat(rig.list("t").get(0)).returns(58L, TopicStatus::batches);
        rig.broker.memory().remove(20 * Messages.BATCH_WEIGHT);
    }

    @ParameterizedTest
    @EnumSource
    void looksAgainAtShortMemory(Fault fault) throws InterruptedException {
        rig.topicLoop.failOnce(fault::fail);

        rig.broker.memory().add(90 * Messages.BATCH_WEIGHT);

        rig.topicLoop.awaitTask();
        rig.broker.memory().remove(90 * Messages.BATCH_WEIGHT);
    }

    @Test
    void letsPublishersContinueLater() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "earliest", "live", "block", sink);
        FakePublisher publisher = rig.publish("t");
        for (int i = 0; i < 86; i++) {
            publisher.send(i);
        }
        rig.run();
        assertThat(publisher.lines).containsExactly("readable false");
        sink.grant(1_000);
        rig.sinkLoop.runAll();
        rig.publisherLoop.failOnce(Fault.FULL::fail);
        rig.topicLoop.runAll();
        rig.topicLoop.advance(Duration.ofMillis(100));

        rig.runUntil(() -> publisher.lines.contains("readable true"));
    }
}
