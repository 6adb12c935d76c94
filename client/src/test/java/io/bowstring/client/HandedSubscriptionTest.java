package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.request;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Subscribers that are called on an executor of the user's. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class HandedSubscriptionTest {
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
        threads.shutdownNow();
    }

    @Test
    void areCalledInOrderAndForAsManyBatchesAsTheyAskFor() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(2);
        rig.client.subscribe(request(EndPosition.END, LagPolicy.DISCONNECT), subscriber, threads);
        rig.server.accept().send(schema("log", 0), batch(0), batch(1), batch(2), batch(3), IpcEndOfStream.INSTANCE);

        subscriber.expect("subscribed", "batch 0", "batch 1");
        assertThat(subscriber.waiting()).isZero();
        subscriber.subscription().request(1);
        subscriber.expect("batch 2");
        subscriber.subscription().request(Long.MAX_VALUE);
        subscriber.expect("batch 3", "complete");
    }

    @Test
    void areNeverCalledByTwoThreadsAtOnceNorOnTheEventLoop() throws Exception {
        BlockingQueue<String> wrong = new LinkedBlockingQueue<>();
        CountDownLatch complete = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        rig.client.subscribe(
                request(EndPosition.END, LagPolicy.DISCONNECT),
                new Flow.Subscriber<>() {
                    private long next;

                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(50);
                        subscription.request(50);
                    }

                    @Override
                    public void onNext(ReceivedBatch batch) {
                        try (batch) {
                            if (calls.incrementAndGet() != 1 || batch.offset() != next++) {
                                wrong.add("batch " + batch.offset());
                            }
                            if (Thread.currentThread().getName().contains("bowstring")) {
                                wrong.add(Thread.currentThread().getName());
                            }
                            calls.decrementAndGet();
                        }
                    }

                    @Override
                    public void onError(Throwable e) {
                        wrong.add(e.toString());
                        complete.countDown();
                    }

                    @Override
                    public void onComplete() {
                        if (calls.get() != 0 || next != 100) {
                            wrong.add("complete after " + next);
                        }
                        complete.countDown();
                    }
                },
                threads);
        Peer peer = rig.server.accept().send(schema("log", 0));
        for (int i = 0; i < 100; i++) {
            peer.send(batch(i));
        }
        peer.send(IpcEndOfStream.INSTANCE);

        complete.await();
        assertThat(wrong).isEmpty();
    }

    @Test
    void mayBlockWithoutHinderingOthers() throws Exception {
        CountDownLatch goesOn = new CountDownLatch(1);
        RecordingSubscriber blocking = new RecordingSubscriber(9) {
            @Override
            public void onNext(ReceivedBatch batch) {
                HandedSubscriptionTest.await(goesOn);
                super.onNext(batch);
            }
        };
        rig.client.subscribe(ALL, blocking, threads);
        rig.accept("earliest").send(schema("log", 0), batch(0));
        blocking.expect("subscribed");
        RecordingSubscriber other = new RecordingSubscriber(9);
        rig.client.subscribe(ALL, other);
        rig.accept("earliest").send(schema("log", 0), batch(0));

        other.expect("subscribed", "batch 0");
        assertThat(blocking.waiting()).isZero();
        goesOn.countDown();
        blocking.expect("batch 0");
    }

    @Test
    void getNoMoreAfterTheyHaveCancelled() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(1);
        rig.client.subscribe(ALL, subscriber, threads);
        Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));
        subscriber.expect("subscribed", "batch 0");

        subscriber.subscription().cancel();
        subscriber.subscription().request(1);

        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void hearThatTheyAskForNothing() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(-1);
        rig.client.subscribe(ALL, subscriber, threads);

        subscriber.expect("subscribed", "error IllegalArgumentException: count: -1 (expected: at least 1)");
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void needAnExecutor() {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        assertThatThrownBy(() -> rig.client.subscribe(ALL, subscriber, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.client.subscribe(ALL, null, threads)).isInstanceOf(NullPointerException.class);
    }
}
