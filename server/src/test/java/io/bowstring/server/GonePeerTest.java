package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import io.netty.channel.epoll.Epoll;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Subscribers of an idle topic that have gone in the ordinary way, and such as have only half-closed. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class GonePeerTest {
    @TempDir
    private Path folder;

    private Server server;
    private WireClient publisher;

    private void start(Transport transport, Duration peerTimeout) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        ServerConfig config = ServerConfig.DEFAULTS
                .withPort(0)
                .withConnections(ConnectionLimits.DEFAULTS.withPeerTimeout(peerTimeout));
        server = Server.start(transport == Transport.EPOLL ? config.withUnix(path()) : config, transport);
        publisher = WireClient.connect(server);
        publisher.send(Messages.publish("t"), Messages.batch(1));
        Topics.await(server, "t", topic -> topic.nextOffset() == 1);
    }

    private Path path() {
        return folder.resolve("bowstring.sock");
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        server.close();
    }

    private WireClient subscribe() throws Exception {
        WireClient subscriber = WireClient.connect(server);
        subscriber.send(Messages.subscribe("t", "bowstring.from", "0"));
        subscriber.expectStart("t", 0).expectBatch(0, 1);
        return subscriber;
    }

    /** Waits until nobody subscribes, and no connection is open but the publisher's and that which asks. */
    private void awaitNobody() throws Exception {
        Topics.await(server, "t", topic -> topic.subscribers() == 0 && open() == 2);
    }

    private long open() {
        return server.counters().value(Counter.CONNECTIONS_OPENED)
                - server.counters().value(Counter.CONNECTIONS_CLOSED);
    }

    @ParameterizedTest
    @EnumSource
    void findsSubscriberThatHasClosed(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));

        subscribe().close();

        awaitNobody();
    }

    @ParameterizedTest
    @EnumSource
    void findsSubscriberThatClosesWhileItsTopicHasNoPublisher(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));

        WireClient.connect(server).send(Messages.subscribe("not-yet")).close();

        awaitNobody();
    }

    @ParameterizedTest
    @EnumSource
    void findsSubscriberThatHasClosedBehindItsNextRequest(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));

        subscribe().send(Messages.list("")).close();

        awaitNobody();
    }

    @Test
    void findsSubscriberThatHasHalfClosedAndIsReset() throws Exception {
        start(Transport.EPOLL, Duration.ofMinutes(10));
        WireClient subscriber = subscribe();
        subscriber.halfClose().awaitUnread(1);

        subscriber.close(); // with something unread, which makes it a reset

        awaitNobody();
    }

    @ParameterizedTest
    @EnumSource
    void servesHalfClosedSubscriberThatWaitsLong(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));
        try (WireClient subscriber = subscribe()) {
            subscriber.halfClose().awaitUnread(4); // the marker of the next message, as far as it can be known

            for (int i = 1; i < 4; i++) {
                publisher.send(Messages.batch(i, 7));
                subscriber.expectBatch(i, i, 7);
            }
            publisher.send(Messages.END).close();
            server.close();

            subscriber.expectEnd().expectFin();
        }
    }

    @ParameterizedTest
    @EnumSource
    void startsTheStreamOfHalfClosedSubscriberThatHasWaited(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));
        try (WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("later")).halfClose().awaitUnread(4);

            try (WireClient other = WireClient.connect(server)) {
                other.send(Messages.publish("later"), Messages.batch(5), Messages.END);

                subscriber.expectStart("later", 0).expectBatch(0, 5);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsWhatPublisherHasSentThatIsGone(Transport transport) throws Exception {
        start(transport, Duration.ofMillis(300));

        WireClient gone = WireClient.connect(server);
        gone.send(Messages.publish("t"), Messages.counting(0, 50_000), Messages.batch(2), Messages.END);
        gone.close();

        Topics.await(server, "t", topic -> topic.nextOffset() == 3);
        awaitNobody();
    }

    @Test
    void findsSubscriberOnUnixSocketThatHasClosed() throws Exception {
        start(Transport.EPOLL, Duration.ofMinutes(10));
        UnixClient subscriber = new UnixClient(path());
        subscriber.send(Messages.subscribe("t"));
        Topics.await(server, "t", topic -> topic.subscribers() == 1);

        subscriber.close();

        awaitNobody();
    }

    @Test
    void findsSubscriberOnUnixSocketThatHasHalfClosedAndThenCloses() throws Exception {
        start(Transport.EPOLL, Duration.ofMinutes(10));
        UnixClient subscriber = new UnixClient(path());
        subscriber.send(Messages.subscribe("not-yet")).halfClose();
        assertThat(subscriber.isEnded()).isFalse(); // one byte of what is to come

        subscriber.close();

        awaitNobody();
    }
}
