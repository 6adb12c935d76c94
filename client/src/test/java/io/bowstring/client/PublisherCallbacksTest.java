package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.error;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.SubscribeRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is attached to receipts runs on the event loop, in the middle of what the publisher does there. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublisherCallbacksTest {
    private static final SubscribeRequest ALL = SubscribeRequest.of("trades").fromEarliest();

    private PublisherRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    /** Runs a task when a stage completes; returns what it returns or throws. */
    private static <T> CompletableFuture<T> onCompletion(CompletionStage<Receipt> stage, Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        stage.whenComplete((receipt, failure) -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Test
    void publishFromAReceipt() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        CompletableFuture<CompletionStage<Receipt>> third = onCompletion(first, () -> publisher.publish(batch(1)));
        rig.peer.expect(sequence(0), sequence(1)).send(row(2, 1));

        rig.peer.expect(sequence(2)).send(row(3, 2));

        assertThat(second.toCompletableFuture().get()).isEqualTo(new Receipt(1, 1));
        assertThat(third.get().toCompletableFuture().get()).isEqualTo(new Receipt(2, 2));
    }

    @Test
    void publishFromAReceiptWithinTheHandshake() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        publisher.publish(batch(1));
        publisher.publish(batch(1));
        onCompletion(first, () -> publisher.publish(batch(1)));
        rig.peer.expect(sequence(0), sequence(1), sequence(2)).reset();

        rig.accept().send(handshake(1)).expect(sequence(2), sequence(3));
    }

    @Test
    void hearTheFailureAndCannotPublish() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        CompletableFuture<?> late = onCompletion(first, () -> publisher.publish(batch(1)));
        rig.peer.expect(sequence(0), sequence(1)).send(error("INTERNAL: a fault"));

        assertThatThrownBy(late::get).cause().hasMessage("INTERNAL: a fault");
        assertThatThrownBy(second.toCompletableFuture()::get).cause().hasMessage("INTERNAL: a fault");
    }

    @Test
    void thatThrowDisturbNothing() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        first.thenRun(() -> {
            throw new AssertionError("as wanted");
        });
        rig.peer.expect(sequence(0), sequence(1)).send(row(2, 1));

        assertThat(second.toCompletableFuture().get()).isEqualTo(new Receipt(1, 1));
    }

    @Test
    void cannotBlock() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.withMaxInFlightBytes(1), -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        List<CompletableFuture<?>> refused = List.of(
                onCompletion(
                        first, () -> publisher.publish(batch(1)).thenCombine(publisher.publish(batch(1)), List::of)),
                onCompletion(first, () -> {
                    publisher.finish();
                    return null;
                }),
                onCompletion(first, () -> {
                    publisher.close();
                    return null;
                }),
                onCompletion(first, () -> {
                    rig.client.close();
                    return null;
                }),
                onCompletion(first, () -> rig.client.messagePublisher(CONFIG, PublisherRig.schema(Map.of()))),
                onCompletion(first, () -> rig.client.messageSubscription(ALL).next()));
        rig.peer.expect(sequence(0)).send(row(1, 0));

        for (CompletableFuture<?> each : refused) {
            assertThatThrownBy(each::get)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageMatching("thread: bowstring-client-[0-9-]+, of the client's event loops"
                            + " \\(expected: another, this call blocks\\)");
        }
        rig.peer.expect(sequence(1)).send(row(2, 1));
        publisher.close();
    }

    @Test
    void mayConnectAClientOfAnotherEventLoop() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletableFuture<Client> other =
                onCompletion(first, () -> Client.connect(ClientConfig.of(rig.server.address())));
        rig.peer.expect(sequence(0)).send(row(1, 0));

        other.get().close();
    }

    @Test
    void publishTheEndBehindTheirLastBatch() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        onCompletion(first, () -> publisher.publish(batch(1)));
        rig.peer.expect(sequence(0)).send(row(1, 0)).expect(sequence(1)).send(row(2, 1));
        FutureTask<Void> finishing = Threads.run(() -> {
            publisher.finish();
            return null;
        });
        rig.peer.expect(Peer.END).send(IpcEndOfStream.INSTANCE);

        finishing.get();
    }
}
