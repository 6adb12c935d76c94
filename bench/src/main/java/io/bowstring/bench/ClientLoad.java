package io.bowstring.bench;

import io.bowstring.client.Client;
import io.bowstring.client.Publisher;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A load of vectors on a Bowstring server by its own client: each batch is acknowledged, and each is decoded. */
final class ClientLoad implements RelayLoad {
    private static final String TOPIC = "bench";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Client client;
    private long published;

    ClientLoad(int port) throws InterruptedException {
        client = Client.connect("bowstring://127.0.0.1:" + port);
    }

    @Override
    public double run(int bodyBytes, int count, int subscribers) throws Exception {
        int batchRows = Streams.rows(bodyBytes);
        try (Columns columns = new Columns(batchRows, client.allocator());
                Publisher publisher = client.publisher(TOPIC, columns.filled().getSchema())) {
            published += count;
            List<Subscription> subscriptions = new ArrayList<>();
            for (int i = 0; i < subscribers; i++) {
                Subscription subscription = client.subscribe(request());
                subscription.schema(); // it has begun
                subscriptions.add(subscription);
            }
            long start = System.nanoTime();
            List<Future<Long>> rows = subscriptions.stream()
                    .map(subscription -> threads.submit(() -> countRows(subscription)))
                    .toList();
            for (int i = 0; i < count; i++) {
                publisher.publish(columns.filled());
            }
            publisher.finish();
            for (Future<Long> counted : rows) {
                if (counted.get() != (long) batchRows * count) {
                    throw new IllegalStateException("rows: " + counted.get() + " (expected: all)");
                }
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private SubscribeRequest request() {
        return SubscribeRequest.of(TOPIC).until(EndPosition.before(published)).onLag(LagPolicy.BLOCK);
    }

    private static long countRows(Subscription subscription) {
        long rows = 0;
        try (subscription) {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    rows += batch.rowCount();
                }
            }
        }
        return rows;
    }

    @Override
    public void close() {
        client.close();
        threads.shutdownNow();
    }
}
