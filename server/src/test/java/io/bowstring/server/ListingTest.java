package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Listings of many topics, and such as nobody reads. */
@ExtendWith(LeakDetection.class)
class ListingTest {
    private static final int TOPICS = 250;

    private final Socket socket = new Socket();
    private final EmbeddedChannel channel = new EmbeddedSocket(socket);

    private Broker broker(BrokerConfig config) {
        Broker broker =
                new Broker(config, channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        channel.pipeline()
                .addLast(
                        new IpcDecoder(),
                        new IpcEncoder(),
                        new ConnectionHandler(broker, ConnectionSource.NO_ADDRESS, Duration.ofSeconds(10)));
        for (int i = 0; i < TOPICS; i++) {
            receive(Messages.publish("topic-" + (1000 + i)));
            receive(Messages.END);
        }
        return broker;
    }

    private void receive(byte[] bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    private long pendingBytes() {
        return channel.unsafe().outboundBuffer().totalPendingWriteBytes();
    }

    /** Takes all that is sent from now on, and returns it. */
    private byte[] take() {
        socket.isTaking = true;
        channel.flush();
        channel.runPendingTasks();
        List<byte[]> parts = new ArrayList<>();
        for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            byte[] part = new byte[sent.readableBytes()];
            sent.readBytes(part).release();
            parts.add(part);
        }
        return Messages.concat(parts.toArray(byte[][]::new));
    }

    private void end(Broker broker) {
        channel.finishAndReleaseAll();
        broker.close().toCompletableFuture().join();
        assertThat(broker.usedMemoryBytes()).isZero();
    }

    @Test
    void makesOnePageAfterAnother() {
        Broker broker = broker(BrokerConfig.DEFAULTS);
        long idleBytes = broker.usedMemoryBytes();

        receive(Messages.list(""));

        long pageBytes = pendingBytes();
        assertThat(broker.usedMemoryBytes()).isGreaterThan(idleBytes + pageBytes / 2);
        byte[] all = take();
        assertThat(pageBytes).isPositive().isLessThan(all.length / 2);
        assertThat(Received.all(all))
                .extracting(Received::kind)
                .containsExactly(
                        Received.Kind.SCHEMA,
                        Received.Kind.BATCH,
                        Received.Kind.BATCH,
                        Received.Kind.BATCH,
                        Received.Kind.END);
        assertThat(broker.usedMemoryBytes()).isEqualTo(idleBytes);
        end(broker);
    }

    @Test
    void makesSmallerPagesWhereThereIsLittleRoom() {
        Broker broker = broker(BrokerConfig.DEFAULTS.withMemory(MemoryConfig.DEFAULTS.withMaxConnectionBytes(8 << 10)));
        long idleBytes = broker.usedMemoryBytes();

        receive(Messages.list(""));

        assertThat(pendingBytes()).isPositive().isLessThan(8 << 10);
        List<String> listed = Received.all(take()).stream()
                .filter(received -> received.kind() == Received.Kind.BATCH)
                .flatMap(batch -> batch.columns().get(0).stream().map(String.class::cast))
                .toList();
        assertThat(listed).hasSize(TOPICS).doesNotHaveDuplicates().isSorted();
        assertThat(broker.usedMemoryBytes()).isEqualTo(idleBytes);
        end(broker);
    }

    @Test
    void refusesListingThatHasNoRoom() throws Exception {
        BrokerConfig config = BrokerConfig.DEFAULTS.withMemory(MemoryConfig.DEFAULTS.withMaxConnectionBytes(1 << 10));
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0).withBroker(config));
                WireClient client = WireClient.connect(server)) {
            for (int i = 0; i < 40; i++) {
                try (WireClient publisher = WireClient.connect(server)) {
                    publisher.send(Messages.publish("t" + i, "bowstring.ack", "true"), Messages.END);
                    publisher.next();
                }
            }

            assertThat(client.send(Messages.list("")).next().metadata())
                    .containsEntry("bowstring.error", "LIMIT_REACHED")
                    .extractingByKey("bowstring.message")
                    .asString()
                    .startsWith("a page of the listing: ")
                    .contains("max-connection-memory");
        }
    }

    /** Keeps what is written until the peer takes it. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {
        private boolean isTaking;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (isTaking) {
                ctx.flush();
            }
        }
    }
}
