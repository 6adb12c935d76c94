package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Logs that take nothing, topics that are deleted, and brokers that are closed, while commits are under way. */
class DurableEndTest {
    private static final TopicName NAME = new TopicName("t");

    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(DurableRig.CONFIG, storage);

    @Test
    void refusesPublishersWhileTheDiskIsFull() {
        FakePublisher ending = publish(false).send(0);
        rig.run();
        FakePublisher publisher = publish(false).send(1, 2, 3);
        ending.send(4).finish();
        rig.run();
        FakeSink sink = rig.subscribe("t", "earliest");
        storage.log("t").commit(1);
        rig.run();
        assertThat(ending.take()).containsExactly("appended 1 @0");

        storage.log("t").refuse(ErrorCode.STORAGE_FULL);
        rig.run();
        FakePublisher late = publish(false).send(9);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(publisher.reason).isEqualTo("no room");
        assertThat(ending.lines).containsExactly("refused STORAGE_FULL");
        assertThat(late.lines).containsExactly("refused STORAGE_FULL");
        assertThat(sink.take()).containsExactly("start 0", "flush", "batch 0 = 0", "flush");

        storage.log("t").commit();
        storage.log("t").welcome();
        rig.run();
        assertThat(sink.lines).containsExactly("batch 1 = 4", "batch 2 = 1", "batch 3 = 2", "flush"); // 3 had to wait
        assertThat(publisher.lines).hasSize(1);

        FakePublisher again = publish(false).send(5).finish();
        rig.run();
        storage.log("t").commit();
        rig.run();
        assertThat(again.lines).containsExactly("appended 1 @4", "finished");
    }

    @Test
    void refusesPublishersForGoodWhereTheDiskHasFailed() {
        FakePublisher publisher = publish(false).send(0, 1);
        rig.run();
        storage.log("t").commit(1);
        rig.run();
        storage.log("t").refuse(ErrorCode.STORAGE_FAILED);
        rig.run();

        FakeSink sink = rig.subscribe("t", "earliest");
        FakePublisher late = publish(false);
        rig.run();

        assertThat(publisher.lines).containsExactly("appended 1 @0", "refused STORAGE_FAILED");
        assertThat(late.lines).containsExactly("refused STORAGE_FAILED");
        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 0", "flush");
    }

