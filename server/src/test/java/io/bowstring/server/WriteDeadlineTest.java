package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import io.netty.channel.epoll.Epoll;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that do not take what is there for them. */
@ExtendWith(LeakDetection.class)
class WriteDeadlineTest {
    private static final int ROWS = 3_000;
    /** 14 MB: more than fits between server and subscriber. */
    private static final int BATCHES = 600;

    private Metronome metronome;
    private Server server;
    private WireClient publisher;
    private WireClient subscriber;

    @BeforeEach
    void start() throws Exception {
        metronome = new Metronome();
        start(Duration.ofMillis(600), Transport.best());
    }

    private void start(Duration writeTimeout, Transport transport) throws Exception {
        start(ConnectionLimits.DEFAULTS.withWriteTimeout(writeTimeout), transport);
    }

    private void start(ConnectionLimits limits, Transport transport) throws Exception {
        BrokerConfig broker = SmallBrokers.config(64 << 20, 100, 64 << 10, 64 << 20, 100);
        ServerConfig config =
                ServerConfig.DEFAULTS.withPort(0).withBroker(broker).withConnections(limits);
        server = Server.start(config, transport);
        publisher = WireClient.connect(server);
        subscriber = WireClient.connect(server, 4 << 10);
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        subscriber.close();
        server.close();
        metronome.close();
    }

    private void restart(Duration writeTimeout, Transport transport) throws Exception {
        restart(ConnectionLimits.DEFAULTS.withWriteTimeout(writeTimeout), transport);
    }

    private void restart(ConnectionLimits limits, Transport transport) throws Exception {
        publisher.close();
        subscriber.close();
        server.close();
        start(limits, transport);
    }

    private void subscribe(String onLag) throws Exception {
        subscriber.send(Messages.subscribe("t", "bowstring.on-lag", onLag, "bowstring.from", "earliest"));
        publisher.send(Messages.publish("t"));
        subscriber.expectStart("t", 0);
        for (long i = 0; i < BATCHES; i++) {
            publisher.send(Messages.counting(i, ROWS));
        }
        Topics.await(server, "t", topic -> topic.nextOffset() == BATCHES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disconnect", "drop", "block"})
    void cutsSubscriberThatTakesNothing(String onLag) throws Exception {
        subscribe(onLag);

        Topics.await(server, "t", topic -> topic.subscribers() == 0);

        Received last = subscriber.next();
        while (last.kind() == Received.Kind.BATCH) {
            last = subscriber.next();
        }
        assertThat(last.kind()).isEqualTo(Received.Kind.RESET);
        assertThat(server.counters().value(Counter.WRITES_STALLED)).isOne();
        assertThat(server.counters().value(Counter.REPLIES_CUT, ErrorCode.TOO_SLOW))
                .isOne();
        assertThat(server.counters().value(Counter.CONNECTIONS_LOST)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void keepsSubscriberThatTakesLittle(Transport transport) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        restart(Duration.ofSeconds(2), transport);
        subscribe("disconnect");

        for (long i = 0; i < 14; i++) { // a third of a megabyte, of which the server's socket notices little
            assertThat(subscriber.next().offset()).isEqualTo(i);
            metronome.await(3); // 300 ms
        }

        assertThat(Topics.list(server).get(0).subscribers()).isOne();
    }

    /** 24 KB a second at most, of 128 KiB. */
    @ParameterizedTest
    @EnumSource
    void cutsSubscriberThatTakesLessThanTheRate(Transport transport) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        restart(
                ConnectionLimits.DEFAULTS
                        .withWriteTimeout(Duration.ofSeconds(2))
                        .withMinRate(new MinRate(128 << 10, Duration.ofSeconds(2))),
                transport);
        subscribe("disconnect");

        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (server.counters().value(Counter.WRITES_STALLED) == 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            subscriber.next();
            metronome.await(10);
        }

        Topics.await(server, "t", topic -> topic.subscribers() == 0);
        assertThat(server.counters().value(Counter.REPLIES_CUT, ErrorCode.TOO_SLOW))
                .isOne();
    }

    @Test
    void keepsSubscriberThatHasNothingToTake() throws Exception {
        subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
        publisher.send(Messages.publish("t"), Messages.batch(1));
        subscriber.expectStart("t", 0).expectBatch(0, 1);

        metronome.await(12);

        publisher.send(Messages.batch(2));
        subscriber.expectBatch(1, 2);
    }

    @Test
    void waitsForEverWhereTheLimitIsOff() throws Exception {
        restart(Duration.ZERO, Transport.best());
        subscribe("disconnect");

        metronome.await(12);

        for (long i = 0; i < BATCHES; i++) {
            assertThat(subscriber.next().offset()).isEqualTo(i);
        }
    }
}
