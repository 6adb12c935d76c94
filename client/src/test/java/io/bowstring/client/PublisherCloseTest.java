package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.error;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublisherCloseTest {
    private PublisherRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static FutureTask<Void> blocked(AutoCloseable publisher) {
        FutureTask<Void> closing = new FutureTask<>(() -> {
            publisher.close();
            return null;
        });
        Threads.startAndAwaitBlocked(closing);
        return closing;
    }

    @Test
    void waitsForAcknowledgementsAndDoesNotEndTheStream() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        FutureTask<Void> closing = blocked(publisher);
        rig.peer.expect("1 rows {bowstring.sequence=0}").send(row(1, 0));

        closing.get();

        assertThat(stage.toCompletableFuture()).isCompletedWithValue(new Receipt(0, 0));
        rig.peer.expect(Peer.RESET);
        publisher.close();
    }

    @Test
    void waitsForAcknowledgementsOverANewConnection() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        publisher.publish(batch(1));
        FutureTask<Void> closing = blocked(publisher);
        rig.peer.expect("1 rows {bowstring.sequence=0}").reset();

        rig.accept().send(handshake(0));

        closing.get();
    }

    @Test
    void endsAtOnceWhereNothingIsPublished() throws Exception {
        rig.open(CONFIG, -1).close();

        rig.peer.expect(Peer.RESET);
    }

    @Test
    void letsNobodyPublishAnyMore() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        publisher.close();

        String closed = "the publisher has been closed";
        assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage(closed);
        assertThatThrownBy(() -> publisher.tryPublish(batch(1))).hasMessage(closed);
        assertThatThrownBy(publisher::finish).hasMessage(closed);
    }

    @Test
    void letsNobodyPublishWhileItWaits() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        publisher.publish(batch(1));
        FutureTask<Void> closing = blocked(publisher);

        assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage("the publisher has been closed");

        rig.peer.expect("1 rows {bowstring.sequence=0}").send(row(1, 0));
        closing.get();
        rig.peer.expect(Peer.RESET);
    }

    @Test
    void saysThatNotAllIsAcknowledged() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        FutureTask<Void> closing = blocked(publisher);

        rig.peer.send(error("INTERNAL: a fault"));

        assertThatThrownBy(closing::get)
                .cause()
                .isExactlyInstanceOf(ClientException.class)
                .hasMessage("not all batches are known to be in the topic: INTERNAL: a fault");
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        publisher.close();
    }

    @Test
    void saysNothingOfAFailureByWhichNothingIsLost() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        rig.peer.send(error("INTERNAL: a fault"));
        rig.peer.expect(Peer.RESET);

        publisher.close();
    }

    @Test
    void neverSuppressesWhatPublishHasThrown() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        rig.peer.expect("1 rows {bowstring.sequence=0}").send(error("INTERNAL: a fault"));
        stage.toCompletableFuture().exceptionally(e -> null).get();

        assertThatThrownBy(() -> {
                    try (publisher) {
                        publisher.publish(batch(1));
                    }
                })
                .isInstanceOf(RefusedException.class)
                .satisfies(
                        e -> assertThat(e.getSuppressed()).singleElement().isExactlyInstanceOf(ClientException.class));
    }

    @Test
    void endsItsWaitWhereTheThreadIsInterrupted() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        Thread.currentThread().interrupt();

        assertThatThrownBy(publisher::close)
                .isInstanceOf(ClientException.class)
                .hasMessage("interrupted while batches were not acknowledged");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally(); // and all is released
        rig.peer.expect("1 rows {bowstring.sequence=0}", Peer.RESET);
    }

    @Test
    void endsAnOpeningOfTheClient() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        Peer peer = rig.accept();

        rig.client.close();

        assertThatThrownBy(opening::get).cause().hasMessage("the publisher has been closed");
        peer.expect(Peer.RESET);
    }

    @Test
    void endsAnOpeningThatIsInterrupted() throws Exception {
        FutureTask<MessagePublisher> opening =
                new FutureTask<>(() -> rig.client.messagePublisher(CONFIG, PublisherRig.schema(Map.of())));
        Thread thread = Threads.startAndAwaitBlocked(opening);
        Peer peer = rig.accept();

        thread.interrupt();

        assertThatThrownBy(opening::get).hasCauseInstanceOf(InterruptedException.class);
        peer.expect(Peer.RESET);
    }

    @Test
    void endsACallThatWaitsForRoom() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.withMaxInFlightBytes(1), -1);
        publisher.publish(batch(1));
        FutureTask<Object> publishing = new FutureTask<>(() -> publisher.publish(batch(1)));
        Threads.startAndAwaitBlocked(publishing);

        Threads.interrupted(publisher::close);

        assertThatThrownBy(publishing::get).cause().hasMessage("the publisher has been closed");
    }

    @Test
    void mayBeFinishedOnceMoreWhereTheWaitWasInterrupted() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(publisher::finish).isInstanceOf(InterruptedException.class);
        rig.peer.expect(Peer.END).send(IpcEndOfStream.INSTANCE);
        rig.peer.expect(Peer.CLOSED);

        assertThatThrownBy(() -> {
                    publisher.finish(); // which waits where the client has not got as far as its server
                    publisher.finish();
                })
                .hasMessage("the publisher has been finished");
        publisher.close();
    }
}