    @Test
    void deletesWhileCommitsAreUnderWay() {
        FakePublisher publisher = publish(false).send(0, 1, 2, 3);
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        FakeLog log = storage.log("t");
        log.take();

        CompletableFuture<Void> deletion = rig.broker.delete(NAME).toCompletableFuture();
        rig.run();
        assertThat(deletion).isCompleted();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
        log.tellCommitted(3);
        log.surplus(2);
        log.refuse(ErrorCode.STORAGE_FULL);
        rig.run();

        assertThat(publisher.take()).containsExactly("refused UNKNOWN_TOPIC");
        assertThat(sink.lines).containsExactly("start 0", "flush", "cut UNKNOWN_TOPIC");
        assertThat(storage.calls).containsExactly("new t", "open t", "begin t", "delete t");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void tellsTheLogNothingOfABurstThatEndsAfterTheDeletion() {
        FakePublisher publisher = publish(false);
        rig.run();
        publisher.send(Messages.longBatch(10_000, 0, rig.allocator)); // handed over before the end of its burst
        rig.publisherLoop.runNext();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(80_000);

        rig.broker.delete(NAME);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused UNKNOWN_TOPIC");
        assertThat(storage.calls).endsWith("delete t");
    }

    @Test
    void answersThoseWhoseSealWasUnderWayWhereItIsDeleted() {
        FakePublisher publisher = publish(true).finish();
        rig.run();
        assertThat(publisher.lines).isEmpty();

        rig.broker.delete(NAME);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused UNKNOWN_TOPIC");
    }

    @Test
    void deletesTheLogBeforeAnotherOfThatNameIsOpened() {
        publish(false).send(0);
        rig.run();
        storage.whileDeleting = () -> rig.publish("t");

        rig.broker.delete(NAME);
        rig.run();
        storage.whileDeleting = () -> {};
        assertThat(storage.takeCalls()).containsExactly("new t", "open t", "begin t", "delete t");

        publish(false).send(1);
        rig.run();
        storage.log("t").commit();
        assertThat(storage.calls).containsExactly("new t", "open t", "begin t");
        assertThat(rig.held("t")).containsExactly("start 0", "batch 0 = 1", "complete");
    }

    @Test
    void deletesWhileAReadIsUnderWay() {
        storage.commitsAtOnce = true;
        rig.send(rig.publish("t"), 6);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        rig.broker.delete(NAME);
        rig.run();
        assertThat(sink.lines).containsExactly("start 0", "flush", "cut UNKNOWN_TOPIC");
        storage.holdsReads = false;
        rig.run();

        assertThat(storage.openReaders).isZero();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void waitsForTheLogWhereTheBrokerIsClosed() {
        storage.closesAtOnce = false;
        publish(false).send(0, 1);
        rig.run();
        rig.broker.drain();
        rig.run();
        CompletableFuture<Void> closed = rig.broker.close().toCompletableFuture();
        rig.run();
        assertThat(closed).isNotDone();
        assertThat(rig.broker.usedMemoryBytes()).isPositive();
        assertThat(storage.takeCalls()).endsWith("close t");

        storage.log("t").closed(); // which commits the rest
        rig.run();

        assertThat(closed).isCompleted();
        assertThat(storage.log("t").committedOffset()).isEqualTo(2);
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void isClosedAlsoWhereTheLogCannotBe() {
        storage.closesAtOnce = false;
        publish(false).send(0, 1);
        rig.run();
        rig.broker.drain();
        CompletableFuture<Void> closed = rig.broker.close().toCompletableFuture();
        rig.run();

        storage.log("t").closeFailed();
        rig.run();

        assertThat(closed).isCompleted();
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void ignoresWhatIsCommittedAfterTheEnd() {
        FakePublisher publisher = publish(false).send(0, 1);
        rig.run();
        rig.broker.drain();
        rig.broker.close();
        rig.run();
        publisher.take();

        storage.log("t").tellCommitted(2);
        storage.log("t").surplus(1);
        rig.run();

        assertThat(publisher.lines).isEmpty();
        assertThat(storage.calls).endsWith("close t");
    }

    @Test
    void endsSubscriptionsInOrderAfterWhatIsCommittedWhileTheBrokerStops() {
        FakeSink sink = rig.subscribe("t", "latest");
        FakePublisher publisher = publish(false).send(0, 1);
        rig.run();
        rig.broker.drain();
        rig.run();
        assertThat(publisher.lines).containsExactly("refused SHUTTING_DOWN");
        assertThat(sink.take()).containsExactly("start 0", "flush");

        storage.log("t").commit();
        rig.run();

        assertThat(sink.lines).containsExactly("batch 0 = 0", "batch 1 = 1", "complete");
    }

    @Test
    void tellsOfACommitLaterWhereTheHeapIsExhausted() {
        FakePublisher publisher = publish(false).send(0);
        rig.run();
        rig.topicLoop.failOnce(() -> {
            throw new OutOfMemoryError("exhausted by the test");
        });
        storage.log("t").commit();

        rig.runUntil(() -> publisher.lines.contains("appended 1 @0"));
        assertThat(publisher.lines).hasSize(1);
    }

    @Test
    void losesNoCommitWhereAPublisherCannotBeTold() {
        FakePublisher first = publish(false).send(0).finish();
        FakePublisher second = publish(false).send(1).finish();
        rig.run();
        storage.log("t").commit();
        rig.publisherLoop.failOnce(() -> {
            throw new OutOfMemoryError("exhausted by the test");
        });

        rig.runUntil(() -> first.lines.contains("finished") && second.lines.contains("finished"));
        assertThat(first.lines).containsExactly("appended 1 @0", "finished");
        assertThat(second.lines).containsExactly("appended 1 @1", "finished");
    }

    private FakePublisher publish(boolean seals) {
        return rig.publish(new PublishRequest(NAME, true, seals), Messages.PLAIN);
    }

    @Test
    void isDeletedWhenTheLogSaysSo() {
        rig.publish("t").send(1);
        rig.run();
        storage.deletion = new CompletableFuture<>();

        CompletableFuture<Void> deletion = rig.broker.delete(NAME).toCompletableFuture();
        rig.run();
        assertThat(deletion).isNotDone();

        storage.deletion.completeExceptionally(new ProtocolException(ErrorCode.STORAGE_FAILED, "no luck"));
        assertThat(deletion).isCompletedExceptionally();
    }
}
