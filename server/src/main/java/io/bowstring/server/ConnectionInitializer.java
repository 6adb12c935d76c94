package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the pipeline of each connection:
 *
 * <pre>
 *   socket ─► write-deadline ─► receive-deadlines ─► ipc-decoder ─► ipc-encoder ─► connection
 *   socket ─► ipc-encoder ─► farewell                                  where it is one too many
 * </pre>
 *
 * <p>Thread-safe.
 */
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    /** Connections at a time that are told why they are too many; more are closed without a word. */
    private static final int MAX_FAREWELLS = 100;

    private final IpcDecoderConfig accepted;
    private final ConnectionLimits limits;
    private final Broker broker;
    private final ConnectionGate gate;
    private final ChannelGroup connections;
    private final AtomicInteger farewells = new AtomicInteger();

    /**
     * Creates an initializer.
     *
     * @param connections where the channels are added, those that are one too many included
     */
    ConnectionInitializer(IpcDecoderConfig accepted, ConnectionLimits limits, Broker broker, ChannelGroup connections) {
        this.accepted = accepted;
        this.limits = limits;
        this.broker = broker;
        this.connections = connections;
        this.gate = new ConnectionGate(limits, broker.counters(), System::nanoTime);
    }

    @Override
    protected void initChannel(Channel channel) {
        ProtocolException tooMany = gate.enter(channel);
        if (tooMany == null) {
            connections.add(channel);
            serve(channel);
        } else {
            refuse(channel, tooMany);
        }
    }

    private void serve(Channel channel) {
        IpcDecoder decoder = new IpcDecoder(accepted);
        channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
        ChannelPipeline pipeline = channel.pipeline();
        if (!limits.writeTimeout().isZero()) {
            pipeline.addLast("write-deadline", new WriteDeadline(limits.writeTimeout(), broker.counters()));
        }
        pipeline.addLast("receive-deadlines", new ReceiveDeadlines(limits, decoder, broker.counters()));
        pipeline.addLast("ipc-decoder", decoder);
        pipeline.addLast("ipc-encoder", IpcEncoder.INSTANCE);
        pipeline.addLast("connection", new ConnectionHandler(broker));
    }

    private void refuse(Channel channel, ProtocolException reason) {
        if (farewells.incrementAndGet() > MAX_FAREWELLS) {
            farewells.decrementAndGet();
            channel.close();
            return;
        }
        connections.add(channel);
        channel.closeFuture().addListener(closed -> farewells.decrementAndGet());
        channel.pipeline().addLast("ipc-encoder", IpcEncoder.INSTANCE).addLast("farewell", new Farewell(reason));
    }
}
