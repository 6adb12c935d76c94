package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bowstring publish} in a process of its own, which is asked to stop; SIGTERM does what Ctrl-C does. */
@Timeout(180)
class PublishStopTest {
    private static final int BY_SIGTERM = 128 + 15;

    @TempDir
    private Path folder;

    private static Process publish(int port, String options) throws IOException {
        return publish(Bowstring.class, port, options);
    }

    private static Process publish(Class<?> main, int port, String options) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(("publish t --url bowstring://127.0.0.1:" + port + options).split(" ")));
        return new ProcessBuilder(command).start();
    }

    private static void write(Process process, String text) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(text.getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    /** Asks a process to stop, and can read from it still. */
    private static void stop(Process process) {
        process.toHandle().destroy();
    }

    /** Returns what the command has said, without what newer JVMs warn of where nobody gives them flags. */
    private static String errors(Process process) throws IOException {
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            return err.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("WARNING: "))
                    .collect(Collectors.joining("\n"));
        }
    }

    @Test
    void sendsWhatItHasReadAndSaysWhatIsAcknowledged() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            String url = " --url bowstring://127.0.0.1:" + server.address().getPort();
            Process process = publish(server.address().getPort(), " --input-format csv --batch-rows 2");
            try {
                // It reads all of this at once. The third row waits for a fourth, and the fourth is not complete.
                write(process, "n\n1\n2\n3\n4");
                RunningCommand first = new RunningCommand("subscribe t --from earliest --format json --limit 2" + url);
                assertThat(first.exitCode()).as(first.err()).isZero();

                stop(process);

                assertThat(errors(process))
                        .startsWith("stopped; published to t: 2 batches, 3 rows, ")
                        .endsWith("acknowledged up to offset 1");
                assertThat(process.waitFor()).isEqualTo(BY_SIGTERM);
            } finally {
                process.destroyForcibly();
            }
            Command all = Command.run(("subscribe t --from earliest --until end --format json" + url).split(" "));
            assertThat(all.text()).isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
        }
    }

    @Test
    void endsAtOnceWhereItIsAskedTwice() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Process process = publish(server.getLocalPort(), " --input-format csv --batch-rows 1");
            write(process, "n\n1\n");
            try (Socket probe = server.accept();
                    Socket publisher = server.accept()) {
                assertThat(publisher.getInputStream().read()).isNotNegative(); // its request
                IpcMessage handshake = new PublicationStart("log", -1).toSchema(ByteBufAllocator.DEFAULT);
                publisher.getOutputStream().write(ByteBufUtil.getBytes(handshake.frame()));
                handshake.release();
                write(process, "2\n");

                stop(process);
                while (process.isAlive()) { // until the first one has been seen, another one is the first
                    stop(process);
                    Thread.onSpinWait();
                }

                assertThat(process.exitValue()).isEqualTo(BY_SIGTERM);
                assertThat(errors(process)).doesNotContain("did not stop in time");
                assertThat(probe.getInputStream().read()).isNegative();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void saysWhatIsAcknowledgedWhereASubscriberHoldsTheTopicBack() throws Exception {
        Path file = Files.write(
                folder.resolve("t.arrows"), Streams.of(Streams.schema("n"), Streams.batch(new long[50_000])));
        Map<String, String> flags = Map.of("port", "0", "write-timeout", "0ms", "min-block-rate", "0B");
        SubscribeRequest request = SubscribeRequest.of("t").onLag(LagPolicy.BLOCK);
        try (Server server = Server.start(ServerConfig.load(null, Map.of(), flags));
                Client client = Client.connect(
                        "bowstring://127.0.0.1:" + server.address().getPort());
                MessageSubscription idle = client.messageSubscription(request)) {
            Process process =
                    publish(ImpatientBowstring.class, server.address().getPort(), " " + file + " --repeat 1000000");
            try {
                idle.next().release();
                awaitStandstill(server.address().getPort());

                stop(process);

                assertThat(errors(process))
                        .startsWith("bowstring: stopped; read: ")
                        .containsPattern("; acknowledged: [1-9][0-9]* of [1-9][0-9]* batches, up to offset [1-9]");
                assertThat(process.waitFor()).isEqualTo(BY_SIGTERM);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    /** Waits until nothing more comes into the topic. */
    private static void awaitStandstill(int port) {
        String before = "";
        for (int same = 0; same < 50; ) {
            String now = Command.run("topics", "--url", "bowstring://127.0.0.1:" + port)
                    .text();
            same = now.equals(before) ? same + 1 : 0;
            before = now;
        }
    }

    @Test
    void saysFirstWhatIsWrongWithTheFileWhereClosingFailsToo() throws Exception {
        Path file = Files.writeString(folder.resolve("t.csv"), "n\n1\nx\n");
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Process process = publish(server.getLocalPort(), " " + file + " --batch-rows 1");
            try (Socket probe = server.accept();
                    MessageFeed feed = new MessageFeed()) {
                try (Socket publisher = server.accept()) {
                    receive(publisher, feed); // its request
                    IpcMessage handshake = new PublicationStart("log", -1).toSchema(ByteBufAllocator.DEFAULT);
                    publisher.getOutputStream().write(ByteBufUtil.getBytes(handshake.frame()));
                    handshake.release();
                    receive(publisher, feed); // its batch
                }
                assertThat(errors(process))
                        .startsWith("bowstring: " + file
                                + ": line 3, column n: x (expected: int64, as in the first batch); "
                                + "published before it: 1 batch")
                        .contains("; not all batches are known to be in the topic: ");
                assertThat(process.waitFor()).isEqualTo(1);
                assertThat(probe.isConnected()).isTrue();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private static void receive(Socket socket, MessageFeed feed) throws IOException {
        IpcMessage message = feed.poll();
        while (message == null) {
            byte[] bytes = new byte[8192];
            int count = socket.getInputStream().read(bytes);
            assertThat(count).isPositive();
            feed.add(Unpooled.copiedBuffer(bytes, 0, count));
            message = feed.poll();
        }
        message.release();
    }
}
