package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.receipt;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches that are sent and acknowledged many at once, and share their memory. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class SmallBatchesTest {
    private static final int LONG_ROWS = 2_000;

    private static Publisher openVectors(PublisherRig rig) throws Exception {
        FutureTask<Publisher> opening = Threads.run(() -> rig.client.publisher("trades", Numbers.SCHEMA));
        rig.peer = rig.server.accept();
        rig.peer.received();
        rig.peer.send(handshake(-1));
        return opening.get();
    }

    private static List<CompletionStage<Receipt>> publishVectors(Client client, Publisher publisher, int count)
            throws InterruptedException {
        List<CompletionStage<Receipt>> stages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try (VectorSchemaRoot root = Numbers.batch(i, 1, client.allocator())) {
                stages.add(publisher.publish(root));
            }
        }
        return stages;
    }

    @Test
    void areAcknowledgedByOneRowEachWithItsOffset() throws Exception {
        try (PublisherRig rig = new PublisherRig()) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            List<CompletionStage<Receipt>> stages = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                stages.add(publisher.publish(batch(1)));
                rig.peer.expect(sequence(i));
            }
            rig.peer.send(row(1, 0), row(60, 59), row(100, 99));

            for (int i = 0; i < 100; i++) {
                assertThat(receipt(stages.get(i))).isEqualTo(new Receipt(i, i));
            }
        }
    }

    @Test
    void makeRoomAllAtOnceBeforeAnyIsReceipted() throws Exception {
        try (PublisherRig rig = new PublisherRig()) {
            MessagePublisher publisher = rig.open(CONFIG.withMaxInFlightBytes(2_000), -1);
            CountDownLatch isReceipted = new CountDownLatch(1);
            List<CompletionStage<Receipt>> more = new ArrayList<>();
            List<CompletionStage<Receipt>> stages = new ArrayList<>();
            fill(publisher, stages);
            assertThat(stages).hasSizeGreaterThan(2);
            for (int i = 0; i < stages.size(); i++) {
                rig.peer.expect(sequence(i));
            }

            stages.get(0).thenRun(() -> {
                fill(publisher, more);
                isReceipted.countDown();
            });
            rig.peer.send(row(stages.size(), stages.size() - 1));

            isReceipted.await();
            assertThat(more).hasSameSizeAs(stages);
        }
    }

    /** Publishes until there is no room. */
    private static void fill(MessagePublisher publisher, List<CompletionStage<Receipt>> stages) {
        IpcRecordBatch next = batch(1);
        for (CompletionStage<Receipt> stage = publisher.tryPublish(next);
                stage != null;
                stage = publisher.tryPublish(next)) {
            stages.add(stage);
            next = batch(1);
        }
        next.release();
    }

    @Test
    void keepTheirOrderAmongLongOnes() throws Exception {
        try (PublisherRig rig = new PublisherRig()) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            int count = 1_000; // many times what is sent as one
            for (int i = 0; i < count; i++) {
                publisher.publish(batch(i % 7 == 3 ? LONG_ROWS : 1));
            }

            for (int i = 0; i < count; i++) {
                String rows = i % 7 == 3 ? LONG_ROWS + " rows" : "1 rows";
                rig.peer.expect(sequence(i).replace("1 rows", rows));
            }
        }
    }

    @Test
    void wakeTheEventLoopWheneverItHasDoneAllThatThereWas() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                Client client = Client.connect(
                        "bowstring://127.0.0.1:" + server.address().getPort());
                MessagePublisher publisher = client.messagePublisher(CONFIG, PublisherRig.schema(Map.of()))) {
            List<FutureTask<Long>> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                threads.add(Threads.run(() -> {
                    long sum = 0;
                    for (int next = 0; next < 500; next++) {
                        sum += receipt(publisher.publish(batch(1))).offset(); // a signal that is lost comes never
                    }
                    return sum;
                }));
            }

            long sum = 0;
            for (FutureTask<Long> thread : threads) {
                sum += thread.get();
            }
            assertThat(sum).isEqualTo(999 * 1_000 / 2);
        }
    }

    @Test
    void areLetGoOfWhereSomeOfThoseThatShareMemoryAreRefused() throws Exception {
        try (PublisherRig rig = new PublisherRig()) {
            Publisher publisher = openVectors(rig);
            List<CompletionStage<Receipt>> stages = publishVectors(rig.client, publisher, 10);
            for (int i = 0; i < 10; i++) {
                rig.peer.expect(sequence(i));
            }
            rig.peer.send(row(4, 3));
            receipt(stages.get(3));

            rig.peer.send(PublisherRig.error("TOO_LARGE: as said"));

            for (CompletionStage<Receipt> stage : stages.subList(4, 10)) {
                assertThatThrownBy(() -> receipt(stage)).hasCauseInstanceOf(ClientException.class);
            }
        }
    }

    @Test
    void areSentAgainWhereThereIsNoMemoryToPutThemTogether() throws Exception {
        NoMemory memory = new NoMemory("send", 1);
        try (WatchedLoop loop = new WatchedLoop(channel -> channel.config().setAllocator(memory));
                PublisherRig rig = new PublisherRig(config -> config.withLoops(loop))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CountDownLatch goesOn = loop.hold(); // else it might send the first by itself
            CompletionStage<Receipt> first = publisher.publish(batch(1));
            CompletionStage<Receipt> second = publisher.publish(batch(1));
            goesOn.countDown();

            rig.peer.expect(Peer.RESET);
            rig.accept().send(handshake(-1)).expect(sequence(0), sequence(1)).send(row(2, 1));
            assertThat(receipt(first).offset()).isZero();
            assertThat(receipt(second).offset()).isEqualTo(1);
        }
    }

    @Test
    void areReleasedWhereTheConnectionIsGivenUpBeforeTheyAreFlushed() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            ClientConfig config = ClientConfig.of(server.address().toString());
            try (Connector connector = new Connector(config)) {
                Link link = new Link("publisher of t", connector, config);
                CompletableFuture<ClientException> told = new CompletableFuture<>();
                link.execute(() -> link.open(new LinkOwner() {
                    @Override
                    public void onConnected() {
                        link.write(batch(1));
                        link.write(batch(1));
                        link.fail(new ClientException("by the test")); // which nothing is flushed after
                    }

                    @Override
                    public void onMessage(IpcMessage message) {
                        message.release();
                    }

                    @Override
                    public void onWritabilityChanged() {}

                    @Override
                    public void onFailed(ClientException reason) {
                        told.complete(reason);
                    }
                }));

                assertThat(told.get()).hasMessage("by the test");
                server.accept().expect(Peer.RESET);
                CompletableFuture<Void> isFlushed = new CompletableFuture<>();
                link.execute(() -> {
                    link.write(batch(1)); // to nobody
                    link.flush();
                    isFlushed.complete(null);
                });
                isFlushed.get();
            }
        }
    }
}
