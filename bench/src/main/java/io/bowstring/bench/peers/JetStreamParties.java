package io.bowstring.bench.peers;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.StreamContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Messages on a {@code nats-server} with JetStream by NATS's own client, each party on a connection of its own; nothing is decoded. A
 * topic is a stream with a subject; a subscriber is an ordered consumer.
 */
final class JetStreamParties implements Parties {
    /** A subscriber asks for so much at once, and for more before all has come. */
    private static final int PULLED_BYTES = 64 << 20;

    private static final int MAX_PULLED = 4_096;

    private final int port;

    JetStreamParties(int port) {
        this.port = port;
    }

    @Override
    public Publishing publish(Turn turn, int topic) throws IOException, InterruptedException, JetStreamApiException {
        Connection connection = NatsParties.connect(port);
        try {
            connection
                    .jetStreamManagement()
                    .addStream(StreamConfiguration.builder() // or finds it as it is
                            .name(stream(topic))
                            .subjects(NatsParties.subject(topic))
                            .storageType(StorageType.File)
                            .maxBytes(Durability.RETAINED_BYTES)
                            .build());
            return new JetStreamPublishing(
                    connection,
                    NatsParties.subject(topic),
                    NatsParties.batches(turn.shape().bodyBytes()));
        } catch (IOException | RuntimeException | JetStreamApiException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void receive(int topic, Receiving subscriber)
            throws IOException, InterruptedException, JetStreamApiException {
        Connection connection = NatsParties.connect(port);
        try {
            StreamContext stream = connection.getStreamContext(stream(topic));
            long last = stream.getStreamInfo().getStreamState().getLastSequence();
            OrderedConsumerConfiguration next = new OrderedConsumerConfiguration()
                    .deliverPolicy(DeliverPolicy.ByStartSequence)
                    .startSequence(last + 1);
            int pulled = Math.min(
                    MAX_PULLED, PULLED_BYTES / subscriber.turn().shape().bodyBytes());
            ConsumeOptions options = ConsumeOptions.builder().batchSize(pulled).build();
            IterableConsumer consumer = stream.createOrderedConsumer(next).iterate(options);
            subscriber.begun();
            receive(subscriber, consumer);
        } catch (JetStreamStatusCheckedException e) {
            throw new IOException(e);
        } finally {
            connection.close();
        }
    }

    private static void receive(Receiving subscriber, IterableConsumer consumer)
            throws InterruptedException, JetStreamStatusCheckedException {
        Pieces.Joining joining = new Pieces.Joining();
        FrameScanner scanner = new FrameScanner(0, subscriber::batch);
        while (subscriber.batches() < subscriber.turn().expected()) {
            Message message = consumer.nextMessage(NatsParties.PATIENCE);
            if (message == null) {
                throw new IllegalStateException("received: nothing for " + NatsParties.PATIENCE.toSeconds()
                        + " s after " + subscriber.batches() + " batches");
            }
            ByteBuffer batch = joining.add(message.getData());
            if (batch != null) {
                scanner.scan(batch);
            }
        }
    }

    private static String stream(int topic) {
        return "bench-" + topic;
    }

    @Override
    public void close() {
        // each connection is closed by who opened it
    }
}
