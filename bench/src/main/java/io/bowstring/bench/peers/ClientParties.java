package io.bowstring.bench.peers;

import io.bowstring.bench.Columns;
import io.bowstring.bench.Streams;
import io.bowstring.client.Client;
import io.bowstring.client.Publisher;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Vectors on a Bowstring server by its own client: each batch is acknowledged, and each is decoded. */
final class ClientParties implements Parties {
    private final Client client;

    /** How many batches each topic has got. */
    private final Map<Integer, Long> published = new ConcurrentHashMap<>();

    ClientParties(int port) throws InterruptedException {
        client = Client.connect("bowstring://127.0.0.1:" + port);
    }

    @Override
    public Publishing publish(Turn turn, int topic) throws InterruptedException {
        Columns columns = new Columns(Streams.rows(turn.shape().bodyBytes()), client.allocator());
        Publisher publisher = client.publisher(name(topic), columns.filled().getSchema());
        return new Publishing() {
            @Override
            public void send(int batches) throws InterruptedException {
                for (int i = 0; i < batches; i++) {
                    publisher.publish(columns.next());
                }
            }

            @Override
            public void finish() throws InterruptedException {
                published.merge(topic, (long) turn.count(), Long::sum);
                publisher.finish();
            }

            @Override
            public void close() {
                publisher.close();
                columns.close();
            }
        };
    }

    @Override
    public void receive(int topic, Receiving subscriber) throws InterruptedException {
        SubscribeRequest request = SubscribeRequest.of(name(topic))
                .until(EndPosition.before(
                        published.getOrDefault(topic, 0L) + subscriber.turn().expected()))
                .onLag(LagPolicy.BLOCK);
        try (Subscription subscription = client.subscribe(request)) {
            subscription.schema();
            subscriber.begun();
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    subscriber.batch(batch.rowCount() * Streams.ROW_BYTES);
                }
            }
        }
    }

    private static String name(int topic) {
        return "bench-" + topic;
    }

    @Override
    public void close() {
        client.close();
    }
}
