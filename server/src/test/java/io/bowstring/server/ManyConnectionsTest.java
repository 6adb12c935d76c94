package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Thousands of connections that do little, and a few that do much. The figures are printed. */
@Timeout(300)
@ExtendWith(LeakDetection.class)
class ManyConnectionsTest {
    private static final int IDLE = 2_000;
    private static final int ACTIVE = 20;
    private static final int BATCHES = 50;
    private static final int ROWS = 1_000;
    private static final int SLOW = 1_000;
    private static final int TARGET_BYTES = 32 << 10;

    private final List<SocketChannel> many = new ArrayList<>();
    private Process process;
    private BufferedReader output;
    private int port;

    private void start(int timeMillis) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MeteredServer.class.getName(),
                        Integer.toString(timeMillis))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader(StandardCharsets.UTF_8);
        port = Integer.parseInt(output.readLine());
    }

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel socket : many) {
            socket.close();
        }
        process.getOutputStream().close();
        process.destroy();
        process.waitFor();
    }

    /** Returns heap bytes, direct bytes and slow peers of the server. */
    private long[] measure() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return Arrays.stream(output.readLine().split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private SocketChannel open(byte[] first) throws IOException {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        many.add(socket);
        socket.write(ByteBuffer.wrap(first));
        return socket;
    }

    @Test
    void idleSubscribersCostLittleAndHinderNobody() throws Exception {
        start(10_000);
        try (WireClient owner = WireClient.connect(port)) {
            owner.send(Messages.publish("idle"), Messages.batch(1));
            exchange("warm", 2);
            long[] before = measure();
            long alone = exchange("alone", 2);

            byte[] request = Messages.subscribe("idle");
            for (int i = 0; i < IDLE; i++) {
                read(open(request)); // its schema
            }
            long[] after = measure();
            long among = exchange("among", 2);

            long heap = (after[0] - before[0]) / IDLE;
            long direct = (after[1] - before[1]) / IDLE;
            System.out.printf(
                    "%d idle subscribers: %d bytes of heap and %d of direct memory each%n"
                            + "%d active subscribers: %d ms for %d batches without them, %d ms with them%n",
                    IDLE, heap, direct, ACTIVE, alone / 1_000_000, BATCHES, among / 1_000_000);
            assertThat(heap + direct).isLessThanOrEqualTo(TARGET_BYTES);
            for (SocketChannel idle : many) {
                idle.configureBlocking(false);
                assertThat(idle.read(ByteBuffer.allocate(1)))
                        .as("bytes of others")
                        .isZero(); // and it is open
            }
        }
    }

    private static void read(SocketChannel socket) throws IOException {
        assertThat(socket.read(ByteBuffer.allocate(4_096))).isPositive();
    }

    /** Returns the shortest time in which a publisher's batches reached all active subscribers, of some rounds. */
    private long exchange(String topic, int rounds) throws IOException {
        long shortest = Long.MAX_VALUE;
        List<WireClient> subscribers = new ArrayList<>();
        try (WireClient publisher = WireClient.connect(port)) {
            publisher.send(Messages.publish(topic));
            for (int i = 0; i < ACTIVE; i++) {
                WireClient subscriber = WireClient.connect(port);
                subscribers.add(subscriber);
                subscriber
                        .send(Messages.subscribe(topic, "bowstring.from", "earliest"))
                        .expectStart(topic, 0);
            }
            byte[] batch = Messages.counting(0, ROWS);
            for (int round = 0; round < rounds; round++) {
                long begin = System.nanoTime();
                for (int i = 0; i < BATCHES; i++) {
                    publisher.send(batch);
                }
                for (WireClient subscriber : subscribers) {
                    for (int i = 0; i < BATCHES; i++) {
                        assertThat(subscriber.next().offset()).isEqualTo((long) round * BATCHES + i);
                    }
                }
                shortest = Math.min(shortest, System.nanoTime() - begin);
            }
        } finally {
            for (WireClient subscriber : subscribers) {
                subscriber.close();
            }
        }
        return shortest;
    }

    @Test
    void slowPeersAreClosedAndHinderNobody() throws Exception {
        start(2_000);
        exchange("warm", 3);
        byte[] request = Messages.publish("slow");
        byte[] batch = Messages.counting(0, 100_000);
        long begin = System.nanoTime();
        for (int i = 0; i < SLOW; i++) { // half of them inside the request, half inside a message
            open(i % 2 == 0 ? Arrays.copyOf(request, 9) : Messages.concat(request, Arrays.copyOf(batch, 1_000)));
        }
        long opened = System.nanoTime();
        long peakBytes = 0;
        long slow = 0;
        int next = 9;
        while (slow < SLOW) {
            assertThat(System.nanoTime() - opened).as("%s closed", slow).isLessThan(60_000_000_000L);
            for (int i = 0; i < SLOW; i++) {
                drip(many.get(i), i % 2 == 0 ? request[next] : batch[next]);
            }
            next = Math.min(next + 1, 100);
            exchange("live" + next, 1); // somebody else's, all the while
            long[] now = measure();
            peakBytes = Math.max(peakBytes, now[0] + now[1]);
            slow = now[2];
        }
        System.out.printf(
                "%d peers that drip: opened in %d ms, all closed %d ms later, at most %d KiB in the server%n",
                SLOW, (opened - begin) / 1_000_000, (System.nanoTime() - opened) / 1_000_000, peakBytes >> 10);
    }

    private static void drip(SocketChannel socket, byte value) {
        try {
            socket.write(ByteBuffer.wrap(new byte[] {value}));
        } catch (IOException e) {
            // it has been closed
        }
    }
}
