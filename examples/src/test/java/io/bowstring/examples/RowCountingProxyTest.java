package io.bowstring.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class RowCountingProxyTest {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Semaphore ended = new Semaphore(0);

    @Test
    void countsRowsPerTableBothWays() throws Exception {
        try (RunningExample server = RunningExample.of(new EchoServer(batch -> {}))) {
            RowCountingProxy proxy = new RowCountingProxy(server.address(), "table");
            try (RunningExample running = start(proxy);
                    ArrowClient one = new ArrowClient(running.address());
                    ArrowClient other = new ArrowClient(running.address())) {
                one.send(ArrowClient.stream(Map.of("table", "a"), 3, 4));
                assertThat(one.receive()).containsExactly(List.of(0, 1, 2), List.of(0, 1, 2, 3));
                one.send(ArrowClient.stream(Map.of("table", "b"), 1));
                assertThat(one.receive()).hasSize(1);
                other.send(ArrowClient.stream(Map.of("table", "a"), 5));
                assertThat(other.receive()).hasSize(1);

                Map<String, Long> rows = Map.of("a", 12L, "b", 1L);
                assertThat(proxy.rowsSent()).isEqualTo(rows);
                assertThat(proxy.rowsReceived()).isEqualTo(rows);
            }
        }
    }

    @Test
    void relaysLargeStreamsByteForByte() throws Exception {
        byte[] stream = ArrowClient.stream(Map.of(), 2_000_000, 1, 2_000_000);
        try (ServerSocket server = listen()) {
            RowCountingProxy proxy = new RowCountingProxy((InetSocketAddress) server.getLocalSocketAddress(), "table");
            try (RunningExample running = start(proxy);
                    ArrowClient client = new ArrowClient(running.address());
                    Socket accepted = accept(server)) {
                Thread sender = new Thread(() -> {
                    try {
                        client.send(stream);
                        client.socket().shutdownOutput();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                sender.start();
                assertThat(accepted.getInputStream().readAllBytes()).isEqualTo(stream);
                sender.join();

                // The other direction is open still.
                accepted.getOutputStream().write(ArrowClient.stream(Map.of("table", "reply"), 2));
                accepted.shutdownOutput();
                assertThat(client.receive()).containsExactly(List.of(0, 1));
                assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
                assertThat(proxy.rowsSent()).isEqualTo(Map.of("", 4_000_001L));
                assertThat(proxy.rowsReceived()).isEqualTo(Map.of("reply", 2L));
                assertEnded();
            }
        }
    }

    @Test
    void resetsBothEndsWhenStreamIsTorn() throws Exception {
        byte[] stream = ArrowClient.stream(Map.of(), 3);
        try (ServerSocket server = listen();
                RunningExample running =
                        start(new RowCountingProxy((InetSocketAddress) server.getLocalSocketAddress(), "table"));
                ArrowClient client = new ArrowClient(running.address());
                Socket accepted = accept(server)) {
            client.send(Arrays.copyOf(stream, stream.length - 9));
            client.socket().shutdownOutput();

            assertReset(accepted);
            assertReset(client.socket());
            assertEnded();
        }
    }

    @Test
    void resetsServerWhenClientIsReset() throws Exception {
        try (ServerSocket server = listen();
                RunningExample running =
                        start(new RowCountingProxy((InetSocketAddress) server.getLocalSocketAddress(), "table"));
                ArrowClient client = new ArrowClient(running.address());
                Socket accepted = accept(server)) {
            client.send(ArrowClient.stream(Map.of(), 3));
            assertThat(accepted.getInputStream().read()).isEqualTo(0xFF);
            client.reset();

            assertReset(accepted);
            assertEnded();
        }
    }

    @Test
    void resetsClientWhereThereIsNoServer() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket closed = listen()) {
            nobody = (InetSocketAddress) closed.getLocalSocketAddress();
        }
        try (RunningExample running = start(new RowCountingProxy(nobody, "table"));
                ArrowClient client = new ArrowClient(running.address())) {
            assertReset(client.socket());
            assertEnded();
        }
    }

    private RunningExample start(RowCountingProxy proxy) {
        return new RunningExample(loops -> proxy.start(0, loops, ended::release));
    }

    private void assertEnded() throws InterruptedException {
        assertThat(ended.tryAcquire(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static Socket accept(ServerSocket server) throws IOException {
        Socket accepted = server.accept();
        accepted.setSoTimeout(TIMEOUT_MILLIS);
        return accepted;
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }
}
