package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.EventLoops;
import io.bowstring.codec.LeakDetection;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A server is held back while nobody takes what it sends, and nothing is lost. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class BackPressureTest {
    private static final int BATCHES = 500; // 40 MB, more than is read ahead and more than sockets hold
    private static final int ROWS = 10_000;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger sent = new AtomicInteger();
    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig(config -> config.withLoops(loops));
    }

    @AfterEach
    void stop() {
        rig.close();
        EventLoops.stop(loops);
    }

    /** Sends all; returns when the server is held back, or all is sent. */
    private void send() throws Exception {
        Peer peer = rig.accept("earliest").send(schema("log", 0));
        for (int i = 0; i < BATCHES; i++) {
            peer.channel().write(batch(ROWS, i, 0)).addListener(written -> sent.incrementAndGet());
        }
        peer.channel().flush();
        int idleRounds = 0;
        for (int before = -1; idleRounds < 100; before = sent.get()) {
            loops.submit(() -> {}).sync(); // whatever has come is read before
            peer.channel().eventLoop().submit(() -> {}).sync();
            idleRounds = sent.get() == before ? idleRounds + 1 : 0;
        }
    }

    @Test
    void holdsBackForAThreadThatTakesNothing() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            send();
            assertThat(sent.get()).isLessThan(BATCHES);

            for (int i = 0; i < BATCHES; i++) {
                try (ReceivedBatch batch = subscription.next()) {
                    assertThat(batch.offset()).isEqualTo(i);
                    assertThat(batch.rowCount()).isEqualTo(ROWS);
                }
            }
            Threads.await(() -> sent.get() == BATCHES);
        }
    }

    @Test
    void holdsBackForASubscriberThatAsksForNothing() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(ALL, subscriber);
        send();
        assertThat(sent.get()).isLessThan(BATCHES);
        assertThat(subscriber.event()).isEqualTo("subscribed");

        for (int i = 0; i < BATCHES; i++) {
            subscriber.subscription().request(1);
            assertThat(subscriber.event()).isEqualTo("batch " + i);
        }
        Threads.await(() -> sent.get() == BATCHES);
    }

    @Test
    void letsOthersOnTheSameEventLoopGoOn() throws Exception {
        try (Subscription slow = rig.client.subscribe(ALL)) {
            send();
            for (int i = 0; i < 3; i++) {
                try (Subscription other = rig.client.subscribe(ALL)) {
                    rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));
                    assertThat(SubscriptionRig.next(other)).isEqualTo("batch 0");
                    assertThat(SubscriptionRig.next(other)).isEqualTo("batch 1");
                }
            }
            assertThat(SubscriptionRig.next(slow)).isEqualTo("batch 0");
        }
    }

    @Test
    void dropsWhatIsHeldBackWhenItIsClosed() throws Exception {
        Subscription subscription = rig.client.subscribe(ALL);
        send();
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(ALL, subscriber);
        send();

        subscription.close();
        subscriber.subscription().cancel();

        rig.client.close(); // where anything is held still, its allocator or LeakDetection says so
        assertThat(subscriber.event()).isEqualTo("subscribed");
    }
}
