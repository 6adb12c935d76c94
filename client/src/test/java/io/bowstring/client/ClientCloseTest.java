package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that is closed with all that it has opened, or while that is used. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class ClientCloseTest {
    private static final String CLOSED = "the client has been closed";

    private SubscriptionRig rig;

    /** The connection of the publisher that was opened last. */
    private Peer publishing;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private MessagePublisher publisher() throws Exception {
        FutureTask<MessagePublisher> opening =
                Threads.run(() -> rig.client.messagePublisher(PublisherRig.CONFIG, PublisherRig.schema(Map.of())));
        publishing = rig.server.accept().expect(PublisherRig.REQUEST);
        publishing.send(PublisherRig.handshake(-1));
        return opening.get();
    }

    /** A thread is still there for a moment when it has ended what it does. */
    private static void awaitThreads(int count) {
        Threads.await(() -> threads() == count);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("bowstring-client"))
                .count();
    }

    @Test
    void refusesCallsAfterwards() {
        rig.client.close();
        rig.client.close();

        assertThatThrownBy(() -> rig.client.subscribe("trades"))
                .isInstanceOf(ClientException.class)
                .hasMessage(CLOSED);
        assertThatThrownBy(() -> rig.client.messageSubscription(ALL)).hasMessage(CLOSED);
        assertThatThrownBy(() -> rig.client.subscribe(ALL, new RecordingSubscriber(0)))
                .hasMessage(CLOSED);
        assertThatThrownBy(() -> rig.client.topics("")).hasMessage(CLOSED);
        assertThatThrownBy(() -> rig.client.publisher("trades", Numbers.SCHEMA)).hasMessage(CLOSED);
        assertThatThrownBy(() -> rig.client.messagePublisher(PublisherRig.CONFIG, PublisherRig.schema(Map.of())))
                .hasMessage(CLOSED);
        assertThat(rig.server.waiting()).isZero();
    }

    @Test
    void leavesNoThreadBehind() throws Exception {
        awaitThreads(1);
        publisher();
        rig.client.subscribe(ALL);

        rig.client.close();

        awaitThreads(0);
    }

    @Test
    void leavesNoThreadBehindWhereItCannotConnect() {
        rig.client.close();
        ClientConfig nobody = ClientConfig.of("bowstring://127.0.0.1:1");

        assertThatThrownBy(() -> Client.connect(nobody))
                .isExactlyInstanceOf(ClientException.class)
                .hasMessage("cannot connect to bowstring://127.0.0.1:1: connection refused");
        assertThatThrownBy(() -> Client.connect("bowstring://no.such.host.invalid"))
                .hasMessage("cannot connect to bowstring://no.such.host.invalid:8816: unknown host");

        awaitThreads(0);
    }

    @Test
    void leavesNothingBehindWhereItsConnectIsInterrupted() throws Exception {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Client.connect(ClientConfig.of(rig.server.address())))
                .isInstanceOf(InterruptedException.class);

        awaitThreads(1);
    }

    @Test
    void closesSubscriptionsThatHaveReadSomething() throws Exception {
        Subscription subscription = rig.client.subscribe(ALL);
        rig.accept("earliest").send(schema("log", 0), batch(0), batch(1));
        assertThat(subscription.iterator().hasNext()).isTrue();

        rig.client.close(); // throws where its allocator has not got everything back

        assertThatThrownBy(subscription::next).hasMessage("the subscription has been closed");
    }

    @Test
    void tellsOfMemoryThatHasNotBeenClosed() {
        rig.client.allocator().newChildAllocator("left open", 8, 8);

        assertThatThrownBy(rig.client::close).isInstanceOf(IllegalStateException.class);

        awaitThreads(0);
        rig.client.close();
    }

    @Test
    void tellsOfAllThatWentWrong() throws Exception {
        publisher().publish(PublisherRig.batch(1));
        publisher().publish(PublisherRig.batch(1));
        rig.client.allocator().newChildAllocator("left open", 8, 8);
        Thread.currentThread().interrupt();

        assertThatThrownBy(rig.client::close)
                .isInstanceOf(IllegalStateException.class)
                .satisfies(e -> {
                    Throwable second = e.getSuppressed()[0];
                    assertThat(second).hasMessage("interrupted while batches were not acknowledged");
                    assertThat(second.getSuppressed()).singleElement().isInstanceOf(ClientException.class);
                });

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closesPublishersBeforeSubscriptions() throws Exception {
        List<Subscription> subscriptions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            subscriptions.add(rig.client.subscribe(ALL));
            rig.accept("earliest").send(schema("log", 0), batch(0));
        }
        publisher().publish(PublisherRig.batch(1));
        FutureTask<Void> closing = new FutureTask<>(rig.client::close, null);
        Threads.startAndAwaitBlocked(closing);

        for (Subscription each : subscriptions) {
            assertThat(SubscriptionRig.next(each)).isEqualTo("batch 0"); // it is still open
        }

        publishing.expect("1 rows {bowstring.sequence=0}").send(PublisherRig.row(1, 0));
        closing.get();
    }
}
