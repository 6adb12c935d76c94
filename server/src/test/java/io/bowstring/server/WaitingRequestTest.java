package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.Counter;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What requests cost the server that wait: for a topic, or for their turn. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class WaitingRequestTest {
    /** 64 KB of names. */
    private static final String COLUMNS =
            IntStream.range(0, 10_000).mapToObj(i -> "c" + (10_000 + i)).collect(Collectors.joining(","));

    private final List<WireClient> clients = new ArrayList<>();
    private Server server;

    private void start(MemoryConfig memory) throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(BrokerConfig.DEFAULTS.withMemory(memory)));
    }

    private WireClient connect() throws Exception {
        WireClient client = WireClient.connect(server);
        clients.add(client);
        return client;
    }

    @AfterEach
    void stop() throws Exception {
        for (WireClient client : clients) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private void awaitUsed(long min, long max) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (server.usedMemoryBytes() < min || server.usedMemoryBytes() > max) {
            assertThat(System.nanoTime())
                    .as("bytes that count: %d", server.usedMemoryBytes())
                    .isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void countsSubscriptionsThatWaitUntilTheyAreGone() throws Exception {
        start(MemoryConfig.DEFAULTS);
        for (int i = 0; i < 10; i++) {
            connect().send(Messages.subscribe("later", "bowstring.columns", COLUMNS));
        }

        awaitUsed(10L * COLUMNS.length(), 150L * COLUMNS.length());
        for (WireClient client : clients) {
            client.close();
        }
        awaitUsed(0, 0);
    }

    @Test
    void countsWhatManyShortNamesTakeOnTheHeap() throws Exception {
        start(MemoryConfig.DEFAULTS);
        String columns = IntStream.range(0, 10_000)
                .mapToObj(i -> Integer.toString(i, 36))
                .collect(Collectors.joining(","));
        for (int i = 0; i < 10; i++) {
            connect().send(Messages.subscribe("later", "bowstring.columns", columns));
        }

        awaitUsed(10 * 10_000 * 60, Long.MAX_VALUE);
        for (WireClient client : clients) {
            client.close();
        }
        awaitUsed(0, 0);
    }

    @Test
    void refusesRequestsForWhichThereIsNoRoom() throws Exception {
        start(MemoryConfig.DEFAULTS.withMemoryBytes(4 << 20));
        for (int i = 0; i < 40; i++) {
            connect().send(Messages.subscribe("later", "bowstring.columns", COLUMNS));
        }
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (server.counters().value(Counter.REQUESTS_REFUSED, ErrorCode.STORAGE_FULL) == 0) {
            assertThat(System.nanoTime()).as("nobody was refused").isLessThan(deadline);
            Thread.onSpinWait();
        }

        WireClient modest = connect();
        modest.send(Messages.subscribe("later", "bowstring.from", "earliest"));
        WireClient publisher = connect();
        publisher.send(Messages.publish("later"), Messages.batch(5));

        modest.expectStart("later", 0).expectBatch(0, 5);
    }

    @Test
    void countsTheSchemasOfPublishersUntilTheirStreamsEnd() throws Exception {
        start(MemoryConfig.DEFAULTS);
        List<IpcField> fields = IntStream.range(0, 1_000)
                .mapToObj(i -> IpcField.of("c" + i, false, IpcType.INT64))
                .toList();
        byte[] schema = Messages.publish(fields, "wide");
        for (int i = 0; i < 10; i++) {
            connect().send(schema);
        }

        awaitUsed(10L * schema.length, Long.MAX_VALUE); // each as much as the topic's own
        for (WireClient client : clients) {
            client.close();
        }
        awaitUsed(schema.length, 10L * schema.length);
    }

    @Test
    void countsWhatWaitsForItsTurn() {
        EmbeddedChannel channel = new EmbeddedSocket();
        Broker broker = new Broker(
                BrokerConfig.DEFAULTS, channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        channel.pipeline()
                .addLast(
                        new IpcDecoder(),
                        new IpcEncoder(),
                        new ConnectionHandler(broker, ConnectionSource.NO_ADDRESS, Duration.ofSeconds(10)));
        byte[] next = Messages.counting(0, 20_000);

        channel.writeInbound(
                Unpooled.wrappedBuffer(Messages.concat(Messages.subscribe("t"), Messages.publish("u"), next)));

        assertThat(broker.usedMemoryBytes()).isGreaterThan(next.length);
        channel.finishAndReleaseAll();
        assertThat(broker.usedMemoryBytes()).isZero();
        broker.close().toCompletableFuture().join();
    }
}
