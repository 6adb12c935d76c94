package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which producers a topic remembers: two that have a name, and as many of one life. */
class RememberedProducersTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, 1 << 20, 2));

    @Test
    void forgetsNobodyForNewcomersBeforeTheirTime() {
        produceAndFinish("a", 0);
        produceAndFinish("b", 0);
        rig.topicLoop.advance(Duration.ofHours(24).minusNanos(1));

        FakePublisher stranger = produce("c");
        rig.run();

        assertThat(stranger.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(stranger.reason)
                .isEqualTo("producers of one topic: 3"
                        + " (expected: <= 2 that are connected or were so within producer-age; max-producers)");
        assertThat(handshake("a")).isEqualTo("accepted 0");
        assertThat(handshake("b")).isEqualTo("accepted 0");
    }

    @Test
    void forgetsTheProducerThatHasBeenGoneForLongestWhereItsTimeIsOver() {
        produceAndFinish("a", 0);
        produceAndFinish("b", 0);
        produceAndFinish("a", 1);
        rig.topicLoop.advance(Duration.ofHours(24));
        produceAndFinish("c", 0); // b goes

        assertThat(handshake("a")).isEqualTo("accepted 1");
        assertThat(handshake("c")).isEqualTo("accepted 0");
        FakePublisher b = produce("b");
        rig.run();
        assertThat(b.lines).containsExactly("refused LIMIT_REACHED"); // a has been connected since
    }

    @Test
    void remembersAfterItsTimeWhereNobodyNeedsTheRoom() {
        produceAndFinish("a", 0);
        rig.topicLoop.advance(Duration.ofDays(100));

        assertThat(handshake("a")).isEqualTo("accepted 0");
    }

    @Test
    void remembersNobodyWhoHasAppendedNothing() {
        produceAndFinish("a", 0);
        for (int i = 0; i < 10; i++) {
            produce("finished" + i).finish();
            produce("lost" + i).abort();
            rig.run();
        }
        produceAndFinish("b", 5);

        assertThat(handshake("a")).isEqualTo("accepted 0");
        assertThat(handshake("b")).isEqualTo("accepted 5");
    }

    @Test
    void keepsIdsOfOneLifeApartFromNamedOnes() {
        produceAndFinish("a", 0);
        produceAndFinish("b", 0);
        for (int i = 0; i < 200; i++) {
            produceAndFinish("once." + i, 0);
        }

        assertThat(handshake("a")).isEqualTo("accepted 0");
        assertThat(handshake("b")).isEqualTo("accepted 0");
        assertThat(handshake("once.0")).isEqualTo("accepted -1");
        assertThat(handshake("once.199")).isEqualTo("accepted 0"); // it may not have heard that it was done
    }

    @Test
    void remembersIdOfOneLifeThatHasLostItsConnection() {
        produce("once.1").sendNumbered(0).abort();
        produce("once.2").sendNumbered(0).abort();
        rig.run();

        FakePublisher third = produce("once.3");
        rig.run();
        assertThat(third.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(handshake("once.1")).isEqualTo("accepted 0"); // and is done
        rig.topicLoop.advance(Producers.LOST_AGE);
        produceAndFinish("once.3", 0);
        produce("once.4").sendNumbered(0).abort(); // once.2 goes
        produce("once.5").sendNumbered(0).abort();
        rig.run();
        assertThat(handshake("once.4")).isEqualTo("accepted 0"); // and is done: there is room
        assertThat(handshake("once.2")).isEqualTo("accepted -1");
    }

    @Test
    void countsInTheMemory() {
        rig.publish("t");
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        FakePublisher publisher = produce("a");
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(before);

        publisher.abort();
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    @Test
    void forgetsNoProducerThatIsConnected() {
        FakePublisher a = produce("a");
        FakePublisher b = produce("b");
        rig.run();

        FakePublisher c = produce("c");
        rig.run();
        assertThat(c.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(c.reason).startsWith("producers of one topic: 3 (expected: <= 2 ");

        b.abort();
        rig.run();
        assertThat(handshake("c")).isEqualTo("accepted -1");
        a.sendNumbered(0);
        rig.run();
        assertThat(a.lines).containsExactly("accepted -1", "appended 1 @0");
    }

    @Test
    void countsProducerThatFencesOnce() {
        produce("a");
        produce("b");
        produce("b");
        rig.run();

        assertThat(handshake("b")).isEqualTo("accepted -1");
    }

    @Test
    void forgetsNoProducerThatWasDoneWhileItIsConnected() {
        produceAndFinish("once.a", 0);
        FakePublisher fenced = produce("once.a");
        FakePublisher a = produce("once.a").sendNumbered(0);
        rig.run();
        assertThat(fenced.lines).containsExactly("accepted 0", "refused FENCED");

        for (int i = 0; i < 100; i++) {
            produceAndFinish("once." + i, 0);
        }
        assertThat(a.abort().lines).containsExactly("accepted 0", "appended 1 @0");
        rig.run();

        for (int i = 0; i < 63; i++) {
            assertThat(handshake("once.x" + i)).isEqualTo("accepted -1");
            produceAndFinish("once.x" + i, 0);
        }
        assertThat(handshake("once.a")).isEqualTo("accepted 0"); // and has ended last
        for (int i = 0; i < 64; i++) {
            produceAndFinish("once.y" + i, 0);
        }
        assertThat(handshake("once.a")).isEqualTo("accepted -1");
    }

    @Test
    void forgetsNobodyForANewcomerThatTakesTooMuchMemory() {
        Broker broker = new Broker(
                BrokerConfig.DEFAULTS.withMemory(new MemoryConfig(2_000, 300, 300)),
                rig.topicLoop,
                rig.allocator,
                rig.clock);
        MemoryShare share = broker.newTopicShare();
        AtomicLong nanos = new AtomicLong();
        RememberedProducers producers = new RememberedProducers(1, "", 10, share, nanos::get);
        ProducerId a = new ProducerId("a");
        producers.onGone(producers.connect(a, null));
        long usedBytes = share.usedBytes();
        nanos.set(10); // its time is over

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> producers.connect(new ProducerId("b".repeat(128)), null))
                .withMessageStartingWith("bowstring.producer: ");

        assertThat(producers.has(a)).isTrue();
        assertThat(producers.areExpected()).isFalse();
        assertThat(share.usedBytes()).isEqualTo(usedBytes);
        share.close();
    }

    @Test
    void remembersOfTheTimeBeforeTheNewestForWhichThereIsMemory() {
        Broker broker = new Broker(
                BrokerConfig.DEFAULTS.withMemory(new MemoryConfig(4_000, 1_000, 1_000)),
                rig.topicLoop,
                rig.allocator,
                rig.clock);
        MemoryShare share = broker.newTopicShare();
        AtomicLong nanos = new AtomicLong();
        Producers producers = new Producers(TopicLimits.DEFAULTS, share, nanos::get);

        producers.restore(Stream.of("a", "b", "c", "d", "e")
                .map(id -> new DurableLog.KeptProducer(new ProducerId(id).digest(), 7, 9))
                .toList());

        assertThat(Stream.of("a", "b", "c", "d", "e").filter(id -> producers.knows(new ProducerId(id))))
                .containsExactly("c", "d", "e");
        nanos.set(TopicTurn.toNanos(TopicLimits.DEFAULTS.producerAge())); // their time is over
        assertThat(producers.areExpected()).isFalse();
        assertThat(share.usedBytes()).isZero();
        share.close();
    }

    private FakePublisher produce(String producer) {
        return rig.publish(
                new PublishRequest(new TopicName("t"), true, false, new ProducerId(producer)), Messages.PLAIN);
    }

    private void produceAndFinish(String producer, long... sequences) {
        FakePublisher publisher = produce(producer).sendNumbered(sequences).finish();
        rig.run();
        assertThat(publisher.lines).endsWith("finished");
    }

    /** Returns what a producer is told that comes and goes. */
    private String handshake(String producer) {
        FakePublisher publisher = produce(producer).finish();
        rig.run();
        assertThat(publisher.lines).hasSize(2).endsWith("finished");
        return publisher.lines.get(0);
    }
}
