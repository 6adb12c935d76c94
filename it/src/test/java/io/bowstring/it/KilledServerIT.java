package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import io.bowstring.client.ClientException;
import io.bowstring.client.ClientListener;
import io.bowstring.client.Publisher;
import io.bowstring.client.Receipt;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed and started anew, again and again, under a client that publishes and subscribes all the time. A
 * life of the server is one log of the topic. {@code -Dbowstring.kills=100} is the long run.
 */
@ExtendWith(LeakDetection.class)
@Timeout(1_800)
class KilledServerIT {
    private static final int KILLS = Integer.getInteger("bowstring.kills", 4);
    private static final long SEED = Long.getLong("bowstring.seed", System.nanoTime());
    private static final Schema SCHEMA = new Schema(List.of(Field.notNullable("n", new ArrowType.Int(64, true))));

    private static final Duration MAX_DELAY = Duration.ofMillis(500);

    /** Of a machine that does other work. */
    private static final Duration SLACK = Duration.ofMinutes(1);

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 10;

    /** Blocks, since the publisher is faster than the subscriber on some machines. */
    private static final SubscribeRequest ALL =
            SubscribeRequest.of("numbers").fromEarliest().onLag(LagPolicy.BLOCK);

    @TempDir
    private Path folder;

    /** The life of the server; written while no connection is there. */
    private volatile int life;

    private final Lives lives = new Lives();

    @Test
    void whatIsAcknowledgedReachesTheSubscriberOfThatLifeOnceAndInOrder() throws Exception {
        System.out.println("KilledServerIT: -Dbowstring.seed=" + SEED);
        Random random = new Random(SEED);
        int port = OwnPort.draw(random);
        KillableServer server = KillableServer.startInMemory(port, folder.resolve("server.log"));
        long reconnectNanos = 0;
        try (Client client = Client.connect(KillableServer.clientConfig(port, MAX_DELAY, lives))) {
            client.subscribe(ALL, lives);
            AtomicBoolean isOver = new AtomicBoolean();
            CompletableFuture<Long> published = new CompletableFuture<>();
            Thread thread = new Thread(() -> publish(client, isOver, published), "publisher");
            thread.start();
            for (int kill = 1; kill <= KILLS; kill++) {
                long progress = 10 + random.nextInt(3_000);
                await("progress", () -> lives.acknowledged(life).size() >= progress);
                int acknowledged = lives.acknowledged(life).size();
                await("what is acknowledged", () -> lives.hasReceived(life, acknowledged));
                server.close();
                await("both lost", lives::areBothLost);
                life = kill;
                server = KillableServer.startInMemory(port, folder.resolve("server.log"));
                long readyNanos = System.nanoTime();
                await("both back", lives::areBothBack);
                reconnectNanos = Math.max(reconnectNanos, System.nanoTime() - readyNanos);
            }
            isOver.set(true);
            long batches = published.join();
            await(
                    "the rest",
                    () -> lives.hasReceived(life, lives.acknowledged(life).size()));
            lives.check(batches);
            System.out.printf(
                    "KilledServerIT: %,d kills, %,d batches, %,d acknowledged ones that died with a server; back after at"
                            + " most %,d ms%n",
                    KILLS, batches, lives.diedWithServer(), reconnectNanos / 1_000_000);
            assertThat(Duration.ofNanos(reconnectNanos)).isLessThan(MAX_DELAY.plus(SLACK));
            lives.cancel();
            await("memory", () -> client.allocator().getAllocatedMemory() == 0);
        } finally {
            server.close();
        }
    }

