package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BlockLimits;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.TopicConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One limit for all topics, over sockets. */
@ExtendWith(LeakDetection.class)
class MemoryTest {
    private static final int ROWS = 3_000;
    private static final long LIMIT = 4 << 20;

    private static Server start(BrokerConfig broker) throws Exception {
        return Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(broker));
    }

    @Test
    void goesOnWithSmallerWindowsWhereTheyDoNotAllFit() throws Exception {
        try (Server server = start(BrokerConfig.DEFAULTS.withMemoryBytes(LIMIT));
                WireClient lister = WireClient.connect(server)) { // none more is let in while memory is full
            List<WireClient> publishers = new ArrayList<>();
            for (int topic = 0; topic < 10; topic++) {
                publishers.add(WireClient.connect(server).send(Messages.publish("t" + topic)));
            }
            for (int batch = 0; batch < 50; batch++) { // 12 MB
                for (WireClient publisher : publishers) {
                    publisher.send(Messages.counting(batch, ROWS));
                }
            }

            for (int topic = 0; topic < 10; topic++) {
                TopicStatus status = Topics.await(lister, "t" + topic, row -> row.nextOffset() == 50);
                assertThat(status.batches()).isPositive();
                publishers.get(topic).close();
            }
            assertThat(server.usedMemoryBytes()).isLessThan(LIMIT);
        }
    }

    @Test
    void refusesConnectionsWhileItIsFullAndServesThoseThatAreThere() throws Exception {
        BrokerConfig broker = BrokerConfig.DEFAULTS.withMemoryBytes(1 << 20);
        try (Server server = start(broker);
                WireClient publisher = WireClient.connect(server);
                WireClient lister = WireClient.connect(server);
                WireClient holder = WireClient.connect(server, 4 << 10)) {
            holder.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
            publisher.send(Messages.publish("t"));
            holder.expectStart("t", 0);
            publisher.send(Messages.counting(0, 800_000)); // 6.4 MB: more than fits into the sockets

            while (server.usedMemoryBytes() < 1 << 20) {
                assertThat(Topics.list(lister)).isNotEmpty(); // served all the time
            }
            List<WireClient> few = new ArrayList<>();
            while (few.size() + 3 < ConnectionGate.FEW) {
                WireClient next = WireClient.connect(server);
                assertThat(Topics.list(next)).hasSize(1);
                few.add(next);
            }
            try (WireClient late = WireClient.connect(server)) {
                late.expectRefusal("LIMIT_REACHED").halfClose().expectFin();
            }
            assertThat(Topics.list(lister)).hasSize(1);
            for (WireClient one : few) {
                one.close();
            }

            holder.reset();
            while (server.usedMemoryBytes() > 900 << 10) {
                assertThat(Topics.list(lister)).hasSize(1);
            }
            publisher.send(Messages.batch(1));
            Topics.await(server, "t", topic -> topic.nextOffset() == 2);
        }
    }

    /** What is pending for a subscriber is bounded by the high mark of its channel, 1 MiB, and one message. */
    @Test
    void keepsLittleForSubscriberThatDoesNotRead() throws Exception {
        BrokerConfig broker = BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowBatches(1));
        try (Server server = start(broker);
                WireClient publisher = WireClient.connect(server);
                WireClient stalled = WireClient.connect(server, 4 << 10)) {
            stalled.send(Messages.subscribe("t", "bowstring.on-lag", "drop"));
            publisher.send(Messages.publish("t"));
            stalled.expectStart("t", 0);
            AtomicLong sent = new AtomicLong();
            do { // until the sockets are full and it has begun to pend
                send(server, publisher, sent, 50);
            } while (server.usedMemoryBytes() < 512 << 10);

            send(server, publisher, sent, 1_000); // 24 MB

            int message = 8 * ROWS + 1_000;
            assertThat(server.usedMemoryBytes()).isBetween(512L << 10, (1L << 20) + 4 * message);
        }
    }

    /** Sends so many batches, and waits until none is in flight. */
    private static void send(Server server, WireClient publisher, AtomicLong sent, int batches) throws Exception {
        for (int i = 0; i < batches; i++) {
            publisher.send(Messages.counting(sent.getAndIncrement(), ROWS));
        }
        Topics.await(server, "t", topic -> topic.nextOffset() == sent.get());
    }

    @Test
    void letsNoBlockedTopicBlockAnother() throws Exception {
        BrokerConfig broker = BrokerConfig.DEFAULTS
                .withTopic(TopicConfig.DEFAULTS.withWindowBatches(2))
                .withBlocking(BlockLimits.DEFAULTS.withBlockTimeout(Duration.ofMillis(500)));
        try (Server server = start(broker);
                WireClient publisher = WireClient.connect(server);
                WireClient holder = WireClient.connect(server, 4 << 10)) {
            holder.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
            publisher.send(Messages.publish("t"));
            holder.expectStart("t", 0);
            Neighbour neighbour = Neighbour.start(server);

            for (long i = 0; i < 1_000; i++) { // 24 MB: waits until the holder has been given up
                publisher.send(Messages.counting(i, ROWS));
            }

            Topics.await(server, "t", topic -> topic.nextOffset() == 1_000 && topic.subscribers() == 0);
            neighbour.close();
        }
    }
}
