package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicationTest {
    private static final TopicName T = new TopicName("t");
    private static final long LIMIT = 4 * Messages.BATCH_WEIGHT;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, LIMIT, 10));

    @Test
    void finishesBehindItsLastBatch() {
        FakePublisher publisher = rig.publish("t").send(1, 2).finish();
        rig.run();

        assertThat(publisher.lines).containsExactly("finished");
        assertThat(rig.list("t").get(0))
                .returns(2L, TopicStatus::nextOffset)
                .returns(0L, TopicStatus::publishers)
                .returns(false, TopicStatus::isSealed);
    }

    @Test
    void acknowledgesOwnBatchesWithOffsetsOfTheTopic() {
        rig.publish("t").send(0);
        rig.run();
        FakePublisher publisher = rig.publish(new PublishRequest(T, true, false), Messages.PLAIN);

        publisher.send(1, 2).finish();
        rig.run();

        assertThat(publisher.lines).containsExactly("appended 2 @2", "finished");
    }

    @Test
    void acknowledgesOnlyWhatIsInTheLog() {
        FakePublisher publisher = rig.publish(new PublishRequest(T, true, false), Messages.PLAIN);
        publisher.whileBusy(() -> {
            publisher.send(1);
            rig.publisherLoop.runAll();
            assertThat(publisher.lines).isEmpty();
        });

        rig.run();
        assertThat(publisher.lines).containsExactly("appended 1 @0");
    }

    @Test
    void refusesFieldsThatDifferFromTheTopics() {
        rig.publish("t").send(1);
        FakePublisher other = rig.publish("t", List.of(IpcField.of("value", true, IpcType.INT64)));

        other.send(2).finish();
        rig.run();

        assertThat(other.lines).containsExactly("refused SCHEMA_MISMATCH");
        assertThat(other.reason).isEqualTo("field value: int64 (expected: int64 not null)");
        assertThat(rig.list("t").get(0))
                .returns(1L, TopicStatus::nextOffset)
                .returns(1L, TopicStatus::publishers)
                .returns("value: int64 not null", TopicStatus::fields);
    }

    @Test
    void acceptsSecondPublisherWithEqualFields() {
        FakePublisher first = rig.publish("t").send(1);
        rig.run();
        FakePublisher second = rig.publish("t").send(2);
        rig.run();

        assertThat(first.lines).isEmpty();
        assertThat(second.lines).isEmpty();
        assertThat(rig.list("t").get(0)).returns(2L, TopicStatus::nextOffset).returns(2L, TopicStatus::publishers);
    }

    @Test
    void keepsWholeBatchesWhereAborted() {
        FakeSink sink = rig.subscribe("t", "latest");
        FakePublisher publisher = rig.publish("t").send(1, 2).abort();
        rig.run();

        assertThat(publisher.lines).containsExactly("finished");
        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "batch 1 = 2", "flush");
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::publishers);
    }

    @Test
    void doesNotSealWhereAborted() {
        FakePublisher publisher = rig.publish(new PublishRequest(T, false, true), Messages.PLAIN);

        publisher.send(1).abort().abort();
        rig.run();

        assertThat(rig.list("t").get(0)).returns(false, TopicStatus::isSealed).returns(0L, TopicStatus::publishers);
    }

    @Test
    void dropsWhatComesAfterItIsOver() {
        rig.publish("t");
        FakePublisher refused = rig.publish("t", List.of());
        rig.run();

        refused.send(1).finish().abort();
        rig.run();

        assertThat(refused.lines).containsExactly("refused SCHEMA_MISMATCH");
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::nextOffset).returns(1L, TopicStatus::publishers);
    }

    @Test
    void pausesAboveItsInFlightLimit() {
        FakePublisher publisher = rig.publish("t");

        publisher.whileBusy(() -> {
            publisher.send(1, 2, 3, 4);
            rig.publisherLoop.runAll();
            assertThat(publisher.take()).isEmpty();

            publisher.send(5, 6);
            rig.publisherLoop.runAll();
            assertThat(publisher.take()).containsExactly("readable false");
        });

        rig.run();
        assertThat(publisher.take()).containsExactly("readable true");
    }

    @Test
    void resumesWhenHalfOfTheLimitIsInFlight() {
        FakePublisher publisher = rig.publish("t");
        List<Integer> resumes = new ArrayList<>();
        publisher.whileBusy(() -> {
            for (int i = 0; i < 5; i++) {
                publisher.send(i);
                rig.publisherLoop.runAll(); // a task for each
                publisher.whileBusy(() -> resumes.add(rig.publisherLoop.waitingTasks()));
            }
            publisher.take();
        });

        assertThat(resumes).containsExactly(0, 0, 1, 1, 1); // not with three in flight
        rig.publisherLoop.runAll();
        assertThat(publisher.take()).containsExactly("readable true");
    }

    @Test
    void handsOverSmallMessagesByTheBurst() {
        FakePublisher publisher = rig.publish("t").send(1, 2);
        rig.publisherLoop.runNext();
        rig.publisherLoop.runNext();
        assertThat(publisher.nextOffset()).isZero();

        rig.publisherLoop.runAll();
        assertThat(publisher.nextOffset()).isEqualTo(2);

        publisher.send(3);
        rig.publisherLoop.runAll();
        assertThat(publisher.nextOffset()).isEqualTo(3);
        assertThat(rig.held("t")).contains("batch 0 = 1", "batch 1 = 2", "batch 2 = 3");
    }

    @Test
    void handsOverAtOnceWhatIsABurstAlone() {
        FakePublisher publisher = rig.publish("t").send(Messages.longBatch((64 << 10) / Long.BYTES, 0, rig.allocator));

        rig.publisherLoop.runNext();

        assertThat(publisher.nextOffset()).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void handsOverWhatCameBeforeItsEnd(boolean inOrder) {
        FakePublisher publisher = rig.publish("t").send(1);
        if (inOrder) {
            publisher.finish();
        } else {
            publisher.abort();
        }

        rig.publisherLoop.runNext();
        rig.publisherLoop.runNext(); // the burst is not over yet
        rig.topicLoop.runAll();
        rig.publisherLoop.runAll();

        assertThat(publisher.take()).containsExactly("finished");
        assertThat(rig.held("t")).contains("batch 0 = 1");
    }

    @Test
    void staysPausedWhereMoreCameMeanwhile() {
        FakePublisher publisher = rig.publish("t");
        publisher.whileBusy(() -> {
            publisher.send(1, 2, 3, 4, 5);
            rig.publisherLoop.runAll();
        }); // all landed: resuming is on its way
        publisher.send(6, 7, 8, 9, 10);
        rig.publisherLoop.rotate();
        rig.publisherLoop.rotate();
        rig.publisherLoop.rotate();
        rig.publisherLoop.rotate();
        rig.publisherLoop.rotate(); // all of them before it

        publisher.whileBusy(() -> {
            rig.publisherLoop.runAll();
            assertThat(publisher.lines).containsExactly("readable false");
        });

        rig.run();
        assertThat(publisher.lines).containsExactly("readable false", "readable true");
    }

    @Test
    void resumesWithTheSmallestLimit() {
        BrokerRig tight = new BrokerRig(SmallBrokers.config(1, 1, 1, 1, 1));
        FakePublisher publisher = tight.publish("t").send(1);
        tight.run();
        publisher.send(2);
        tight.run();

        assertThat(publisher.lines)
                .containsExactly("readable false", "readable true", "readable false", "readable true");
        tight.close();
    }

    @Test
    void resumesWhereWhatWasInFlightIsDropped() {
        FakePublisher other = rig.publish("t");

        FakePublisher[] late = new FakePublisher[1];
        other.whileBusy(() -> {
            late[0] = rig.publish("t", List.of()).send(1, 2, 3, 4, 5);
            rig.publisherLoop.runAll();
        });
        FakePublisher refused = late[0];
        rig.run();

        assertThat(refused.lines)
                .containsExactlyInAnyOrder("readable false", "refused SCHEMA_MISMATCH", "readable true");
    }

    @Test
    void isRefusedWhereMemoryRunsOut() {
        FakeSink sink = rig.subscribe("t", "latest");
        FakePublisher publisher = rig.publish("t").send(1);
        rig.run();
        publisher
                .send(Messages.longBatch(100, 2, rig.allocator)) // for which no block has room
                .send(3)
                .sendDictionary(1, "x")
                .finish();

        rig.allocator.setExhausted(true);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(publisher.reason).isEqualTo("the server has no memory left for this");
        assertThat(sink.lines).containsExactly("start 0", "batch 0 = 1", "flush");
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::publishers);
    }

    @Test
    void isRefusedWhereMemoryRunsOutForItsDictionary() {
        FakePublisher publisher = rig.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x").send(1);
        rig.run();
        publisher.sendDelta(1, "y");

        rig.allocator.setExhausted(true);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
    }

    @Test
    void leavesNoTopicWhereMemoryRunsOutForItsSchema() {
        IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);

        rig.allocator.setExhausted(true);
        FakePublisher publisher = rig.publish(new PublishRequest(T, false, false), schema);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(rig.list("")).isEmpty();
    }

    @Test
    void refusesSubscriptionWhereMemoryRunsOut() {
        rig.publish("t");
        rig.run();

        rig.allocator.setExhausted(true);
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        assertThat(sink.lines).containsExactly("refuse STORAGE_FULL");
    }
}
