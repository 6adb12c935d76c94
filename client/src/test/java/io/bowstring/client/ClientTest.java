package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client of a real server, over real sockets. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class ClientTest {
    private static final String TOPIC = "trades";
    private static final SubscribeRequest ALL = request(StartPosition.EARLIEST, EndPosition.LIVE);

    private Server server;
    private Client client;

    private static SubscribeRequest request(StartPosition from, EndPosition until) {
        return SubscribeRequest.of(TOPIC).from(from).until(until);
    }

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
        client = Client.connect("bowstring://127.0.0.1:" + server.address().getPort());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private void publish(int batches) throws Exception {
        try (Publisher publisher = client.publisher("trades", Numbers.SCHEMA);
                VectorSchemaRoot root = VectorSchemaRoot.create(Numbers.SCHEMA, client.allocator())) {
            for (int i = 0; i < batches; i++) {
                Numbers.fill(root, i, 3);
                publisher.publish(root, Map.of("batch", "number " + i));
            }
        }
    }

    @Test
    void receivesWhatIsPublishedWithOffsetTimeAndMetadata() throws Exception {
        publish(3);

        try (Subscription subscription = client.subscribe(request(StartPosition.EARLIEST, EndPosition.END))) {
            assertThat(subscription.schema().getFields()).isEqualTo(Numbers.SCHEMA.getFields());
            for (int i = 0; i < 3; i++) {
                try (ReceivedBatch batch = subscription.next()) {
                    assertThat(batch.offset()).isEqualTo(i);
                    assertThat(batch.gap()).isZero();
                    assertThat(batch.time()).isAfter("2020-01-01T00:00:00Z");
                    assertThat(batch.rowCount()).isEqualTo(3);
                    assertThat(Numbers.first(batch)).isEqualTo(i);
                    assertThat(batch.customMetadata()).containsEntry("batch", "number " + i);
                }
            }
            assertThat(subscription.next()).isNull();
            assertThat(subscription.next()).isNull();
        }
    }

    @Test
    void givesAReceiptForEachBatch() throws Exception {
        List<CompletionStage<Receipt>> receipts = new ArrayList<>();
        try (Publisher publisher = client.publisher("trades", Numbers.SCHEMA)) {
            for (int i = 0; i < 10; i++) {
                try (VectorSchemaRoot root = Numbers.batch(i, 1, client.allocator())) {
                    receipts.add(publisher.publish(root));
                    assertThat(root.getRowCount()).isZero();
                }
            }
            publisher.finish();
        }

        for (int i = 0; i < 10; i++) {
            Receipt receipt = receipts.get(i).toCompletableFuture().join();
            assertThat(receipt.sequence()).isEqualTo(i);
            assertThat(receipt.offset()).isEqualTo(i);
        }
    }

    @Test
    void findsTheOffsetOfEachBatchAmongThoseOfAnotherPublisher() throws Exception {
        int count = 500;
        List<List<CompletionStage<Receipt>>> receipts = List.of(new ArrayList<>(), new ArrayList<>());
        try (Publisher one = client.publisher("trades", Numbers.SCHEMA);
                Publisher two = client.publisher("trades", Numbers.SCHEMA)) {
            for (int i = 0; i < count; i++) {
                for (int of = 0; of < 2; of++) {
                    try (VectorSchemaRoot root = Numbers.batch(of * count + i, 1, client.allocator())) {
                        receipts.get(of).add((of == 0 ? one : two).publish(root));
                    }
                }
            }
        }

        try (Subscription subscription = client.subscribe(request(StartPosition.EARLIEST, EndPosition.END))) {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    int number = (int) Numbers.first(batch);
                    Receipt receipt = receipts.get(number / count)
                            .get(number % count)
                            .toCompletableFuture()
                            .join();
                    assertThat(receipt.offset()).isEqualTo(batch.offset());
                }
            }
            assertThat(subscription.hasEnded()).isTrue();
        }
    }

    @Test
    void iteratesOverBatchesToTheEndOfASealedTopic() throws Exception {
        PublisherConfig config = PublisherConfig.of(TOPIC).withSeal(true);
        List<Long> received = new ArrayList<>();
        try (Subscription subscription = client.subscribe(ALL)) {
            try (Publisher publisher = client.publisher(config, Numbers.SCHEMA)) {
                for (int i = 0; i < 5; i++) {
                    try (VectorSchemaRoot root = Numbers.batch(i, 1, client.allocator())) {
                        publisher.publish(root);
                    }
                }
                publisher.finish();
            }
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    received.add(Numbers.first(batch));
                }
            }
        }

        assertThat(received).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void readsAsAnArrowReader() throws Exception {
        publish(2);

        try (Subscription subscription = client.subscribe(request(StartPosition.EARLIEST, EndPosition.END));
                ArrowReader reader = subscription.arrowReader()) {
            assertThat(reader.loadNextBatch()).isTrue();
            assertThat(reader.loadNextBatch()).isTrue();
            assertThat(reader.getVectorSchemaRoot().getVector("n").getObject(2)).isEqualTo(3L);
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    @Test
    void pushesAsManyBatchesAsAreAskedFor() throws Exception {
        publish(4);
        LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<Flow.Subscription> subscriptions = new LinkedBlockingQueue<>();

        client.subscribe(request(StartPosition.EARLIEST, EndPosition.END), new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscriptions.add(subscription);
            }

            @Override
            public void onNext(ReceivedBatch batch) {
                try (batch) {
                    events.add("batch " + batch.offset());
                }
            }

            @Override
            public void onError(Throwable e) {
                events.add(e.toString());
            }

            @Override
            public void onComplete() {
                events.add("complete");
            }
        });
        Flow.Subscription subscription = subscriptions.take();
        subscription.request(1);
        assertThat(events.take()).isEqualTo("batch 0");
        subscription.request(2);
        assertThat(events.take()).isEqualTo("batch 1");
        assertThat(events.take()).isEqualTo("batch 2");
        assertThat(events).isEmpty();
        subscription.request(Long.MAX_VALUE);
        assertThat(events.take()).isEqualTo("batch 3");
        assertThat(events.take()).isEqualTo("complete");
    }

    @Test
    void publishesAgainUnderAnIdWithoutAppendingTwice() throws Exception {
        PublisherConfig config = PublisherConfig.of(TOPIC)
                .withProducer(new ProducerId("feed"), 0)
                .repeating();
        List<Boolean> duplicates = new ArrayList<>();
        for (int run = 1; run <= 2; run++) {
            try (Publisher publisher = client.publisher(config, Numbers.SCHEMA)) {
                for (int i = 0; i < 3 * run; i++) {
                    try (VectorSchemaRoot root = Numbers.batch(i, 1, client.allocator())) {
                        Receipt receipt =
                                publisher.publish(root).toCompletableFuture().get();
                        duplicates.add(receipt.isDuplicate());
                    }
                }
                publisher.finish();
            }
        }

        assertThat(duplicates).containsExactly(false, false, false, true, true, true, false, false, false);
        List<Long> received = new ArrayList<>();
        try (Subscription subscription = client.subscribe(request(StartPosition.EARLIEST, EndPosition.END))) {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    received.add(Numbers.first(batch));
                }
            }
        }
        assertThat(received).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void refusesNamesThatNoTopicHasWithoutAskingTheServer() {
        String text = "BAD_TOPIC_NAME: topic: a b (expected: 1 to 249 of A-Z a-z 0-9 . _ -, no \"..\")";
        List<ThrowableAssert.ThrowingCallable> calls = List.of(
                () -> PublisherConfig.of("a b"),
                () -> client.publisher("a b", Numbers.SCHEMA),
                () -> client.subscribe("a b"),
                () -> client.deleteTopic("a b"));

        for (ThrowableAssert.ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .hasMessage(text)
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_TOPIC_NAME));
        }
    }

    @Test
    void saysWhenThereIsNoServer() {
        assertThatThrownBy(() -> Client.connect("bowstring://127.0.0.1:1"))
                .isInstanceOf(ClientException.class)
                .hasMessage("cannot connect to bowstring://127.0.0.1:1: connection refused");
    }

    @Test
    void listsTopics() throws Exception {
        publish(1);

        try (Subscription table = client.topics("tr");
                ReceivedBatch rows = table.next()) {
            assertThat(rows.root().getVector("topic").getObject(0)).hasToString("trades");
            assertThat(table.next()).isNull();
        }
    }

    @Test
    void deletesTopics() throws Exception {
        publish(1);

        client.deleteTopic("trades").get();

        try (Subscription table = client.topics("tr");
                ReceivedBatch rows = table.next()) {
            assertThat(rows.rowCount()).isZero();
        }
        assertThatThrownBy(() -> client.deleteTopic("trades").get())
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining("UNKNOWN_TOPIC");
    }

    @Test
    void endsWaitsWhenItIsClosed() throws Exception {
        Subscription subscription = client.subscribe("trades");
        Publisher publisher = client.publisher("trades", Numbers.SCHEMA);

        client.close();
        client.close();

        assertThatThrownBy(subscription::next).hasMessage("the subscription has been closed");
        assertThatThrownBy(publisher::finish).isInstanceOf(ClientException.class);
        assertThatThrownBy(() -> client.subscribe("trades")).hasMessage("the client has been closed");
    }
}
