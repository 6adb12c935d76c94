package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that is there before its server. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class FirstConnectionTest {
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final RecordingListener listener = new RecordingListener();

    /** Returns a port on which nobody listens. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ClientConfig config(int port, Duration giveUpAfter) {
        return ClientConfig.of(new TcpAddress("127.0.0.1", port))
                .withReconnect(new ReconnectConfig(MILLISECOND, MILLISECOND, giveUpAfter).tryingAtStart())
                .withListener(listener);
    }

    @Test
    void isTriedUntilThereIsAServer() throws Exception {
        int port = freePort();
        FutureTask<Client> connecting = Threads.run(() -> Client.connect(config(port, Duration.ofMinutes(1))));
        Threads.await(() -> listener.events().size() > 1);
        assertThat(connecting.isDone()).isFalse();

        try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                Socket peer = server.accept();
                Client client = connecting.get()) {
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
            assertThat(client).isNotNull();
            assertThat(listener.events().get(0))
                    .isEqualTo("client lost, 1 ms: cannot connect to bowstring://127.0.0.1:" + port
                            + ": connection refused");
            assertThat(listener.events()).endsWith("client restored");
        }
    }

    @Test
    void isGivenUpInTime() throws Exception {
        ClientConfig config = config(freePort(), Duration.ofMillis(20));

        assertThatThrownBy(() -> Client.connect(config))
                .isInstanceOf(ClientException.class)
                .hasMessageEndingWith("connection refused");
        assertThat(listener.events()).isNotEmpty();
    }

    @Test
    void endsWithTheThreadThatIsInterrupted() throws Exception {
        ClientConfig config = config(freePort(), Duration.ofMinutes(1));
        FutureTask<Client> connecting = new FutureTask<>(() -> Client.connect(config));
        Thread thread = Threads.startAndAwaitBlocked(connecting);

        thread.interrupt();

        assertThatThrownBy(connecting::get).hasCauseInstanceOf(InterruptedException.class);
    }
}
