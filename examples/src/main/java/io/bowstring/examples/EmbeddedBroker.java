package io.bowstring.examples;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.LocalPublisher;
import io.bowstring.broker.LocalSubscriber;
import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.server.ConnectionInitializer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;

/**
 * A broker inside of a server that has event loops and ports of its own, with a publisher and a subscriber that need no
 * socket. Stock Arrow clients share its topics over TCP. Thread-safe.
 */
public final class EmbeddedBroker {
    private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;
    private static final TopicName TICKS = new TopicName("ticks");

    private final EventLoopGroup loops;
    private final Broker broker;

    /** Puts a broker on event loops that stay the caller's. */
    public EmbeddedBroker(EventLoopGroup loops) {
        this.loops = loops;
        this.broker = new Broker(BrokerConfig.DEFAULTS, loops, ALLOCATOR, InstantSource.system());
    }

    /** Serves the echo of {@link EchoServer} on port 8817 and the broker, which publishes a number, on port 8816. */
    public static void main(String[] args) throws InterruptedException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        EmbeddedBroker embedded = new EmbeddedBroker(loops);
        new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new EchoServer(b -> {}))
                .bind(8817);
        embedded.subscribe(System.out::println);
        embedded.publish(42);
        embedded.bind(8816).closeFuture().sync();
    }

    /** Listens, on the same event loops as everything else. */
    public Channel bind(int port) {
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class);
        bootstrap.childHandler(new ConnectionInitializer(broker));
        return bootstrap.bind(port).syncUninterruptibly().channel();
    }

    /** Publishes numbers as a batch of one column; completed with its offset. */
    public CompletionStage<Long> publish(long... ticks) {
        IpcSchema schema = IpcSchema.of(List.of(IpcField.of("tick", false, IpcType.INT64)), Map.of(), ALLOCATOR);
        LocalPublisher publisher =
                LocalPublisher.open(broker, new PublishRequest(TICKS, true, false), schema, loops.next());
        ByteBuf values = Unpooled.buffer();
        for (long tick : ticks) {
            values.writeLongLE(tick);
        }
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, ALLOCATOR)) {
            batch.addNode(ticks.length, 0);
            batch.addBuffer(Unpooled.EMPTY_BUFFER); // no value is null
            batch.addBuffer(values);
            publisher.publish(batch.recordBatch(ticks.length, Map.of()));
        }
        return publisher.finish();
    }

    /** Calls a receiver, on an event loop, with each number that anybody publishes from now on. */
    public LocalSubscriber subscribe(LongConsumer receiver) {
        var request = SubscribeRequest.of(TICKS.value()).fromEarliest().onLag(LagPolicy.DROP);
        return LocalSubscriber.open(broker, request, loops.next(), message -> {
            if (message instanceof IpcRecordBatch batch) {
                ByteBuf values = batch.buffer(1, Math.toIntExact(8 * batch.rowCount()));
                while (values.isReadable()) {
                    receiver.accept(values.readLongLE());
                }
            }
        });
    }

    /** Refuses publishers and ends subscriptions in order; then whoever is left is disconnected with the event loops. */
    public CompletionStage<Void> close() {
        broker.drain();
        return broker.close();
    }
}
