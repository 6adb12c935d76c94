package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing leaves a window of three batches before it is committed; publishers wait for that. */
class DurableWindowTest {
    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(BrokerRig.SMALL, storage);

    private final FakePublisher publisher = publish(rig);

    @Test
    void waitsForTheCommitWhereTheWindowIsFull() {
        publisher.send(0, 1, 2, 3, 4);
        rig.run();
        storage.log("t").take();
        assertThat(storage.log("t").disk().takenOffset).isEqualTo(3);

        commit(1); // one may leave, and one may come
        assertThat(publisher.take()).containsExactly("appended 1 @0");
        storage.log("t").take();
        assertThat(storage.log("t").disk().takenOffset).isEqualTo(4);

        commit(4);
        assertThat(publisher.take()).containsExactly("appended 4 @3");
        commit(5);
        assertThat(publisher.take()).containsExactly("appended 5 @4");
    }

    @Test
    void waitsForTheCommitWhereTheWindowHasItsBatches() {
        BrokerRig two = rig(BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowBatches(2)));
        FakePublisher other = publish(two).send(0, 1, 2, 3);
        two.run();
        other.finish();
        two.run();
        assertThat(other.lines).isEmpty();
        two.storage.log("t").commit(2);
        two.run();
        assertThat(other.take()).containsExactly("appended 2 @1");
        two.storage.log("t").commit();
        two.run();
        assertThat(other.lines).containsExactly("appended 4 @3", "finished");
        two.close();
    }

    @Test
    void letsPublishersInLineGoOnInTurn() {
        FakePublisher second = publish(rig);
        publisher.send(0, 1, 2, 3, 4);
        rig.run();
        second.send(10, 11);
        rig.run();

        commit(3);
        commit(6);
        commit(7);

        assertThat(rig.held("t"))
                .filteredOn(line -> !line.equals("flush"))
                .containsExactly(
                        "start 0",
                        "batch 0 = 0",
                        "batch 1 = 1",
                        "batch 2 = 2",
                        "batch 3 = 3",
                        "batch 4 = 10",
                        "batch 5 = 4",
                        "batch 6 = 11",
                        "complete");
    }

    @Test
    void appendsABatchLargerThanTheWindowWhenAllBeforeItIsCommitted() {
        publisher.send(0).send(Messages.longBatch(1_000, 1, rig.allocator)).send(2);
        rig.run();
        assertThat(memoryNext()).isOne();

        commit(1);
        assertThat(memoryNext()).isEqualTo(2);
        commit(2);
        assertThat(memoryNext()).isEqualTo(3);
    }

    @Test
    void keepsWhatIsOldUntilItIsCommitted() {
        BrokerRig aging =
                rig(BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowAge(Duration.ofSeconds(10))));
        FakePublisher old = publish(aging).send(0, 1);
        aging.run();
        long used = aging.allocator.usedBytes();
        aging.topicLoop.advance(Duration.ofSeconds(20));
        aging.run();
        assertThat(aging.allocator.usedBytes()).isEqualTo(used);
        assertThat(aging.topicLoop.timers()).isZero();

        aging.storage.log("t").commit(1);
        aging.run();
        assertThat(old.lines).containsExactly("appended 1 @0");
        assertThat(aging.topicLoop.timers()).isOne();
        aging.topicLoop.advance(Duration.ofMillis(10));
        aging.run();
        assertThat(log(aging).firstOffset()).isOne();
        assertThat(aging.topicLoop.timers()).isZero();

        aging.storage.log("t").commit(2);
        aging.run();
        aging.topicLoop.advance(Duration.ofMillis(10));
        aging.run();
        assertThat(log(aging).firstOffset()).isEqualTo(2);
        assertThat(aging.allocator.usedBytes()).isLessThan(used);
        aging.close();
    }

    /** Memory for a hundred small batches, of which each topic has half in any case. */
    @Test
    void keepsWhatIsNotCommittedWhereMemoryIsShort() {
        BrokerRig poor = rig(
                SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10).withMemoryBytes(100 * Messages.BATCH_WEIGHT));
        FakePublisher feed = publish(poor);
        for (int i = 0; i < 90; i++) {
            feed.send(Messages.longBatch(50, i, poor.allocator));
            poor.run();
        }
        poor.pass(Duration.ofSeconds(1));
        assertThat(log(poor).firstOffset()).isZero();
        assertThat(feed.isReadable).isFalse();

        poor.storage.log("t").commit();
        poor.run();
        feed.send(1);
        poor.run();
        poor.pass(Duration.ofSeconds(1));

        assertThat(log(poor).firstOffset()).isPositive();
        assertThat(feed.isReadable).isTrue();
        poor.close();
    }

    @Test
    void isHeldBackWhileItWaitsForTheLog() {
        BrokerRig narrow =
                rig(SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, 4 * Messages.BATCH_WEIGHT, 10));
        FakePublisher feed = publish(narrow).send(0, 1, 2, 3, 4, 5, 6, 7);
        narrow.run();
        assertThat(feed.take()).containsExactly("readable false");

        narrow.storage.log("t").commit();
        narrow.run();
        assertThat(feed.take()).containsExactly("appended 3 @2", "readable true");
        narrow.close();
    }

    private void commit(long offset) {
        storage.log("t").commit(offset);
        rig.run();
    }

    private static BrokerRig rig(BrokerConfig config) {
        return new BrokerRig(config, new FakeStorage());
    }

    private long memoryNext() {
        return log(rig).appendedOffset();
    }

    private static TopicLog log(BrokerRig rig) {
        return rig.topic("t").log();
    }

    private static FakePublisher publish(BrokerRig rig) {
        return rig.publish(new PublishRequest(new TopicName("t"), true, false), Messages.PLAIN);
    }
}
