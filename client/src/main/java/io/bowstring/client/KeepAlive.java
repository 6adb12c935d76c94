package io.bowstring.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * How TCP asks whether a machine is there while nothing is sent: for the first time after a third of the time that it has,
 * then four times, until that time is over. Immutable.
 *
 * @param idleSeconds before it is asked for the first time
 * @param intervalSeconds between two times
 */
record KeepAlive(int idleSeconds, int intervalSeconds) {
    private static final int COUNT = 4;

    /** Returns what finds a machine that is gone within a time, as near as whole seconds allow. */
    static KeepAlive of(Duration peer) {
        int seconds = (int) Math.min(peer.toSeconds(), 32_767);
        return new KeepAlive(Math.max(1, seconds / 3), Math.max(1, seconds / 6));
    }

    /** Sets it, as far as the platform can. */
    void configure(Bootstrap bootstrap, boolean isEpoll) {
        bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
        if (isEpoll) {
            bootstrap
                    .option(EpollChannelOption.TCP_KEEPIDLE, idleSeconds)
                    .option(EpollChannelOption.TCP_KEEPINTVL, intervalSeconds)
                    .option(EpollChannelOption.TCP_KEEPCNT, COUNT);
            return;
        }
        Map<SocketOption<Integer>, Integer> options = Map.of(
                ExtendedSocketOptions.TCP_KEEPIDLE, idleSeconds,
                ExtendedSocketOptions.TCP_KEEPINTERVAL, intervalSeconds,
                ExtendedSocketOptions.TCP_KEEPCOUNT, COUNT);
        options.forEach((option, value) -> {
            if (Supported.OPTIONS.contains(option)) {
                bootstrap.option(NioChannelOption.of(option), value);
            }
        });
    }

    /** What the JDK can set on this platform. */
    private static final class Supported {
        static final Set<SocketOption<?>> OPTIONS = find();

        private static Set<SocketOption<?>> find() {
            try (SocketChannel socket = SocketChannel.open()) {
                return socket.supportedOptions();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
