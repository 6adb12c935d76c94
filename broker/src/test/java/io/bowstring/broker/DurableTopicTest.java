package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publishers and subscribers hear of batches when the log has committed them, and not before. */
class DurableTopicTest {
    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(BrokerConfig.DEFAULTS, storage);

    @Test
    void acknowledgesWhatIsCommittedAndOnceForMany() {
        FakePublisher publisher = publish(false).send(0, 1, 2);
        rig.run();
        assertThat(publisher.take()).isEmpty();

        commit(3);

        assertThat(publisher.lines).containsExactly("appended 3 @2");
    }

    @Test
    void acknowledgesAsFarAsIsCommitted() {
        FakePublisher publisher = publish(false).send(0, 1, 2, 3);
        rig.run();

        commit(1);
        assertThat(publisher.take()).containsExactly("appended 1 @0");
        commit(3);
        assertThat(publisher.take()).containsExactly("appended 3 @2");
        publisher.send(4);
        rig.run();
        assertThat(publisher.take()).isEmpty();
        commit(5);
        assertThat(publisher.take()).containsExactly("appended 5 @4");
    }

    @Test
    void acknowledgesToEachWhatIsItsOwn() {
        FakePublisher first = publish(false);
        FakePublisher second = publish(false);
        rig.send(first, 1);
        rig.send(second, 1);
        rig.send(first, 2);
        rig.send(second, 1);

        commit(3);
        assertThat(first.take()).containsExactly("appended 1 @0", "appended 2 @2");
        assertThat(second.take()).containsExactly("appended 1 @1");
        commit(5);
        assertThat(first.take()).containsExactly("appended 3 @3");
        assertThat(second.take()).containsExactly("appended 2 @4");
    }

    @Test
    void acknowledgesNothingToWhoDoesNotWantIt() {
        FakePublisher publisher = rig.publish("t").send(0, 1);
        rig.run();

        commit(2);

        assertThat(publisher.lines).isEmpty();
    }

    @Test
    void finishesWhoHasEndedWhenAllIsCommitted() {
        FakePublisher publisher = publish(false).send(0, 1).finish();
        rig.run();
        commit(1);
        assertThat(publisher.take()).containsExactly("appended 1 @0");
        assertThat(status().publishers()).isOne();

        commit(2);

        assertThat(publisher.lines).containsExactly("appended 2 @1", "finished");
        assertThat(status().publishers()).isZero();
    }

    @Test
    void finishesWhoIsGoneWhenAllIsCommitted() {
        FakePublisher publisher = publish(false).send(0).abort();
        rig.run();
        assertThat(publisher.take()).isEmpty();

        commit(1);

        assertThat(publisher.lines).containsExactly("appended 1 @0", "finished");
    }

    @Test
    void finishesAtOnceWhoHasSentNothing() {
        publish(false).send(0);
        FakePublisher idle = publish(false).finish();
        rig.run();

        assertThat(idle.lines).containsExactly("finished");
    }

    @Test
    void waitsForNoBatchOfOthersToFinish() {
        FakePublisher first = publish(false).send(0).finish();
        publish(false).send(1);
        rig.run();

        commit(1);

        assertThat(first.lines).containsExactly("appended 1 @0", "finished");
    }

    @Test
    void tellsOfASealWhenThatIsKept() {
        FakeSink sink = rig.subscribe("t", "latest");
        FakePublisher publisher = publish(true).send(0).finish();
        rig.run();
        assertThat(storage.takeCalls()).doesNotContain("seal t");
        commit(1);
        assertThat(storage.takeCalls()).containsExactly("seal t");
        assertThat(publisher.take()).containsExactly("appended 1 @0");
        assertThat(sink.lines).endsWith("batch 0 = 0", "complete");

        storage.log("t").keepSeal();
        rig.run();

        assertThat(publisher.lines).containsExactly("finished");
        assertThat(status().isSealed()).isTrue();

        rig.broker.delete(new TopicName("t"));
        rig.run();
        assertThat(publisher.lines).containsExactly("finished"); // once and for all
    }

    @Test
    void tellsOfASealAtOnceThatHasBeenKept() {
        publish(true).finish();
        rig.run();
        storage.log("t").keepSeal();
        rig.run();
        storage.takeCalls();

        FakePublisher late = publish(true);
        rig.run();

        assertThat(late.lines).containsExactly("refused TOPIC_SEALED");
        assertThat(storage.takeCalls()).isEmpty();
    }

    @Test
    void refusesWhoseSealCannotBeKept() {
        FakePublisher publisher = publish(true).send(0).finish();
        rig.run();
        commit(1);

        storage.log("t").refuse(ErrorCode.STORAGE_FULL); // which may pass
        rig.run();
        assertThat(publisher.take()).containsExactly("appended 1 @0");
        storage.log("t").refuse(ErrorCode.STORAGE_FAILED);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FAILED");
    }

