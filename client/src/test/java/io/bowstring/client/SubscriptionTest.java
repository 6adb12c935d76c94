package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.asked;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.next;
import static io.bowstring.client.SubscriptionRig.refusal;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a thread gets that waits for batches. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class SubscriptionTest {
    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void namesABatchThatIsNeverClosed() throws Exception {
        SubscriptionRig forgetful = new SubscriptionRig();
        Subscription subscription = forgetful.client.subscribe(ALL);
        forgetful.accept("earliest").send(schema("log", 7), batch(7), batch(8), batch(9));
        subscription.next(Duration.ofMinutes(1)).close();
        ReceivedBatch eight = subscription.next(Duration.ofMinutes(1));
        ReceivedBatch nine = subscription.next(Duration.ofMinutes(1));

        assertThatThrownBy(forgetful.client::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("received batches that are not closed: 2, one of topic trades at offset 8"
                        + " (expected: each is closed before its client)");

        eight.close();
        nine.close();
        forgetful.close(); // now it can be
    }

    @Test
    void throwsARefusalEachTime() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest").send(refusal("FORBIDDEN"), IpcEndOfStream.INSTANCE);

            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(subscription::next)
                        .isInstanceOf(RefusedException.class)
                        .hasMessage("FORBIDDEN: as said");
            }
            assertThatThrownBy(subscription::schema).isInstanceOf(RefusedException.class);
            peer.expect(Peer.RESET);
        }
        assertThat(rig.listener.events()).isEmpty();
    }

    @Test
    void endsWithTheFirstConnectionWhereItIsNotToReconnect() throws Exception {
        try (SubscriptionRig once = new SubscriptionRig(config -> config.withReconnect(ReconnectConfig.NEVER));
                Subscription lost = once.client.subscribe(ALL);
                Subscription ended = once.client.subscribe(ALL)) {
            Peer one = once.accept("earliest");
            Peer two = once.accept("earliest");
            one.send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE).close();
            two.send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE).close();
            assertThat(next(ended)).isEqualTo("batch 0");
            assertThat(next(ended)).isEqualTo("end");
            assertThat(next(lost)).isEqualTo("batch 0");
            assertThat(next(lost)).isEqualTo("end");
        }
        try (SubscriptionRig once = new SubscriptionRig(config -> config.withReconnect(ReconnectConfig.NEVER));
                Subscription lost = once.client.subscribe(ALL)) {
            once.accept("earliest").send(schema("log", 0), batch(0)).close();
            assertThat(next(lost)).isEqualTo("batch 0");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(lost::next)
                        .isInstanceOf(ConnectionLostException.class)
                        .hasMessage("connection lost before the end of the stream: the server closed it");
            }
            assertThat(once.listener.events()).isEmpty();
        }
    }

    @Test
    void waitsNoLongerThanItIsTold() throws Exception {
        try (Subscription subscription =
                rig.client.subscribe(SubscriptionRig.request(EndPosition.END, LagPolicy.DISCONNECT))) {
            assertThat(subscription.next(Duration.ofMillis(1))).isNull();
            assertThat(subscription.hasEnded()).isFalse();
            rig.server.accept().send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);

            try (ReceivedBatch batch = subscription.next(Duration.ofHours(1))) {
                assertThat(batch.offset()).isZero();
            }
            assertThat(subscription.next(Duration.ofHours(1))).isNull();
            assertThat(subscription.hasEnded()).isTrue();
        }
    }

    @Test
    void doesNotBlockWhereItHasNoTime() throws Exception {
        try (WatchedLoop loop = new WatchedLoop(channel -> {});
                SubscriptionRig onLoop = new SubscriptionRig(config -> config.withLoops(loop));
                Subscription subscription = onLoop.client.subscribe(ALL)) {
            assertThat(loop.submit(() -> subscription.next(Duration.ZERO)).get())
                    .isNull();
            for (long seconds : new long[] {-1, Long.MIN_VALUE}) {
                assertThat(loop.submit(() -> subscription.next(Duration.ofSeconds(seconds)))
                                .get())
                        .isNull();
            }
            assertThatThrownBy(loop.submit(() -> subscription.next(Duration.ofMillis(1)))::get)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void throwsWhatItDoesNotUnderstand() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest")
                    .send(schema("log", 0))
                    .send(PublisherRig.batch(1)
                            .edited(
                                    new IpcMetadataEdit("", Map.of("bowstring.offset", "first")),
                                    ByteBufAllocator.DEFAULT));

            assertThatThrownBy(subscription::next)
                    .isExactlyInstanceOf(ClientException.class)
                    .hasMessage(
                            "the server's answer is not understood:" + " bowstring.offset: first (expected: a number)");
        }
    }

    @Test
    void namesTheSettingWhereABatchIsAboveItsLimits() throws Exception {
        IpcLimits limits = IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(64).build();
        try (SubscriptionRig small = new SubscriptionRig(config -> config.withLimits(limits));
                Subscription subscription = small.client.subscribe(ALL)) {
            small.accept("earliest").send(schema("log", 0), batch(8, 0, 0), batch(9, 1, 0));
            assertThat(next(subscription)).isEqualTo("batch 0");

            assertThatThrownBy(subscription::next)
                    .isExactlyInstanceOf(ClientException.class)
                    .hasMessage("the server's answer is not understood: bodyLength: 72"
                            + " (expected: <= 64; ClientConfig.limits, maxBodyBytes)");
            assertThat(small.listener.events()).isEmpty(); // to connect again would not help
        }
    }

    @Test
    void iteratesWithBatchesThatWereLookedAheadFor() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest")
                    .send(schema("log", 0), batch(0), batch(1), batch(2), IpcEndOfStream.INSTANCE);
            peer.expect(asked("3"), Peer.END).send(schema("log", 3), IpcEndOfStream.INSTANCE);
            Iterator<ReceivedBatch> batches = subscription.iterator();

            assertThat(batches.hasNext()).isTrue();
            assertThat(batches.hasNext()).isTrue();
            assertThat(next(subscription)).isEqualTo("batch 0");
            try (ReceivedBatch batch = batches.next()) {
                assertThat(batch.offset()).isEqualTo(1);
            }
            assertThat(subscription.iterator().hasNext()).isTrue();
            try (ReceivedBatch batch = batches.next()) {
                assertThat(batch.offset()).isEqualTo(2);
            }
            assertThat(batches.hasNext()).isFalse();
            assertThatThrownBy(batches::next)
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage("the subscription has ended");
        }
    }

    @Test
    void closesABatchThatWasLookedAheadFor() throws Exception {
        Subscription subscription = rig.client.subscribe(ALL);
        rig.accept("earliest").send(schema("log", 0), batch(0));
        Iterator<ReceivedBatch> batches = subscription.iterator();
        assertThat(batches.hasNext()).isTrue();

        subscription.close();
        subscription.close();

        assertThat(rig.client.allocator().getAllocatedMemory()).isZero();
        assertThatThrownBy(batches::hasNext).hasMessage("the subscription has been closed");
        assertThatThrownBy(batches::next).hasMessage("the subscription has been closed");
        assertThatThrownBy(subscription::next).hasMessage("the subscription has been closed");
    }

    @Test
    void saysThatAnIterationWasInterrupted() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(subscription.iterator()::hasNext)
                    .isInstanceOf(ClientException.class)
                    .hasMessage("interrupted while waiting for a batch");
            assertThat(Thread.interrupted()).isTrue();

            Thread.currentThread().interrupt();
            assertThatThrownBy(subscription::next).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void endsACallThatWaitsWhenItIsClosed() throws Exception {
        Subscription subscription = rig.client.subscribe(ALL);
        FutureTask<ReceivedBatch> next = new FutureTask<>(subscription::next);
        Threads.startAndAwaitBlocked(next);
        Peer peer = rig.accept("earliest");

        subscription.close();

        assertThatThrownBy(next::get).cause().hasMessage("the subscription has been closed");
        peer.expect(Peer.CLOSED);
    }

    @Test
    void losesABatchForWhichThereIsNoMemoryAndGoesOn() throws Exception {
        try (BufferAllocator small = new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(4 << 10);
                SubscriptionRig other = new SubscriptionRig(config -> config.withAllocator(small));
                Subscription subscription = other.client.subscribe(ALL)) {
            other.accept("earliest").send(schema("log", 0), batch(0), batch(5_000, 1, 0), batch(2));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThatThrownBy(subscription::next)
                    .isInstanceOf(ClientException.class)
                    .hasMessageStartingWith("there is no memory for a batch, which is lost: ")
                    .hasCauseInstanceOf(OutOfMemoryException.class);
            assertThat(next(subscription)).isEqualTo("batch 2");
            assertThat(other.client.allocator()).isSameAs(small);
        }
    }

    @Test
    void givesMessagesThatPinNoReceivedBuffer() throws Exception {
        try (MessageSubscription subscription = rig.client.messageSubscription(ALL)) {
            rig.accept("earliest").send(schema("log", 0));

            IpcSchema schema = (IpcSchema) subscription.next();

            assertThat(schema.pinnedBytes()).isEqualTo(schema.frameBytes() + 64);
            schema.release();
        }
    }

    @Test
    void asksForTheListOfTopicsUntilItHasBegun() throws Exception {
        try (Subscription topics = rig.client.topics("tr")) {
            String request = "[] {bowstring.list=tr}";
            rig.server.accept().expect(request, Peer.END).close();
            Peer peer = rig.server.accept().expect(request, Peer.END);
            peer.send(PublisherRig.schema(Map.of()), batch(3), IpcEndOfStream.INSTANCE);

            assertThat(next(topics)).isEqualTo("batch 3");
            assertThat(next(topics)).isEqualTo("end");
            peer.expect(Peer.CLOSED);
        }
        assertThat(rig.listener.events()).hasSize(2);
        assertThat(rig.listener.events().get(1)).isEqualTo("list of topics restored");
    }

    @Test
    void failsWhereTheListOfTopicsIsNotWholeOrRefused() throws Exception {
        try (Subscription topics = rig.client.topics("")) {
            rig.server.accept().send(PublisherRig.schema(Map.of())).close();
            rig.server.accept();
            assertThatThrownBy(topics::next).isInstanceOf(ConnectionLostException.class);
        }
        try (Subscription topics = rig.client.topics("")) {
            rig.server.accept().send(refusal("LIMIT_REACHED"), IpcEndOfStream.INSTANCE);
            assertThatThrownBy(topics::next).hasMessage("LIMIT_REACHED: as said");
        }
    }

    @Test
    void asksForADeletionOnce() throws Exception {
        CompletableFuture<Void> deletion = rig.client.deleteTopic("trades");

        rig.server.accept().expect("[] {bowstring.delete=trades}", Peer.END).close();
        rig.server.accept();

        assertThatThrownBy(deletion::get).hasCauseInstanceOf(ConnectionLostException.class);
    }

    @Test
    void endsADeletionWhenTheClientIsClosed() throws Exception {
        CompletableFuture<Void> deletion = rig.client.deleteTopic("trades");
        rig.server.accept().expect("[] {bowstring.delete=trades}", Peer.END);

        rig.client.close();

        assertThatThrownBy(deletion::get).hasMessageContaining("the client has been closed");
    }

    @Test
    void letsGoOfAListWhoseMarksAreWrong() throws Exception {
        try (Subscription topics = rig.client.topics("")) {
            rig.server
                    .accept()
                    .send(PublisherRig.schema(Map.of()))
                    .send(PublisherRig.batch(1)
                            .edited(
                                    new IpcMetadataEdit("", Map.of("bowstring.offset", "first")),
                                    ByteBufAllocator.DEFAULT));

            assertThatThrownBy(topics::next)
                    .hasMessage("the server's answer is not understood: bowstring.offset: first (expected: a number)");
        }
        assertThat(rig.client.allocator().getAllocatedMemory()).isZero();
    }
}
