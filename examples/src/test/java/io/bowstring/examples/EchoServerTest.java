package io.bowstring.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class EchoServerTest {
    private final List<List<Integer>> inspected = new CopyOnWriteArrayList<>();
    private final RunningExample server =
            RunningExample.of(new EchoServer(batch -> inspected.add(ArrowClient.column(batch))));

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void inspectsAndEchoesEveryStreamOfConnection() throws IOException {
        try (ArrowClient client = new ArrowClient(server.address())) {
            client.send(ArrowClient.stream(Map.of(), 3, 0));
            assertThat(client.receive()).containsExactly(List.of(0, 1, 2), List.of());
            client.send(ArrowClient.stream(Map.of()));
            assertThat(client.receive()).isEmpty();
            client.send(ArrowClient.stream(Map.of(), 2));
            assertThat(client.receive()).containsExactly(List.of(0, 1));
        }

        assertThat(inspected).containsExactly(List.of(0, 1, 2), List.of(), List.of(0, 1));
    }

    @Test
    void echoesTheSameBytes() throws IOException {
        byte[] stream = ArrowClient.stream(Map.of("k", "v"), 100_000, 1);
        try (ArrowClient client = new ArrowClient(server.address())) {
            client.send(stream);

            assertThat(client.socket().getInputStream().readNBytes(stream.length))
                    .isEqualTo(stream);
        }
    }

    @Test
    void readsNoMoreThanItCanSendBack() throws Exception {
        byte[] stream = ArrowClient.stream(Map.of(), 2_000_000, 2_000_000, 2_000_000);
        try (ArrowClient client = new ArrowClient(server.address())) {
            Thread sender = new Thread(() -> sendAll(client, stream));
            sender.start();

            assertThat(client.socket().getInputStream().readNBytes(stream.length))
                    .isEqualTo(stream);
            sender.join();
        }
    }

    @Test
    void closesConnectionThatIsNotArrow() throws IOException {
        try (ArrowClient client = new ArrowClient(server.address())) {
            client.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
        }
    }

    private static void sendAll(ArrowClient client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
