package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcLimits;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class ClientConfigTest {
    private static final ServerAddress SERVER = new TcpAddress("localhost", 8816);

    @Test
    void hasTheDocumentedDefaults() {
        ClientConfig defaults = new ClientConfig(
                SERVER,
                null,
                null,
                ReconnectConfig.DEFAULTS,
                TimeoutConfig.DEFAULTS,
                new IpcLimits(
                        4 << 20, 32 << 20, 256 << 20, 48_000, 256, 4_096, 16 << 20, 256, 64 << 10, 4_000, 1 << 30),
                ClientListener.logging());

        assertThat(ClientConfig.of(SERVER)).isEqualTo(defaults);
        assertThat(ClientConfig.of("bowstring://localhost")).isEqualTo(defaults);
        assertThatThrownBy(() -> ClientConfig.of("localhost")).isInstanceOf(ClientException.class);
    }

    @Test
    void changesOneThingAndKeepsTheOthers() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ClientListener listener = new RecordingListener();
        TimeoutConfig times = TimeoutConfig.DEFAULTS.withAnswer(Duration.ofSeconds(1));
        try (BufferAllocator allocator = new RootAllocator()) {
            ClientConfig all = ClientConfig.of(SERVER)
                    .withLoops(loops)
                    .withAllocator(allocator)
                    .withReconnect(ReconnectConfig.NEVER)
                    .withTimeouts(times)
                    .withLimits(IpcLimits.UNLIMITED)
                    .withListener(listener);

            assertThat(all)
                    .isEqualTo(new ClientConfig(
                            SERVER, loops, allocator, ReconnectConfig.NEVER, times, IpcLimits.UNLIMITED, listener));
            assertThat(all.withReconnect(ReconnectConfig.DEFAULTS).reconnect()).isEqualTo(ReconnectConfig.DEFAULTS);
            assertThat(all.withLoops(loops).withAllocator(allocator)).isEqualTo(all);
        } finally {
            loops.shutdownGracefully(0, 10_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> ClientConfig.of((ServerAddress) null)).hasMessage("server");
        assertThatThrownBy(() -> ClientConfig.of(SERVER).withReconnect(null)).hasMessage("reconnect");
        assertThatThrownBy(() -> ClientConfig.of(SERVER).withTimeouts(null)).hasMessage("timeouts");
        assertThatThrownBy(() -> ClientConfig.of(SERVER).withLimits(null)).hasMessage("limits");
        assertThatThrownBy(() -> ClientConfig.of(SERVER).withListener(null)).hasMessage("listener");
    }
}
