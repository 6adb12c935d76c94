package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.Counter;
import io.bowstring.broker.Counters;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.codec.IpcBodyPool;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.protocol.ErrorCode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: the one place where its parts are wired.
 *
 * <p>Thread-safe. Its event loops carry the connections and the topics; their threads are named {@code bowstring-loop-*}.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private static final int BACKLOG = 1_024;

    private static final int LAST_CALL_SECONDS = 5;

    /**
     * How often what is told on one event loop can be answered on another before the loops stop: a connection that is gone
     * tells its topic, which tells others. A quiet period of Netty's would do as well, but lasts a tenth of a second at least.
     */
    private static final int LAST_ROUNDS = 10;

    private final ServerConfig config;
    private final EventLoopGroup loops;
    private final Broker broker;
    private final DataDirectory data;
    private final ByteBufAllocatorMetric memory;
    private final IpcBodyPool pool;
    private final ConnectionInitializer connections;
    private final Listeners listeners;
    private boolean isClosed;

    private <A extends ByteBufAllocator & ByteBufAllocatorMetricProvider> Server(
            ServerConfig config, EventLoopGroup loops, Broker broker, DataDirectory data, A allocator, Transport io)
            throws ListenException {
        this.config = config;
        this.data = data;
        this.pool = new IpcBodyPool(Math.min(config.poolMemoryBytes(), MemoryConfig.directMemory(10)));
        this.loops = loops;
        this.broker = broker;
        this.memory = allocator.metric();
        this.connections = new ConnectionInitializer(
                broker, IpcDecoderConfig.DEFAULTS.withLimits(config.limits()).withPool(pool), config.connections());
        this.listeners = bind(allocator, io);
    }

    /**
     * Starts a server; blocks until it accepts connections.
     *
     * @throws ListenException where the address cannot be bound
     * @throws StorageException where topics cannot be kept in the directory that the configuration names
     */
    public static Server start(ServerConfig config) throws ListenException, StorageException {
        return start(config, Transport.best());
    }

    /** Starts a server on a transport that the machine has. */
    static Server start(ServerConfig config, Transport io) throws ListenException, StorageException {
        return start(config, new AdaptiveByteBufAllocator(true), io);
    }

    /** Starts a server whose buffers are of an allocator. */
    static <A extends ByteBufAllocator & ByteBufAllocatorMetricProvider> Server start(
            ServerConfig config, A allocator, Transport io) throws ListenException, StorageException {
        DataDirectory data = DataDirectory.open(config.storage(), allocator);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                0, new DefaultThreadFactory("bowstring-loop"), io.newIoHandlerFactory());
        Broker broker = new Broker(config.broker(), loops, allocator, InstantSource.system(), data.storage());
        try {
            data.openTopics(broker, config.broker());
            Server server = new Server(config, loops, broker, data, allocator, io);
            LOG.info("listening on {} by {}", server.address(), io);
            return server;
        } catch (ListenException | StorageException e) {
            end(broker, data);
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** Keeps what is to be kept, and releases what topics hold; waits for that, but not for ever. */
    private static void end(Broker broker, DataDirectory data) {
        CompletableFuture<Void> released = broker.close().toCompletableFuture();
        released.completeOnTimeout(null, LAST_CALL_SECONDS, TimeUnit.SECONDS).join();
        data.close();
    }

    private Listeners bind(ByteBufAllocator allocator, Transport io) throws ListenException {
        ServerBootstrap common = new ServerBootstrap()
                .group(loops)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, new MessageSizes())
                .childHandler(connections);
        return Listeners.bind(config, common, io);
    }

    /** Returns where the server listens for TCP; the port is the real one also where the configuration says 0. */
    public InetSocketAddress address() {
        return listeners.address();
    }

    /** Returns what the server has counted since it started. */
    public Counters counters() {
        return broker.counters();
    }

    /** Returns where the bodies of large messages are. */
    IpcBodyPool pool() {
        return pool;
    }

    /** Returns what counts in the limit of all topics and publishers, in bytes. */
    long usedMemoryBytes() {
        return broker.usedMemoryBytes();
    }

    /** Returns what messages hold that are not whole yet, in bytes. */
    long receivingBytes() {
        return connections.receiveMemory().usedBytes();
    }

    /** Returns the direct memory that the server's buffers take, what is kept for the next ones included. */
    long usedDirectBytes() {
        return memory.usedDirectMemory() + pool.usedBytes() + pool.idleBytes();
    }

    /**
     * Stops in order; blocks for at most about the drain timeout. New connections are not accepted, publishers are
     * refused with {@code SHUTTING_DOWN}, every subscriber gets what its topic holds and an end-of-stream marker.
     * Whoever has not taken it in time is reset. Idempotent.
     */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        ChannelGroup open = connections.channels();
        LOG.info("stopping: {} connections", open.size());
        listeners.close();
        broker.drain();
        connections.drain().awaitUninterruptibly(config.drainTimeout().toMillis());
        for (Channel channel : open) {
            LOG.info("{} reset: it did not take the rest in time", Connection.name(channel));
            broker.counters().increment(Counter.REPLIES_CUT, ErrorCode.SHUTTING_DOWN);
        }
        // Also those that came while the listener closed. What does not end now never will, and must not hold the stop.
        open.close().awaitUninterruptibly(LAST_CALL_SECONDS, TimeUnit.SECONDS);
        end(broker, data);
        hearOut();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        pool.close();
        LOG.info("stopped");
    }

    /** Lets the event loops do what they have been given, and what they give each other on that. */
    private void hearOut() {
        for (int round = 0; round < LAST_ROUNDS; round++) {
            List<Future<?>> done = new ArrayList<>();
            for (EventExecutor loop : loops) {
                done.add(loop.submit(() -> {}));
            }
            for (Future<?> each : done) {
                each.awaitUninterruptibly(LAST_CALL_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
