package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.refusal;
import static io.bowstring.client.SubscriptionRig.request;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.EventLoops;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of {@code Flow}, by subscribers that keep them and such as do not. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PushSubscriptionTest {
    private static final SubscribeRequest TO_THE_END = request(EndPosition.END, LagPolicy.DISCONNECT);

    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    /** A subscriber that does something within its calls. Passes all on to another one. */
    private static Flow.Subscriber<ReceivedBatch> acting(
            RecordingSubscriber to, Consumer<Flow.Subscription> onSubscribe, Consumer<Flow.Subscription> onNext) {
        return new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                to.onSubscribe(subscription);
                onSubscribe.accept(subscription);
            }

            @Override
            public void onNext(ReceivedBatch batch) {
                to.onNext(batch);
                onNext.accept(to.subscription());
            }

            @Override
            public void onError(Throwable e) {
                to.onError(e);
            }

            @Override
            public void onComplete() {
                to.onComplete();
            }
        };
    }

    private Peer subscribe(Flow.Subscriber<ReceivedBatch> subscriber) throws InterruptedException {
        rig.client.subscribe(ALL, subscriber);
        return rig.accept("earliest").send(schema("log", 0));
    }

    @Test
    void givesAsManyAsAreAskedForAndNoMore() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        Peer peer = subscribe(subscriber).send(batch(0), batch(1), batch(2), batch(3));
        subscriber.expect("subscribed");

        subscriber.subscription().request(1);
        subscriber.expect("batch 0");
        subscriber.subscription().request(2);
        subscriber.expect("batch 1", "batch 2");
        peer.send(batch(4), batch(1, 5, 3));
        subscriber.subscription().request(1);
        subscriber.expect("batch 3");
        assertThat(subscriber.waiting()).isZero();
        subscriber.subscription().request(Long.MAX_VALUE);
        subscriber.subscription().request(Long.MAX_VALUE);
        subscriber.expect("batch 4", "batch 5 gap 3");
    }

    @Test
    void countsDemandBeforeThereAreBatches() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(1);
        Peer peer = subscribe(subscriber);
        subscriber.subscription().request(1);

        peer.send(batch(0), batch(1), batch(2), IpcEndOfStream.INSTANCE);

        subscriber.expect("subscribed", "batch 0", "batch 1");
        peer.expect(SubscriptionRig.asked("3"), Peer.END).send(schema("log", 3), IpcEndOfStream.INSTANCE);
        peer.expect(Peer.CLOSED);
        assertThat(subscriber.waiting()).isZero();
        subscriber.subscription().request(1);
        subscriber.expect("batch 2", "complete");
    }

    @Test
    void completesWithoutDemand() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(TO_THE_END, subscriber);
        rig.server.accept().send(schema("log", 0), IpcEndOfStream.INSTANCE);

        subscriber.expect("subscribed", "complete");
    }

    @Test
    void tellsOfAFailureBehindWhatHasCome() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        Peer peer = subscribe(subscriber)
                .send(batch(0))
                .send(ByteBufAllocator.DEFAULT.buffer().writeZero(64));
        peer.expect(Peer.RESET);
        subscriber.expect("subscribed");

        subscriber.subscription().request(1);

        subscriber.expect("batch 0");
        assertThat(subscriber.event()).startsWith("error ClientException: the server's answer is not understood: ");
    }

    @Test
    void tellsOfARefusal() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(ALL, subscriber);
        rig.accept("earliest").send(refusal("FORBIDDEN"), IpcEndOfStream.INSTANCE);

        subscriber.expect("subscribed", "error RefusedException: FORBIDDEN: as said");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -7})
    void endsWhereNothingIsAskedFor(long count) throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        Peer peer = subscribe(subscriber);
        subscriber.subscription().request(count);

        subscriber.expect("subscribed", "error IllegalArgumentException: count: " + count + " (expected: at least 1)");
        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        subscriber.subscription().request(count);
        subscriber.subscription().request(1);
        subscriber.subscription().cancel();
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void saysNothingAnyMoreOnceItIsCancelled() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(1);
        Peer peer = subscribe(subscriber).send(batch(0), batch(1));
        subscriber.expect("subscribed", "batch 0");

        subscriber.subscription().cancel();
        subscriber.subscription().cancel();
        subscriber.subscription().request(5);

        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        rig.client.close();
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void takesARequestAndACancellationWithinACall() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(1);
        int[] calls = {0};
        Peer peer = subscribe(acting(subscriber, subscription -> {}, subscription -> {
            assertThat(calls[0]++).isEqualTo(0); // never a call within a call
            subscription.request(1);
            if (subscriber.waiting() == 4) {
                subscription.cancel();
            }
            calls[0]--;
        }));

        peer.send(batch(0), batch(1), batch(2), batch(3), batch(4));

        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        subscriber.expect("subscribed", "batch 0", "batch 1", "batch 2");
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void connectsNotWhereItIsCancelledAtOnce() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(ALL, acting(subscriber, Flow.Subscription::cancel, subscription -> {}));
        RecordingSubscriber other = new RecordingSubscriber(-1);
        rig.client.subscribe(ALL, other);

        subscriber.expect("subscribed");
        other.expect("subscribed", "error IllegalArgumentException: count: -1 (expected: at least 1)");
        rig.client.close();
        assertThat(rig.server.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhereTheSubscriberThrows(boolean isError) throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(5);
        Peer peer = subscribe(acting(subscriber, subscription -> {}, subscription -> {
                    if (isError) {
                        throw new AssertionError("as wanted");
                    }
                    throw new IllegalStateException("as wanted");
                }))
                .send(batch(0), batch(1));

        subscriber.expect("subscribed", "batch 0");
        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        assertThat(rig.server.waiting()).isZero();
        assertThat(subscriber.waiting()).isZero();
    }

    @Test
    void doesNotConnectWhereTheSubscriberThrowsAtOnce() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(0);
        rig.client.subscribe(
                ALL,
                acting(
                        subscriber,
                        subscription -> {
                            throw new IllegalStateException("as wanted");
                        },
                        subscription -> {}));
        subscriber.expect("subscribed");

        rig.client.messageSubscription(ALL);
        rig.accept("earliest");
        assertThat(rig.server.waiting()).isZero();
    }

    @Test
    void goesOnOverANewConnection() throws Exception {
        RecordingSubscriber subscriber = new RecordingSubscriber(9);
        subscribe(subscriber).send(batch(0)).close();
        rig.accept("1").send(schema("log", 1), batch(1));

        subscriber.expect("subscribed", "batch 0", "batch 1");
    }

    @Test
    void tellsWhereTheAllocatorHasNoMore() throws Exception {
        try (BufferAllocator small = new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(4 << 10);
                SubscriptionRig other = new SubscriptionRig(config -> config.withAllocator(small))) {
            RecordingSubscriber subscriber = new RecordingSubscriber(9);
            other.client.subscribe(ALL, subscriber);
            Peer peer = other.accept("earliest");
            peer.send(schema("log", 0), batch(0), batch(5_000, 1, 0));

            subscriber.expect("subscribed", "batch 0");
            assertThat(subscriber.event())
                    .startsWith("error ClientException: there is no memory for a batch, which is lost: ");
            assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        }
    }

    @Test
    void isOverWithItsBatchesWhenTheClientHasBeenClosed() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (SubscriptionRig other = new SubscriptionRig(config -> config.withLoops(loops))) {
            RecordingSubscriber subscriber = new RecordingSubscriber(1);
            other.client.subscribe(ALL, subscriber);
            other.accept("earliest").send(schema("log", 0), batch(0), batch(1), batch(2));
            subscriber.expect("subscribed", "batch 0");

            other.client.close(); // throws where its allocator has not got everything back

            subscriber.expect("error ClientException: the client has been closed");
            assertThat(subscriber.waiting()).isZero();
        }
        EventLoops.stop(loops);
    }
}
