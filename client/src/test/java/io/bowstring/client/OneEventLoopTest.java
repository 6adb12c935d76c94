package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several publishers and subscriptions of one client, which has one thread for all of them. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class OneEventLoopTest {
    private static final int PUBLISHERS = 4;
    private static final int BATCHES = 50;

    private static void publish(Client client, long first) throws Exception {
        PublisherConfig config = PublisherConfig.of("trades").withMaxInFlightBytes(1_000);
        try (MessagePublisher publisher = client.messagePublisher(config, PublisherRig.schema(Map.of()));
                Publisher vectors = client.publisher("trades", Numbers.SCHEMA)) {
            for (int i = 0; i < BATCHES; i++) {
                publisher.publish(PublisherRig.batch(1));
                try (VectorSchemaRoot root = Numbers.batch(first + i, 1, client.allocator())) {
                    vectors.publish(root);
                }
            }
            publisher.finish();
        }
    }

    private static List<Long> receive(Client client, int count) throws Exception {
        List<Long> offsets = new ArrayList<>();
        try (Subscription subscription = client.subscribe(SubscriptionRig.ALL)) {
            while (offsets.size() < count) {
                try (ReceivedBatch batch = subscription.next()) {
                    offsets.add(batch.offset());
                }
            }
        }
        return offsets;
    }

    @Test
    void carriesAllOfThem() throws Exception {
        int count = 2 * PUBLISHERS * BATCHES;
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                Client client = Client.connect(
                        "bowstring://127.0.0.1:" + server.address().getPort())) {
            RecordingSubscriber subscriber = new RecordingSubscriber(count);
            client.subscribe(SubscriptionRig.ALL, subscriber);
            List<FutureTask<List<Long>>> receivers = new ArrayList<>();
            List<FutureTask<Void>> publishers = new ArrayList<>();
            for (int i = 0; i < PUBLISHERS; i++) {
                long first = 1_000L * i;
                receivers.add(Threads.run(() -> receive(client, count)));
                publishers.add(Threads.run(() -> {
                    publish(client, first);
                    return null;
                }));
            }

            for (FutureTask<Void> each : publishers) {
                each.get();
            }
            for (FutureTask<List<Long>> each : receivers) {
                assertThat(each.get()).hasSize(count).isSorted().doesNotHaveDuplicates();
            }
            assertThat(subscriber.event()).isEqualTo("subscribed");
            for (int i = 0; i < count; i++) {
                assertThat(subscriber.event()).isEqualTo("batch " + i);
            }
        }
    }
}
