package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A subscription on an event loop of the user's that takes no more tasks for a while. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class FullLoopTest {
    private static final ClientConfig CONFIG = ClientConfig.of("bowstring://127.0.0.1:1"); // which it does not come to
    private static final String FULL = "the event loop takes no more tasks";
    private static final int BATCHES = 10;
    private static final int ROWS = 1 << 17; // 1 MiB

    /** Fills a loop, runs a step, and lets the loop go on until it has room again. */
    private static void whileFull(WatchedLoop loop, Runnable step) throws Exception {
        CountDownLatch goesOn = loop.hold();
        AtomicReference<Future<?>> last = new AtomicReference<>();
        try {
            assertThatThrownBy(() -> {
                        while (true) {
                            last.set(loop.submit(() -> {}));
                        }
                    })
                    .isInstanceOf(RejectedExecutionException.class);
            step.run();
        } finally {
            goesOn.countDown();
            last.get().get();
        }
    }

    private static long takeOffset(Inbox inbox) throws InterruptedException {
        IpcRecordBatch batch = (IpcRecordBatch) inbox.take();
        try {
            return BatchPosition.parse(batch).offset();
        } finally {
            batch.release();
        }
    }

    @Test
    void losesNoMessageThatIsTakenMeanwhile() throws Exception {
        try (WatchedLoop loop = new WatchedLoop(channel -> {});
                Connector connector = new Connector(CONFIG.withLoops(loop))) {
            Link link = new Link("subscription to t", connector, CONFIG);
            Inbox inbox = new Inbox(link, connector);
            for (int i = 0; i < BATCHES; i++) {
                IpcRecordBatch batch = batch(ROWS, i, 0);
                loop.submit(() -> inbox.onMessage(batch)).get();
            }
            assertThat(loop.submit(link::isReading).get()).isFalse();

            List<Long> offsets = new ArrayList<>();
            whileFull(
                    loop,
                    () -> assertThatThrownBy(() -> {
                                while (true) {
                                    offsets.add(takeOffset(inbox));
                                }
                            })
                            .hasMessage(FULL));
            while (offsets.size() < BATCHES) {
                offsets.add(takeOffset(inbox));
            }

            assertThat(offsets).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
            assertThat(loop.submit(link::isReading).get()).isTrue();
        }
    }

    @Test
    void isAskedAgainByASubscriber() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        try (WatchedLoop loop = new WatchedLoop(channel -> {});
                SubscriptionRig rig = new SubscriptionRig(config -> config.withLoops(loop))) {
            rig.client.subscribe(ALL, subscriber, Runnable::run);
            rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));
            assertThat(subscriber.event()).isEqualTo("subscribed");
            Flow.Subscription subscription = subscriber.subscription();

            whileFull(
                    loop,
                    () -> assertThatThrownBy(() -> subscription.request(9)).hasMessage(FULL));

            subscription.request(1);
            assertThat(subscriber.event()).isEqualTo("batch 0");
            assertThat(subscriber.waiting()).isZero();
            subscription.request(1);
            assertThat(subscriber.event()).isEqualTo("batch 1");
        }
    }

    /** Runs the call for the first batch of two while the loop is full, and closes the client. */
    private static void deliverWhileFull(RecordingSubscriber subscriber) throws Exception {
        BlockingQueue<Runnable> calls = new LinkedBlockingQueue<>();
        try (WatchedLoop loop = new WatchedLoop(channel -> {});
                SubscriptionRig rig = new SubscriptionRig(config -> config.withLoops(loop))) {
            rig.client.subscribe(ALL, subscriber, calls::add);
            Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));
            calls.take().run();
            assertThat(subscriber.event()).isEqualTo("subscribed");
            subscriber.subscription().request(2);
            Runnable call = calls.take();

            whileFull(loop, call);

            rig.client.close();
            assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        }
    }

    @Test
    void endsASubscriptionThatCannotAskForItsNextBatch() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);

        deliverWhileFull(subscriber);

        assertThat(subscriber.event()).isEqualTo("batch 0");
        assertThat(subscriber.event()).isEqualTo("error ClientException: " + FULL);
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void endsTheSubscriptionOfASubscriberThatFails() throws Exception {
        RecordingSubscriber failing = new RecordingSubscriber(0, () -> {
            throw new IllegalStateException("as wanted");
        });

        deliverWhileFull(failing);

        assertThat(failing.event()).isEqualTo("batch 0");
        assertThat(failing.waiting()).isZero();
    }

    @Test
    void canBeClosedAgain() throws Exception {
        try (WatchedLoop loop = new WatchedLoop(channel -> {});
                SubscriptionRig rig = new SubscriptionRig(config -> config.withLoops(loop))) {
            Subscription subscription = rig.client.subscribe(ALL);
            Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0));
            assertThat(SubscriptionRig.next(subscription)).isEqualTo("batch 0");

            whileFull(loop, () -> assertThatThrownBy(subscription::close).hasMessage(FULL));
            assertThatThrownBy(subscription::next).hasMessage("the subscription has been closed");
            subscription.close();

            peer.expect(Peer.CLOSED);
        }
    }
}
