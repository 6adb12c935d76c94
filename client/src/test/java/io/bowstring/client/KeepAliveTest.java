package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine that has vanished is found in seconds, not in the two hours that a system takes by itself. */
class KeepAliveTest {
    @Test
    void dividesTheTime() {
        assertThat(KeepAlive.of(Duration.ofSeconds(15))).isEqualTo(new KeepAlive(5, 2));
        assertThat(KeepAlive.of(Duration.ofSeconds(30))).isEqualTo(new KeepAlive(10, 5));
        assertThat(KeepAlive.of(Duration.ofMillis(1))).isEqualTo(new KeepAlive(1, 1));
        assertThat(KeepAlive.of(Duration.ofDays(1))).isEqualTo(new KeepAlive(10_922, 5_461));
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void isSetOnEachConnection(boolean isEpoll) throws Exception {
        assumeTrue(!isEpoll || Epoll.isAvailable(), "this machine has no epoll");
        IoHandlerFactory factory = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, factory);
        ClientConfig config = ClientConfig.of("bowstring://localhost").withLoops(loops);
        try (ScriptedServer server = new ScriptedServer();
                Connector connector = new Connector(new ClientConfig(
                        server.address(),
                        loops,
                        null,
                        config.reconnect(),
                        config.timeouts().withPeer(Duration.ofSeconds(30)),
                        config.limits(),
                        config.listener()))) {
            Channel channel = connector
                    .connect(connector.nextLoop(), new ChannelInboundHandlerAdapter())
                    .sync()
                    .channel();

            assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
            assertThat(times(channel, isEpoll)).containsExactly(10, 5, 4);
            channel.close().sync();
        } finally {
            loops.shutdownGracefully(0, 10_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        }
    }

    private static List<Integer> times(Channel channel, boolean isEpoll) {
        return isEpoll
                ? List.of(
                        channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE),
                        channel.config().getOption(EpollChannelOption.TCP_KEEPINTVL),
                        channel.config().getOption(EpollChannelOption.TCP_KEEPCNT))
                : List.of(
                        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE)),
                        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL)),
                        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT)));
    }
}
