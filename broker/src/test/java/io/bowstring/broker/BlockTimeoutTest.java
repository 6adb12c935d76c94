package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.TopicStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that block a window of three batches for too long: 30 seconds. */
class BlockTimeoutTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher publisher = rig.publish("t");

    @Test
    void letsGoOfWhoStandsStillAndCutsItWhereItFallsOut() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        pass(29);
        assertThat(status().nextOffset()).isEqualTo(4);
        assertThat(sink.lines).isEmpty();

        pass(1);
        assertThat(status()).returns(6L, TopicStatus::nextOffset).returns(0L, TopicStatus::subscribers);
        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void keepsWhoMovesHoweverSlowly() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3, 4, 5, 6, 7, 8);
        rig.run();

        for (int i = 0; i < 5; i++) {
            pass(29);
            sink.grant(1);
            rig.run();
        }

        assertThat(sink.lines).filteredOn(line -> line.startsWith("batch")).hasSize(5);
        assertThat(status()).returns(9L, TopicStatus::nextOffset).returns(1L, TopicStatus::subscribers);
    }

    @Test
    void keepsWhoMovesBesideOneThatDoesNot() {
        List<FakeSink> sinks = stalled(2);
        FakeSink moving = sinks.get(0);
        FakeSink standing = sinks.get(1);
        publisher.send(1, 2, 3, 4, 5);
        rig.run();

        pass(20);
        moving.grant(1);
        rig.run();
        pass(10);

        assertThat(standing.lines).containsExactly("cut LAGGED");
        assertThat(status().subscribers()).isOne();
        pass(29);
        assertThat(status().subscribers()).isOne();
    }

    /** One batch, of about 1 KiB, each 29 seconds: less than 64 KiB a second. */
    @Test
    void letsGoOfWhoTakesTooLittleWhileSomebodyWaits() {
        BrokerRig strict =
                new BrokerRig(BrokerRig.SMALL.withBlocking(BlockLimits.DEFAULTS.withMinBlockBytesPerSecond(64 << 10)));
        FakeSink sink = new FakeSink(strict.sinkLoop);
        sink.credit = 0;
        strict.subscribe("t", "latest", "live", "block", sink);
        strict.publish("t").send(0, 1, 2, 3, 4, 5, 6, 7, 8);
        strict.run();

        for (int i = 0; i < 2; i++) {
            strict.topicLoop.advance(Duration.ofSeconds(29));
            strict.run();
            sink.grant(1);
            strict.run();
        }

        assertThat(strict.list("t").get(0)).returns(9L, TopicStatus::nextOffset);
        assertThat(sink.lines).last().isEqualTo("cut LAGGED");
        strict.close();
    }

    /** A publisher that sends its next batch when the last one is in waits each time anew. */
    @Test
    void addsUpTheTimesInWhichSomebodyWaits() {
        BrokerRig strict =
                new BrokerRig(BrokerRig.SMALL.withBlocking(BlockLimits.DEFAULTS.withMinBlockBytesPerSecond(64 << 10)));
        FakeSink sink = new FakeSink(strict.sinkLoop);
        sink.credit = 0;
        strict.subscribe("t", "latest", "live", "block", sink);
        FakePublisher oneByOne = strict.publish("t").send(0, 1, 2);
        strict.run();

        for (int i = 0; i < 2; i++) {
            oneByOne.send(3 + i);
            strict.run();
            strict.topicLoop.advance(Duration.ofSeconds(29));
            strict.run();
            sink.grant(1);
            strict.run();
        }

        oneByOne.send(5, 6, 7);
        strict.run();
        assertThat(strict.list("t").get(0)).returns(8L, TopicStatus::nextOffset);
        strict.close();
    }

    @Test
    void keepsWhoTakesEnoughWhileSomebodyWaits() {
        BrokerRig strict =
                new BrokerRig(BrokerRig.SMALL.withBlocking(BlockLimits.DEFAULTS.withMinBlockBytesPerSecond(10)));
        FakeSink sink = new FakeSink(strict.sinkLoop);
        sink.credit = 0;
        strict.subscribe("t", "latest", "live", "block", sink);
        FakePublisher ahead = strict.publish("t");
        for (int i = 0; i < 20; i++) {
            ahead.send(i);
        }
        strict.run();

        for (int i = 0; i < 12; i++) { // about 100 bytes a second, for two minutes
            strict.topicLoop.advance(Duration.ofSeconds(10));
            sink.grant(1);
            strict.run();
        }

        assertThat(sink.isOver()).isFalse();
        assertThat(strict.list("t").get(0)).returns(15L, TopicStatus::nextOffset);
        strict.close();
    }

    /** What is sent of a batch is less than 100 bytes a second; what it gives back is more than 400. */
    @Test
    void keepsWhoTakesOneColumnOfWideBatchesInGoodTime() {
        int columns = 200;
        BrokerRig strict = new BrokerRig(SmallBrokers.config(64 << 10, 10, 1 << 20, 1 << 20, columns)
                .withBlocking(BlockLimits.DEFAULTS.withMinBlockBytesPerSecond(400)));
        FakeSink sink = strict.subscribe("t", "latest", "block", "c0", strict.sinkLoop);
        sink.credit = 0;
        FakePublisher ahead = strict.publish(
                "t",
                IntStream.range(0, columns)
                        .mapToObj(i -> IpcField.of("c" + i, false, IpcType.INT64))
                        .toList());
        for (int i = 0; i < 40; i++) {
            ahead.send(Messages.batch(columns, i, strict.allocator));
        }
        strict.run();

        for (int i = 0; i < 12; i++) {
            strict.topicLoop.advance(Duration.ofSeconds(10));
            sink.grant(1);
            strict.run();
        }

        assertThat(sink.bytes).isLessThan(12 * 1_000);
        assertThat(sink.isOver()).isFalse();
        assertThat(strict.list("t").get(0).nextOffset()).isLessThan(30);
        strict.close();
    }

    @Test
    void countsOnlyTheTimeInWhichSomebodyWaits() {
        FakeSink sink = stalled();
        publisher.send(1, 2, 3);
        rig.run();
        assertThat(rig.topicLoop.timers()).isZero();
        pass(1_000);

        FakePublisher leaving = rig.publish("t").send(4);
        rig.run();
        assertThat(rig.topicLoop.timers()).isOne();
        pass(29);
        rig.broker.drain(); // refuses publishers: nobody waits
        rig.run();
        assertThat(leaving.lines).containsExactly("refused SHUTTING_DOWN");
        assertThat(rig.topicLoop.timers()).isZero();
        pass(1_000);

        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void beginsToCountAnewWhereSomebodyWaitsAgain() {
        List<FakeSink> sinks = stalled(2);
        publisher.send(1, 2, 3, 4);
        rig.run();
        pass(29);
        sinks.forEach(sink -> sink.grant(1));
        rig.run();
        assertThat(rig.topicLoop.timers()).isZero();
        pass(29);

        publisher.send(5);
        rig.run();
        assertThat(rig.topicLoop.timers()).isOne();
        pass(29);
        assertThat(status().subscribers()).isEqualTo(2);
        pass(1);
        assertThat(status().subscribers()).isZero();
    }

    @Test
    void hasATimeLimitOfItsOwn() {
        BrokerRig hasty = new BrokerRig(
                BrokerRig.SMALL.withBlocking(BrokerRig.SMALL.blocking().withBlockTimeout(Duration.ofMillis(5))));
        FakeSink sink = new FakeSink(hasty.sinkLoop);
        sink.credit = 0;
        hasty.subscribe("t", "latest", "live", "block", sink);
        hasty.publish("t").send(0, 1, 2, 3);
        hasty.run();

        hasty.topicLoop.advance(Duration.ofMillis(5));
        hasty.run();

        assertThat(sink.lines).containsExactly("start 0", "flush", "cut LAGGED");
        hasty.close();
    }

    @Test
    void stopsTheTimerAtItsEnd() {
        BrokerRig other = new BrokerRig();
        FakeSink sink = new FakeSink(other.sinkLoop);
        sink.credit = 0;
        other.subscribe("t", "latest", "live", "block", sink);
        other.publish("t").send(0, 1, 2, 3).abort();
        other.run();
        assertThat(other.topicLoop.timers()).isOne();

        other.close();

        assertThat(other.topicLoop.timers()).isZero();
    }

    private void pass(int seconds) {
        rig.topicLoop.advance(Duration.ofSeconds(seconds));
        rig.run();
    }

    private FakeSink stalled() {
        return stalled(1).get(0);
    }

    /** Returns blocking subscriptions whose sinks have taken batch 0 and take no more. */
    private List<FakeSink> stalled(int count) {
        List<FakeSink> sinks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FakeSink sink = new FakeSink(rig.sinkLoop);
            sink.credit = 1;
            rig.subscribe("t", "latest", "live", "block", sink);
            sinks.add(sink);
        }
        publisher.send(0);
        rig.run();
        sinks.forEach(sink -> assertThat(sink.take()).contains("batch 0 = 0"));
        return sinks;
    }

    private TopicStatus status() {
        return rig.list("t").get(0);
    }
}
