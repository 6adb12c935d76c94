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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
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
