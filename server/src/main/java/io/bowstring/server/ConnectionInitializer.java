package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.protocol.ProtocolException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets connections of any Netty server, {@link Server} or somebody else's, speak the protocol of a broker:
 *
 * <pre>
 *   (others) ─► write-deadline ─► receive-deadlines ─► ipc-decoder ─► ipc-encoder ─► connection
 *   (others) ─► ipc-encoder ─► refusing                                where it is one too many
 * </pre>
 *
 * <pre>{@code
 * Broker broker = new Broker(BrokerConfig.DEFAULTS, loops, ByteBufAllocator.DEFAULT, InstantSource.system());
 * new ServerBootstrap()
 *         .group(loops)
 *         .channel(NioServerSocketChannel.class)
 *         .childHandler(new ConnectionInitializer(broker))
 *         .bind(8816);
 * }</pre>
 *
 * <p>It adds its handlers to the end of a pipeline, after those that are there, {@code SslHandler} for example, and owns
 * nothing else. Broker, event loops, allocator and listener stay the caller's, who stops them in this order: close the
 * listener; {@link Broker#drain()}; {@link #drain()}, and wait for its future as long as one likes; close the channels that
 * are left; {@link Broker#close()}; the event loops. The options that the protocol needs are set on each channel:
 * half-closure, how much is written ahead, and a reset as the end that is not in order. Channels must be
 * {@link io.netty.channel.socket.DuplexChannel}s; Netty 4.2.18 loses some that are half-closed on its own epoll handler, so
 * NIO is the safe choice.
 *
 * <p>Thread-safe; one initializer serves any number of listeners.
 */
public final class ConnectionInitializer extends ChannelInitializer<Channel> {
    /** A subscriber that lags is fed up to the high mark; the rest of its way it has in the log. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 << 10, 1 << 20);

    /** Connections at a time that are told why they are too many; more are closed without a word. */
    private static final int MAX_REFUSALS = 100;

    /** How often it is looked for a message that holds memory which others wait for. */
    private static final int LOOK_MILLIS = 500;

    private final IpcDecoderConfig accepted;
    private final ConnectionLimits limits;
    private final Broker broker;
    private final ConnectionGate gate;
    private final ReceiveMemory receiveMemory;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final AtomicInteger refusals = new AtomicInteger();

    /** Creates an initializer for a broker, which stays the caller's, with the default limits. */
    public ConnectionInitializer(Broker broker) {
        this(broker, IpcDecoderConfig.DEFAULTS, ConnectionLimits.DEFAULTS);
    }

    /**
     * Creates an initializer.
     *
     * @param broker stays the caller's
     * @param accepted what the messages of peers may be
     * @param limits how many peers there may be, and how slow
     */
    public ConnectionInitializer(Broker broker, IpcDecoderConfig accepted, ConnectionLimits limits) {
        this.broker = broker;
        this.accepted = accepted.withBatchRuns(true);
        this.limits = limits;
        this.gate = new ConnectionGate(limits.counts(), broker.counters(), broker::isFull, System::nanoTime);
        this.receiveMemory = new ReceiveMemory(
                limits.receiveMemoryBytes(),
                broker.counters(),
                System::nanoTime,
                look -> GlobalEventExecutor.INSTANCE.schedule(look, LOOK_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Returns what the messages hold that are arriving. */
    ReceiveMemory receiveMemory() {
        return receiveMemory;
    }

    /** Returns the channels that are open, those that are one too many included. */
    ChannelGroup channels() {
        return channels;
    }

    /**
     * Lets each connection close, in order, when the request that it is at is over; the broker has been drained before.
     *
     * @return completed when all that are open now are closed
     */
    public Future<Void> drain() {
        for (Channel channel : channels) {
            channel.eventLoop().execute(() -> drain(channel));
        }
        return channels.newCloseFuture();
    }

    private static void drain(Channel channel) {
        ConnectionHandler handler = channel.pipeline().get(ConnectionHandler.class);
        if (handler != null) {
            handler.onDrain();
        }
    }

    @Override
    protected void initChannel(Channel channel) {
        ChannelConfig config = channel.config();
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        config.setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        config.setOption(ChannelOption.SO_LINGER, 0); // until its end is in order
        ConnectionSource source = ConnectionSource.of(channel);
        ProtocolException tooMany = gate.enter(channel, source);
        if (tooMany == null) {
            channels.add(channel);
            serve(channel, source);
        } else {
            refuse(channel, tooMany);
        }
    }

    private void serve(Channel channel, ConnectionSource source) {
        ReceiveShare share = receiveMemory.newShare(channel, source);
        IpcDecoder decoder = new IpcDecoder(accepted, share);
        share.serve(decoder);
        channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
        ChannelPipeline pipeline = channel.pipeline();
        if (!limits.writeTimeout().isZero()) {
            pipeline.addLast("write-deadline", new WriteDeadline(limits, broker.counters()));
        }
        pipeline.addLast("receive-deadlines", new ReceiveDeadlines(limits, decoder, share, broker.counters()));
        pipeline.addLast("ipc-decoder", decoder);
        pipeline.addLast("ipc-encoder", new IpcEncoder());
        pipeline.addLast("connection", new ConnectionHandler(broker, source, limits.probePeriod()));
    }

    private void refuse(Channel channel, ProtocolException reason) {
        if (refusals.incrementAndGet() > MAX_REFUSALS) {
            refusals.decrementAndGet();
            channel.close();
            return;
        }
        channels.add(channel);
        channel.closeFuture().addListener(closed -> refusals.decrementAndGet());
        channel.pipeline().addLast("ipc-encoder", new IpcEncoder()).addLast("refusing", new RefusingHandler(reason));
    }
}
