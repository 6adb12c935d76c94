package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicStatus;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
        BrokerConfig broker = SmallBrokers.config(windowBytes, 100, 64 << 10, 64 << 10, 10);
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
                WireClient lister = WireClient.connect(server);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t")).halfClose();
            publisher.send(Messages.publish("t"));
            subscriber.expectStart("t", 0);
            publisher.send(Messages.batch(1));
            subscriber.expectBatch(0, 1);

            subscriber.reset();

            TopicStatus topic = Topics.list(lister).get(0);
            while (topic.subscribers() > 0) { // noticed by sending at the latest
                assertThat(topic.nextOffset()).isLessThan(100_000);
                publisher.send(Messages.batch(1));
                topic = Topics.list(lister).get(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsPeersThatHaveVanished(Transport transport) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.newIoHandlerFactory());
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).childHandler(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                accepted.complete(ctx.channel());
            }
        });
        transport.configure(bootstrap, Duration.ofSeconds(17));
        Channel listener = bootstrap.bind("127.0.0.1", 0).sync().channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();

        try (WireClient client = WireClient.connect(port)) {
            client.send(Messages.END);
            Map<ChannelOption<?>, Object> options = accepted.join().config().getOptions();

            assertThat(options).containsEntry(ChannelOption.SO_KEEPALIVE, true);
            assertThat(seconds(options, "KEEPIDLE")).isEqualTo(11);
            assertThat(seconds(options, "INTERVAL", "KEEPINTVL")).isEqualTo(2);
            assertThat(seconds(options, "KEEPCOUNT", "KEEPCNT")).isEqualTo(3);
            if (transport == Transport.EPOLL) {
                assertThat(accepted.join().config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                        .isEqualTo(17_000);
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    /** Returns the value of an option that ends with one of the names, by which Netty and the JDK call it. */
    private static int seconds(Map<ChannelOption<?>, Object> options, String... names) {
        return options.entrySet().stream()
                .filter(option -> Arrays.stream(names).anyMatch(option.getKey().name()::endsWith))
                .map(option -> (int) option.getValue())
                .findFirst()
                .orElseThrow();
    }

    /** Returns whether the topic takes a batch before a while has passed. */
    private static boolean isTaken(Server server, long count) throws Exception {
        try (WireClient lister = WireClient.connect(server)) {
            for (int i = 0; i < 200; i++) {
                if (Topics.list(lister).get(0).nextOffset() == count) {
                    return true;
                }
            }
        }
        return false;
    }
}
