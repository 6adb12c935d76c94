package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How subscriptions begin, go on and end on the wire. */
@ExtendWith(LeakDetection.class)
class SubscriptionTest {
    /** Far less than what fits into the sockets of a subscriber that does not read. */
    private static final BrokerConfig SMALL_WINDOW = SmallBrokers.config(64 << 10, 100, 64 << 10, 64 << 10, 10);

    private static final int ROWS = 3_000;

    private Server server;
    private WireClient publisher;
    private WireClient subscriber;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(SMALL_WINDOW));
        publisher = WireClient.connect(server);
        subscriber = WireClient.connect(server);
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        subscriber.close();
        server.close();
    }

    @Test
    void waitsForFirstPublisher() throws Exception {
        subscriber.send(Messages.subscribe("t"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);

        publisher.send(Messages.batch(1), Messages.batch(2));

        subscriber.expectBatch(0, 1).expectBatch(1, 2);
    }

    @Test
    void startsWhereAsked() throws Exception {
        publish(10);

        subscriber.send(Messages.subscribe("t", "bowstring.from", "4", "bowstring.until", "6"));
        subscriber.expectStart("t", 4).expectBatch(4, 4).expectBatch(5, 5).expectEnd();
        subscriber.send(Messages.subscribe("t", "bowstring.from", "-2", "bowstring.until", "end"));
        subscriber.expectStart("t", 8).expectBatch(8, 8).expectBatch(9, 9).expectEnd();
        subscriber.send(Messages.subscribe("t", "bowstring.from", "latest", "bowstring.until", "end"));
        subscriber.expectStart("t", 10).expectEnd();
    }

    @Test
    void answersWithTheColumnsAskedFor() throws Exception {
        publish(2);

        subscriber.send(
                Messages.subscribe("t", "bowstring.columns", "n", "bowstring.from", "1", "bowstring.until", "end"));
        subscriber.expectStart("t", 1).expectBatch(1, 1).expectEnd();
        subscriber.send(Messages.subscribe("t", "bowstring.columns", "m"));
        subscriber.expectRefusal("BAD_REQUEST");
    }

    @Test
    void endsInOrderWhenTopicIsSealed() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1));
        Topics.await(server, "t", topic -> topic.batches() == 1);
        subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
        subscriber.expectStart("t", 0).expectBatch(0, 1);

        publisher.send(Messages.batch(2), Messages.END);

        subscriber.expectBatch(1, 2).expectEnd();
        subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
        subscriber.expectStart("t", 0).expectBatch(0, 1).expectBatch(1, 2).expectEnd();
    }

    @Test
    void servesSubscriberThatHasHalfClosed() throws Exception {
        publisher.send(Messages.publish("t", "bowstring.seal", "true"));
        Topics.await(server, "t", topic -> true);
        subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest")).halfClose();
        subscriber.expectStart("t", 0);

        publisher.send(Messages.batch(1));
        subscriber.expectBatch(0, 1);
        publisher.send(Messages.batch(2), Messages.END);

        subscriber.expectBatch(1, 2).expectEnd().expectFin();
    }

    @Test
    void actsOnRequestWithoutEndMarker() throws Exception {
        publish(1);

        subscriber.send(Messages.request("bowstring.subscribe", "t", "bowstring.from", "0", "bowstring.until", "1"));
        subscriber.expectStart("t", 0).expectBatch(0, 0).expectEnd();

        subscriber.send(Messages.END, Messages.list(""));
        assertThat(Topics.readList(subscriber)).hasSize(1);
    }

    @Test
    void refusesOffsetThatHasLeftTheWindow() throws Exception {
        publisher.send(Messages.publish("t"));
        for (int i = 0; i < 20; i++) {
            publisher.send(Messages.counting(i, ROWS));
        }
        TopicStatus topic = Topics.await(server, "t", status -> status.nextOffset() == 20);

        assertThat(topic.firstOffset()).isEqualTo(18);
        assertThat(topic.bytes()).isLessThanOrEqualTo(64 << 10);
        subscriber.send(Messages.subscribe("t", "bowstring.from", "17")).expectRefusal("OFFSET_EXPIRED");
    }

    @Test
    void resetsSubscriberThatLags() throws Exception {
        subscriber.close();
        subscriber = WireClient.connect(server, 4 << 10);
        subscriber.send(Messages.subscribe("t"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);

        long published = publishUntil(topic -> topic.subscribers() == 0);

        long next = 0;
        Received received = subscriber.next();
        while (received.kind() == Received.Kind.BATCH) {
            assertThat(received.offset()).isEqualTo(next++); // what came is in order
            received = subscriber.next();
        }
        assertThat(received.kind()).isEqualTo(Received.Kind.RESET);
        assertThat(next).isLessThan(published);
    }

    @Test
    void tellsHowManyBatchesWereDropped() throws Exception {
        subscriber.close();
        subscriber = WireClient.connect(server, 4 << 10);
        subscriber.send(Messages.subscribe("t", "bowstring.on-lag", "drop"));
        publisher.send(Messages.publish("t", "bowstring.seal", "true"));
        subscriber.expectStart("t", 0);

        long published = 1_000; // 24 MB: more than fits between the two
        for (long i = 0; i < published; i++) {
            publisher.send(Messages.counting(i, ROWS));
        }
        publisher.send(Messages.END);

        long next = 0;
        long missed = 0;
        Received received = subscriber.next();
        while (received.kind() == Received.Kind.BATCH) {
            long gap = Long.parseLong(received.metadata().getOrDefault("bowstring.gap", "0"));
            assertThat(received.offset()).isEqualTo(next + gap);
            assertThat(received.numbers().get(0)).isEqualTo(received.offset());
            missed += gap;
            next = received.offset() + 1;
            received = subscriber.next();
        }
        assertThat(received.kind()).isEqualTo(Received.Kind.END);
        assertThat(next).isEqualTo(published);
        assertThat(missed).isPositive();
    }

    @Test
    void pausesPublisherForSubscriberThatBlocks() throws Exception {
        subscriber.close();
        subscriber = WireClient.connect(server, 4 << 10);
        subscriber.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
        publisher.send(Messages.publish("t", "bowstring.seal", "true"));
        subscriber.expectStart("t", 0);

        long count = 1_000; // 24 MB: more than fits between the two
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
            try {
                for (long i = 0; i < count; i++) {
                    publisher.send(Messages.counting(i, ROWS));
                }
                publisher.send(Messages.END).halfClose();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        TopicStatus full = Topics.await(server, "t", topic -> topic.batches() == 2 && topic.nextOffset() > 2);

        for (long i = 0; i < count; i++) {
            Received batch = subscriber.next();
            assertThat(batch.offset()).isEqualTo(i);
            assertThat(batch.numbers()).hasSize(ROWS).startsWith(i);
        }
        subscriber.expectEnd();
        publishing.join();
        publisher.expectFin();
        assertThat(full.bytes()).isLessThanOrEqualTo(64 << 10);
    }

    @Test
    void resumesPublisherWhenSubscriberThatBlocksIsGone() throws Exception {
        subscriber.close();
        subscriber = WireClient.connect(server, 4 << 10);
        subscriber.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
        publisher.send(Messages.publish("t", "bowstring.ack", "true"));
        subscriber.expectStart("t", 0);
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
            try {
                for (long i = 0; i < 1_000; i++) {
                    publisher.send(Messages.counting(i, ROWS));
                }
                publisher.send(Messages.END);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Topics.await(server, "t", topic -> topic.batches() == 2 && topic.nextOffset() > 2);

        subscriber.reset();

        publishing.join();
        Topics.await(server, "t", topic -> topic.nextOffset() == 1_000);
    }

    @Test
    void noticesSubscriberThatLeaves() throws Exception {
        subscriber.send(Messages.subscribe("t"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);

        subscriber.reset();

        Topics.await(server, "t", topic -> topic.subscribers() == 0);
    }

    @Test
    void servesOthersWhenSubscribersLeaveAmidData() throws Exception {
        subscriber.send(Messages.subscribe("t"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);

        long count = 0;
        while (count < 50) {
            try (WireClient leaving = WireClient.connect(server)) {
                leaving.send(Messages.subscribe("t", "bowstring.from", "earliest"));
                publisher.send(Messages.batch(count));
                if (count % 2 == 0) {
                    leaving.reset();
                }
            }
            subscriber.expectBatch(count, count++);
        }

        // Who has closed is told from who has half-closed only by sending more.
        try (WireClient lister = WireClient.connect(server)) {
            while (Topics.list(lister).get(0).subscribers() > 1) {
                assertThat(count).isLessThan(100_000);
                publisher.send(Messages.batch(count));
                subscriber.expectBatch(count, count++);
            }
        }
    }

    private void publish(int batches) throws Exception {
        publisher.send(Messages.publish("t"));
        for (int i = 0; i < batches; i++) {
            publisher.send(Messages.batch(i));
        }
        Topics.await(server, "t", topic -> topic.nextOffset() == batches);
    }

    /** Publishes batch after batch until the topic is as expected; returns how many. */
    private long publishUntil(Predicate<TopicStatus> expected) throws Exception {
        long published = 0;
        try (WireClient lister = WireClient.connect(server)) {
            do {
                assertThat(published).as("batches without the expected").isLessThan(100_000);
                publisher.send(Messages.counting(published++, ROWS));
            } while (!expected.test(Topics.list(lister).get(0)));
        }
        return published;
    }
}