    @Test
    void showsNothingThatIsNotCommitted() {
        FakeSink live = rig.subscribe("t", "latest");
        publish(false).send(10, 11, 12, 13);
        rig.run();
        commit(2);

        FakeSink ending = rig.subscribe("t", "earliest", "end", "disconnect");
        FakeSink last = rig.subscribe("t", "-1", "end", "disconnect");
        FakeSink latest = rig.subscribe("t", "latest");
        FakeSink columns = rig.subscribe("t", "earliest", "disconnect", "value", rig.sinkLoop);
        FakeSink future = rig.subscribe("t", "3");
        rig.run();

        assertThat(live.take()).containsExactly("start 0", "flush", "batch 0 = 10", "batch 1 = 11", "flush");
        assertThat(ending.lines).containsExactly("start 0", "batch 0 = 10", "batch 1 = 11", "complete");
        assertThat(last.lines).containsExactly("start 1", "batch 1 = 11", "complete");
        assertThat(latest.take()).containsExactly("start 2", "flush");
        assertThat(columns.take()).containsExactly("start 0", "batch 0 = 10", "batch 1 = 11", "flush");
        assertThat(future.lines).containsExactly("refuse BAD_REQUEST");
        assertThat(status()).returns(2L, TopicStatus::nextOffset).returns(2L, TopicStatus::batches);

        commit(4);
        assertThat(live.lines).containsExactly("batch 2 = 12", "batch 3 = 13", "flush");
        assertThat(latest.lines).containsExactly("batch 2 = 12", "batch 3 = 13", "flush");
        assertThat(columns.lines).containsExactly("batch 2 = 12", "batch 3 = 13", "flush");
        assertThat(ending.lines).hasSize(4);
    }

    @Test
    void endsSubscriptionsOfASealedTopicThatHasNothingAtOnce() {
        FakeSink before = rig.subscribe("t", "latest");
        FakePublisher other = publish(false);
        publish(true).finish();
        other.send(0, 1);
        rig.run();
        assertThat(other.take()).containsExactly("refused TOPIC_SEALED");
        FakeSink after = rig.subscribe("t", "earliest");
        rig.run();

        assertThat(before.lines).containsExactly("start 0", "complete");
        assertThat(after.lines).containsExactly("start 0", "complete");
    }

    @Test
    void endsSubscriptionsAfterBatchesThatOthersHadAppendedBeforeTheSeal() {
        FakeSink before = rig.subscribe("t", "latest");
        FakePublisher sealing = publish(true);
        FakePublisher other = publish(false).send(0, 1);
        rig.run();
        sealing.finish();
        rig.run();
        FakeSink after = rig.subscribe("t", "latest");
        rig.run();
        assertThat(other.take()).containsExactly("refused TOPIC_SEALED");
        assertThat(before.take()).containsExactly("start 0", "flush");

        commit(1);
        assertThat(before.take()).containsExactly("batch 0 = 0", "flush");
        commit(2);

        assertThat(before.lines).containsExactly("batch 1 = 1", "complete");
        assertThat(after.lines).containsExactly("start 0", "flush", "batch 0 = 0", "flush", "batch 1 = 1", "complete");
        assertThat(other.lines).isEmpty(); // it has been refused before, and hears no more
    }

    @Test
    void showsNoPartOfAChunkThatIsNotCommitted() {
        ChunkSink sink = new ChunkSink(rig.sinkLoop);
        rig.subscribe("t", "latest", sink);
        publish(false).send(0, 1, 2, 3);
        rig.run();
        commit(3);
        assertThat(String.join(" ", sink.chunks)).endsWith("2").doesNotContain("3");

        commit(4);
        assertThat(sink.chunks).last().isEqualTo("3-3");
        sink.cancel();
    }

    @Test
    void tellsTheLogOnceForABurst() {
        publish(false).send(0, 1, 2);
        rig.run();
        commit(3); // which wakes subscribers, and not the log

        assertThat(storage.log("t").tellings).isOne();
        assertThat(storage.log("t").disk().takenOffset).isEqualTo(3);
        assertThat(storage.calls).containsExactly("new t", "open t", "begin t");
    }

    private void commit(long offset) {
        storage.log("t").commit(offset);
        rig.run();
    }

    private TopicStatus status() {
        return rig.list("t").get(0);
    }

    private FakePublisher publish(boolean seals) {
        return rig.publish(new PublishRequest(new TopicName("t"), true, seals), Messages.PLAIN);
    }

    @Test
    void beginsSubscriptionsThatWaitThoughTheLogHasNoThread() {
        FakeSink waiting = rig.subscribe("waited", "latest");
        rig.run();
        storage.whileBeginning = () -> {
            throw new OutOfMemoryError("exhausted by the test");
        };

        rig.publish("waited");
        rig.run();

        assertThat(waiting.lines).startsWith("start 0");
    }
}
