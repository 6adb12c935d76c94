package io.bowstring.client;

import io.bowstring.codec.EventLoops;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server whose part a test plays: each connection is a {@link Peer}, which the test takes from here and lets do what it is
 * to do. Closing it waits until its event loop has ended. Thread-safe.
 */
final class ScriptedServer implements AutoCloseable {
    /** Connections are made again at once. */
    static final ReconnectConfig FAST =
            new ReconnectConfig(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMinutes(1));

    /** A test may take its time to answer. */
    static final TimeoutConfig PATIENT =
            TimeoutConfig.DEFAULTS.withAnswer(Duration.ofHours(1)).withPeer(Duration.ofHours(1));

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel listener;

    /** Listens on a port of the loopback address. */
    ScriptedServer() {
        this(NioServerSocketChannel.class, new InetSocketAddress("127.0.0.1", 0));
    }

    /** Listens on a Unix domain socket. */
    ScriptedServer(Path socket) {
        this(NioServerDomainSocketChannel.class, UnixDomainSocketAddress.of(socket));
    }

    private ScriptedServer(Class<? extends ServerChannel> type, SocketAddress address) {
        listener = new ServerBootstrap()
                .group(group)
                .channel(type)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        if (channel instanceof SocketChannel) {
                            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                        }
                        Peer peer = new Peer(channel);
                        channel.pipeline().addLast(new IpcDecoder(), new IpcEncoder(), peer);
                        peers.add(peer);
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    ServerAddress address() {
        return listener.localAddress() instanceof InetSocketAddress address
                ? new TcpAddress("127.0.0.1", address.getPort())
                : new UnixAddress(listener.localAddress().toString());
    }

    /** Connects a client, with reconnects at once and no logging but what {@code change} makes of that. */
    Client connect(Function<ClientConfig, ClientConfig> change) throws InterruptedException {
        ClientConfig config = ClientConfig.of(address())
                .withReconnect(FAST)
                .withTimeouts(PATIENT)
                .withListener(new RecordingListener());
        Client client = Client.connect(change.apply(config));
        accept().expect(Peer.CLOSED); // its probe
        return client;
    }

    Client connect() throws InterruptedException {
        return connect(config -> config);
    }

    /** Returns the next connection; fails after ten seconds. */
    Peer accept() throws InterruptedException {
        Peer peer = peers.poll(10, TimeUnit.SECONDS);
        if (peer == null) {
            throw new AssertionError("nobody has connected");
        }
        return peer;
    }

    /** Returns how many connections have come that {@link #accept} has not returned. */
    int waiting() {
        return peers.size();
    }

    /** Lets nobody connect any more. */
    void stopListening() {
        listener.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        stopListening();
        channels.close().awaitUninterruptibly();
        EventLoops.stop(group);
    }
}
