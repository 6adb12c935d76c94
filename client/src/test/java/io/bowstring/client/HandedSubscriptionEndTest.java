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
import io.bowstring.protocol.SubscribeRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How subscribers end that are called on an executor of the user's. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class HandedSubscriptionEndTest {
    private static final SubscribeRequest TO_THE_END = request(EndPosition.END, LagPolicy.DISCONNECT);
    private static final String CLOSED = "error ClientException: the client has been closed";

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

    /** Waits until the client has closed a connection, and so is done with it on its event loop. */
    private static void awaitClosed(Peer peer) throws InterruptedException {
        String event = peer.received();
        while (!event.equals(Peer.CLOSED) && !event.equals(Peer.RESET)) {
            event = peer.received();
        }
    }

    @Test
    void areCancelledWhereTheyFail() throws Exception {
        RecordingSubscriber failing = new RecordingSubscriber(9, () -> {
            throw new IllegalStateException("as wanted");
        });
        rig.client.subscribe(ALL, failing, threads);
        Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));

        failing.expect("subscribed", "batch 0");
        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        assertThat(failing.waiting()).isZero();
    }

    @Test
    void areNotToldThatTheyHaveAllWhereTheyFailOnTheLastBatch() throws Exception {
        CountDownLatch hasEnded = new CountDownLatch(1);
        RecordingSubscriber failing = new RecordingSubscriber(9, () -> {
            HandedSubscriptionTest.await(hasEnded);
            throw new IllegalStateException("as wanted");
        });
        ExecutorService thread = Executors.newSingleThreadExecutor();
        rig.client.subscribe(TO_THE_END, failing, thread);
        awaitClosed(rig.server.accept().send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE));
        hasEnded.countDown();

        thread.submit(() -> {}).get(); // after all that it was told
        failing.expect("subscribed", "batch 0");
        assertThat(failing.waiting()).isZero();
        thread.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areWaitedForAlsoWhereNothingMoreComesForThem(boolean isCancelled) throws Exception {
        CountDownLatch hasBegun = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        RecordingSubscriber blocking = new RecordingSubscriber(9) {
            @Override
            public void onNext(ReceivedBatch batch) {
                hasBegun.countDown();
                HandedSubscriptionTest.await(goesOn);
                super.onNext(batch);
            }
        };
        try (WatchedLoop loop = new WatchedLoop(channel -> {}); // for whose end nobody waits
                SubscriptionRig other = new SubscriptionRig(config -> config.withLoops(loop))) {
            other.client.subscribe(TO_THE_END, blocking, threads);
            Peer peer = other.server.accept().send(schema("log", 0), batch(0));
            hasBegun.await();
            if (isCancelled) {
                blocking.subscription().cancel();
            } else {
                peer.send(IpcEndOfStream.INSTANCE);
            }
            awaitClosed(peer);
            loop.submit(() -> {}).get(); // after all that the connection's end has caused
            FutureTask<Boolean> closing = new FutureTask<>(other.client::close, true);

            Threads.startAndAwaitBlocked(closing);
            goesOn.countDown();

            assertThat(closing.get()).isTrue(); // throws where the batch has not been closed
            blocking.expect("subscribed", "batch 0");
            if (!isCancelled) {
                blocking.expect("complete");
            }
            assertThat(blocking.waiting()).isZero();
        }
    }

    @Test
    void hearThatTheirClientHasBeenClosed() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(9);
        rig.client.subscribe(ALL, subscriber, threads);
        rig.accept("earliest").send(schema("log", 0), batch(0));
        subscriber.expect("subscribed", "batch 0");

        rig.client.close();

        subscriber.expect(CLOSED);
    }

    @Test
    void hearThatTheirClientHasBeenClosedInPlaceOfTheEndWhereTheyMissABatch() throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(TO_THE_END, subscriber, tasks::add);
        Peer peer = rig.server.accept().send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);
        tasks.take().run();
        subscriber.subscription().request(1);
        Runnable task = tasks.take();
        awaitClosed(peer);

        rig.client.close();
        task.run();

        subscriber.expect("subscribed", CLOSED);
        assertThat(subscriber.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, Long.MAX_VALUE})
    void endWhereARequestIsRefusedOnWhichAnotherRelies(long count) throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        HandedSubscriber handed = new HandedSubscriber(subscriber, Runnable::run, () -> {});
        AtomicBoolean isCancelled = new AtomicBoolean();
        handed.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long refused) {
                handed.request(count); // as another thread may at this moment
                throw new ClientException("full");
            }

            @Override
            public void cancel() {
                isCancelled.set(true);
            }
        });

        assertThatThrownBy(() -> handed.request(count)).hasMessage("full");

        subscriber.expect("subscribed", "error ClientException: full");
        assertThat(isCancelled).isTrue();
    }

    @Test
    void endWhereTheirExecutorTakesNoCall() throws Exception {
        rig.client.subscribe(ALL, new RecordingSubscriber(9), task -> {
            throw new RejectedExecutionException("full");
        });

        rig.client.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loseNoMemoryWhereTheirExecutorForgetsThem(boolean hasEnded) throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(hasEnded ? TO_THE_END : ALL, subscriber, tasks::add);
        Peer peer = rig.server.accept().send(schema("log", 0), batch(0));
        tasks.take().run();
        subscriber.expect("subscribed");
        subscriber.subscription().request(1);
        tasks.take(); // for the batch
        if (hasEnded) {
            peer.send(IpcEndOfStream.INSTANCE);
            awaitClosed(peer);
        }

        rig.client.close(); // throws where its allocator has not got everything back

        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void mayCloseTheClient() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        RecordingSubscriber closing = new RecordingSubscriber(9, () -> {
            rig.client.close();
            closed.countDown();
        });
        rig.client.subscribe(ALL, closing, threads);
        rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));

        closed.await();
        closing.expect("subscribed", "batch 0", CLOSED);
        assertThat(closing.waiting()).isZero();
    }
}