    private void publish(Client client, AtomicBoolean isOver, CompletableFuture<Long> published) {
        try (Publisher publisher = client.publisher("numbers", SCHEMA);
                VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, client.allocator())) {
            long next = 0;
            for (; !isOver.get(); next++) {
                BigIntVector numbers = (BigIntVector) root.getVector("n");
                numbers.allocateNew(1);
                numbers.set(0, next);
                root.setRowCount(1);
                publisher.publish(root).thenAccept(receipt -> lives.onReceipt(life, receipt));
            }
            publisher.finish();
            published.complete(next);
        } catch (Exception e) {
            published.completeExceptionally(e);
        }
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        assertThat(lives.await(condition))
                .as("%s in life %d: %s", what, life, lives)
                .isTrue();
    }

    /** What the client's one event loop has told: batches and receipts by life, and whether connections are there. */
    private final class Lives implements ClientListener, Flow.Subscriber<ReceivedBatch> {
        private final Map<Integer, List<Long>> acknowledged = new HashMap<>();
        private final Map<Integer, List<Long>> received = new HashMap<>();
        private final Map<String, Boolean> isThere = new HashMap<>();
        private Flow.Subscription subscription;
        private Throwable failure;

        /** Waits until something is so, and looks whenever something has happened; returns whether it was in time. */
        synchronized boolean await(BooleanSupplier condition) throws InterruptedException {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                wait(POLL_MILLIS);
            }
            return true;
        }

        synchronized List<Long> acknowledged(int of) {
            requireNoFailure();
            return acknowledged.computeIfAbsent(of, any -> new ArrayList<>());
        }

        private synchronized List<Long> received(int of) {
            return received.computeIfAbsent(of, any -> new ArrayList<>());
        }

        private void requireNoFailure() {
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }

        /** Returns whether the first acknowledged ones of a life have arrived in it; they are acknowledged in order. */
        synchronized boolean hasReceived(int of, int count) {
            List<Long> there = received(of);
            return count == 0
                    || (!there.isEmpty()
                            && there.get(there.size() - 1) >= acknowledged(of).get(count - 1));
        }

        synchronized void onReceipt(int of, Receipt receipt) {
            acknowledged(of).add(receipt.sequence());
        }

        synchronized boolean areBothLost() {
            requireNoFailure();
            return isThere.size() == 2 && !isThere.containsValue(true);
        }

        synchronized boolean areBothBack() {
            requireNoFailure();
            return isThere.size() == 2 && !isThere.containsValue(false);
        }

        @Override
        public synchronized void onLost(String connection, ClientException reason, Duration retryIn) {
            isThere.put(connection, false);
        }

        @Override
        public synchronized void onRestored(String connection) {
            isThere.put(connection, true);
        }

        @Override
        public void onNewLog(String connection, String log) {}

        @Override
        public synchronized void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public synchronized void onNext(ReceivedBatch batch) {
            try (batch) {
                List<Long> there = received(life);
                if (batch.offset() != there.size()) {
                    failure = new AssertionError("offset " + batch.offset() + " behind " + there.size());
                }
                there.add(((BigIntVector) batch.root().getVector("n")).get(0));
            }
        }

        @Override
        public synchronized void onError(Throwable e) {
            failure = e;
        }

        @Override
        public synchronized void onComplete() {
            failure = new AssertionError("the topic is not sealed");
        }

        @Override
        public synchronized String toString() {
            return isThere + " " + acknowledged(life).size() + " acknowledged, "
                    + received(life).size() + " received";
        }

        synchronized void cancel() {
            subscription.cancel();
        }

        /** Each batch is acknowledged once, and what arrives in a life is in order, without a repetition or a gap. */
        synchronized void check(long batches) {
            requireNoFailure();
            List<Long> all = acknowledged.values().stream()
                    .flatMap(List::stream)
                    .sorted()
                    .toList();
            assertThat(all).hasSize((int) batches).doesNotHaveDuplicates();
            acknowledged.values().forEach(ofLife -> assertThat(ofLife).isSorted());
            received.values().forEach(ofLife -> {
                for (int i = 1; i < ofLife.size(); i++) {
                    assertThat(ofLife.get(i)).isEqualTo(ofLife.get(i - 1) + 1);
                }
            });
        }

        /** Returns how many batches were acknowledged in the moment of a kill and had not been sent on. */
        synchronized long diedWithServer() {
            return acknowledged.keySet().stream()
                    .mapToLong(of -> acknowledged(of).stream()
                            .filter(n -> received(of).isEmpty()
                                    || n > received(of).get(received(of).size() - 1))
                            .count())
                    .sum();
        }
    }
}
