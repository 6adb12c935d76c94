package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import io.netty.channel.epoll.Epoll;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same on every transport, above all where they differ: half-closed and broken connections. */
@ExtendWith(LeakDetection.class)
class TransportTest {
    private static final int ROWS = 3_000;

    private static Server start(Transport transport, long windowBytes) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        BrokerConfig broker = new BrokerConfig(windowBytes, 100, 64 << 10, 64 << 10, 10);
        return Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(broker), transport);
    }

    @ParameterizedTest
    @EnumSource
    void relaysBatches(Transport transport) throws Exception {
        try (Server server = start(transport, 1 << 20);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1), Messages.batch(2, 3));
            publisher.send(Messages.END);

            subscriber
                    .expectStart("t", 0)
                    .expectBatch(0, 1)
                    .expectBatch(1, 2, 3)
                    .expectEnd();
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesHalfClosedSubscriberThatIsSlow(Transport transport) throws Exception {
        try (Server server = start(transport, 64 << 20);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server, 4 << 10)) {
            long count = 400; // 10 MB: more than fits between server and subscriber
            subscriber.send(Messages.subscribe("t", "bowstring.until", "400")).halfClose();
            publisher.send(Messages.publish("t"));
            subscriber.expectStart("t", 0);
            for (long i = 0; i < count; i++) {
                publisher.send(Messages.counting(i, ROWS));
            }
            Topics.await(server, "t", topic -> topic.nextOffset() == count);

            for (long i = 0; i < count; i++) {
                subscriber.expectBatch(i, LongStream.range(i, i + ROWS).toArray());
            }
            subscriber.expectEnd().expectFin();
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesAllOfHalfClosedPublisherThatWasHeld(Transport transport) throws Exception {
        try (Server server = start(transport, 64 << 10);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server, 4 << 10)) {
            subscriber.send(Messages.subscribe("t", "bowstring.on-lag", "block"));
            publisher.send(Messages.publish("t"));
            subscriber.expectStart("t", 0);
            long count = 0;
            do { // until the topic takes no more
                publisher.send(Messages.counting(count++, ROWS));
            } while (isTaken(server, count));

            for (int i = 0; i < 10; i++) { // more than may be in flight, less than fits into the publisher's sockets
                publisher.send(Messages.counting(count++, ROWS));
            }
            publisher.send(Messages.END).halfClose();
            for (int i = 0; i < 20; i++) {
                Topics.list(server); // the server sees the half-close meanwhile
            }

            for (long i = 0; i < count; i++) {
                Received batch = subscriber.next();
                assertThat(batch.kind()).isEqualTo(Received.Kind.BATCH);
                assertThat(batch.offset()).isEqualTo(i);
                assertThat(batch.numbers()).hasSize(ROWS).startsWith(i);
            }
            publisher.expectFin();
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesResetOfHalfClosedSubscriber(Transport transport) throws Exception {
        try (Server server = start(transport, 1 << 20);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t")).halfClose();
            publisher.send(Messages.publish("t"));
            subscriber.expectStart("t", 0);
            publisher.send(Messages.batch(1));
            subscriber.expectBatch(0, 1);

            subscriber.reset();

            TopicStatus topic = Topics.list(server).get(0);
            while (topic.subscribers() > 0) { // noticed by sending at the latest
                assertThat(topic.nextOffset()).isLessThan(100_000);
                publisher.send(Messages.batch(1));
                topic = Topics.list(server).get(0);
            }
        }
    }

    /** Returns whether the topic takes a batch before a while has passed. */
    private static boolean isTaken(Server server, long count) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (Topics.list(server).get(0).nextOffset() == count) {
                return true;
            }
        }
        return false;
    }
}
