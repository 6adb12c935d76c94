package io.bowstring.examples;

import io.bowstring.codec.IpcDecoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stands between Arrow clients and a server, relays every stream byte for byte, and counts the rows of each table both
 * ways. A body is never looked at, nor copied: the metadata says how many rows there are.
 *
 * <p>A table is known by the value of one key in its schema's metadata. Thread-safe.
 */
public final class RowCountingProxy {
    private final InetSocketAddress server;
    private final String tableKey;
    private final Map<String, LongAdder> rowsSent = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> rowsReceived = new ConcurrentHashMap<>();

    /** Creates a proxy for a server; {@code tableKey} is the key in a schema's metadata that names its table. */
    public RowCountingProxy(InetSocketAddress server, String tableKey) {
        this.server = server;
        this.tableKey = tableKey;
    }

    /** Listens on a port for a Bowstring server: {@code PORT HOST SERVER_PORT}. Prints counts as clients leave. */
    public static void main(String[] args) throws InterruptedException {
        InetSocketAddress server = new InetSocketAddress(args[1], Integer.parseInt(args[2]));
        RowCountingProxy proxy = new RowCountingProxy(server, "bowstring.publish");
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        Runnable print = () -> System.out.println(proxy.rowsSent());
        proxy.start(Integer.parseInt(args[0]), loops, print).closeFuture().sync();
    }

    /** Returns how many rows of each table clients have sent, in order of name. */
    public Map<String, Long> rowsSent() {
        return sums(rowsSent);
    }

    /** Returns how many rows of each table the server has sent, in order of name. */
    public Map<String, Long> rowsReceived() {
        return sums(rowsReceived);
    }

    /** Starts to listen; {@code onLeave} is called on an event loop when a client's connection has ended. */
    Channel start(int port, EventLoopGroup loops, Runnable onLeave) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        client.closeFuture().addListener(closed -> onLeave.run());
                        connect(client);
                    }
                });
        return bootstrap.bind(port).syncUninterruptibly().channel();
    }

    /** Connects to the server for a client, on the client's event loop; reading begins when both are there. */
    private void connect(SocketChannel client) {
        Bootstrap bootstrap = new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel server) {
                        addHandlers(client, new Relay(server, tableKey, rowsSent));
                        addHandlers(server, new Relay(client, tableKey, rowsReceived));
                    }
                });
        bootstrap.connect(server).addListener((ChannelFuture connected) -> {
            if (connected.isSuccess()) {
                client.config().setAutoRead(true);
                connected.channel().config().setAutoRead(true);
            } else {
                Relay.reset(client);
            }
        });
    }

    private static void addHandlers(SocketChannel channel, Relay relay) {
        channel.pipeline().addLast(new IpcDecoder(), relay);
    }

    private static Map<String, Long> sums(Map<String, LongAdder> rows) {
        Map<String, Long> sums = new TreeMap<>();
        rows.forEach((table, count) -> sums.put(table, count.sum()));
        return sums;
    }
}
