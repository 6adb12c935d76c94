package io.bowstring.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a server listens: a TCP port and, where it has a path for one, a Unix domain socket. Owns the channels and the
 * socket's file. Confined to the thread that starts and stops the server; {@link #address()} is for any thread.
 */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Channel tcp;
    private @Nullable Channel unix;
    private @Nullable SocketFile file;

    private Listeners(Channel tcp) {
        this.tcp = tcp;
    }

    /**
     * Listens; blocks until it does.
     *
     * @param common what is the same for all connections
     * @throws ListenException where it cannot; then nothing is listened on
     */
    static Listeners bind(ServerConfig config, ServerBootstrap common, Transport io) throws ListenException {
        InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
        ServerBootstrap bootstrap = common.clone();
        io.configure(bootstrap, config.connections().peerTimeout());
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new ListenException(address, bound.cause());
        }
        Listeners listeners = new Listeners(bound.channel());
        Path path = config.unix();
        if (path != null) {
            try {
                listeners.bindUnix(path, common.clone(), io);
            } catch (IOException e) {
                listeners.close();
                throw new ListenException(path, e);
            }
        }
        return listeners;
    }

    private void bindUnix(Path path, ServerBootstrap bootstrap, Transport io) throws IOException {
        SocketFile made = SocketFile.prepare(path);
        file = made;
        ChannelFuture bound = io.bindUnix(bootstrap, made.newPath()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(bound.cause());
        }
        unix = bound.channel();
        made.publish();
        LOG.info("listening on {} by {}", path, io);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) tcp.localAddress();
    }

    /** Accepts no more; blocks until that is so. */
    void close() {
        tcp.close().awaitUninterruptibly();
        if (unix != null) {
            unix.close().awaitUninterruptibly();
        }
        if (file != null) {
            try {
                file.delete();
            } catch (IOException e) {
                LOG.warn("the socket's file stays: {}", String.valueOf(e));
            }
        }
    }
}
