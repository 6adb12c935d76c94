package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Messages on a {@link NatsProcess} by NATS's own client, each party on a connection of its own; nothing is decoded. */
final class NatsParties implements Parties {
    /** For one step of a turn. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port;

    /** The windows of the current turn, by topic. The publishers of a topic open them before its subscribers come. */
    private final Map<Integer, NatsWindow> windows = new ConcurrentHashMap<>();

    NatsParties(int port) {
        this.port = port;
    }

    @Override
    public Publishing publish(Turn turn, int topic) throws IOException, InterruptedException {
        int bodyBytes = turn.shape().bodyBytes();
        List<List<byte[]>> batches = batches(bodyBytes);
        NatsWindow window = windows.computeIfAbsent(
                topic,
                absent -> new NatsWindow(
                        batches.get(0).get(0).length, turn.shape().allSubscribers()));
        return new NatsPublishing(connect(port), subject(topic), batches, window, () -> windows.remove(topic, window));
    }

    /** Returns the pieces of a batch, and of the one that is a row shorter. */
    static List<List<byte[]>> batches(int bodyBytes) {
        return List.of(pieces(bodyBytes), pieces((int) (bodyBytes - Streams.ROW_BYTES)));
    }

    private static List<byte[]> pieces(int bodyBytes) {
        ByteBuf batch = Streams.batch(bodyBytes);
        try {
            return Pieces.of(batch, NatsProcess.MAX_PAYLOAD_BYTES);
        } finally {
            batch.release();
        }
    }

    @Override
    public void receive(int topic, Receiving subscriber) throws IOException, InterruptedException {
        NatsWindow window = Objects.requireNonNull(windows.get(topic), "a topic that has a publisher");
        Connection connection = connect(port);
        try {
            Subscription subscription = connection.subscribe(subject(topic));
            subscription.setPendingLimits(-1, -1);
            Semaphore free = window.add();
            connection.flush(PATIENCE);
            subscriber.begun();
            receive(subscriber, subscription, free);
            if (subscription.getPendingMessageCount() > 0) {
                throw new IllegalStateException("a message after the last batch");
            }
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IOException(e);
        } finally {
            connection.close();
        }
    }

    private static void receive(Receiving subscriber, Subscription subscription, Semaphore free)
            throws InterruptedException {
        Pieces.Joining joining = new Pieces.Joining();
        FrameScanner scanner = new FrameScanner(0, subscriber::batch);
        int bytes = 0;
        while (subscriber.batches() < subscriber.turn().expected()) {
            Message message = subscription.nextMessage(PATIENCE);
            if (message == null) {
                throw new IllegalStateException("received: nothing for " + PATIENCE.toSeconds() + " s after "
                        + subscriber.batches() + " batches");
            }
            bytes += message.getData().length;
            if (bytes >= NatsWindow.STEP_BYTES) {
                free.release(bytes);
                bytes = 0;
            }
            ByteBuffer batch = joining.add(message.getData());
            if (batch != null) {
                scanner.scan(batch);
            }
        }
        free.release(bytes);
    }

    static String subject(int topic) {
        return "bench." + topic;
    }

    /** Connects a party; owned. */
    static Connection connect(int port) throws IOException, InterruptedException {
        return Nats.connect(Options.builder()
                .server("nats://127.0.0.1:" + port)
                .connectionTimeout(PATIENCE) // some hundred connect at once
                .requestCleanupInterval(PATIENCE) // after which it gives up requests
                .noReconnect()
                .build());
    }

    @Override
    public void close() {
        // each connection is closed by who opened it
    }
}
