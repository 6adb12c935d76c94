package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.error;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.receipt;
import static io.bowstring.client.PublisherRig.refusal;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.ErrorCode;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a publisher does when its connection is lost, or the server ends it. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublishedAgainTest {
    private PublisherRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void sendsAgainInOrderWhatTheServerDoesNotHave() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        CompletionStage<Receipt> third = publisher.publish(batch(1));
        CompletionStage<Receipt> fourth = publisher.publish(batch(1));
        rig.peer.expect(sequence(0), sequence(1), sequence(2), sequence(3)).send(row(1, 5));
        receipt(first);

        rig.peer.reset();
        Peer next = rig.accept();
        publisher.publish(batch(1));
        next.send(handshake(1));

        assertThat(receipt(second)).isEqualTo(new Receipt(1, Receipt.UNKNOWN));
        next.expect(sequence(2), sequence(3), sequence(4));
        assertThat(third.toCompletableFuture()).isNotDone();
        next.send(row(1, 8), row(2, 9));
        assertThat(receipt(third)).isEqualTo(new Receipt(2, 8));
        assertThat(receipt(fourth)).isEqualTo(new Receipt(3, 9));
        assertThat(rig.listener.events()).hasSize(2);
        assertThat(rig.listener.events().get(0))
                .matches("publisher of trades lost, 1 ms: connection lost before the end of the stream: .*");
        assertThat(rig.listener.events().get(1)).isEqualTo("publisher of trades restored");
    }

    @Test
    void sendsNothingBeforeTheHandshake() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (PublisherRig own = new PublisherRig(config -> config.withLoops(loops))) {
            MessagePublisher publisher = own.open(CONFIG.repeating(), 0);
            own.peer.close();
            Peer next = own.accept();
            publisher.publish(batch(1));
            publisher.publish(batch(1));
            loops.submit(() -> {}).sync(); // the loop has both before it hears what the server has

            next.send(handshake(0));

            next.expect(sequence(1));
        } finally {
            loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void triesAgainUntilTheServerAnswers() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().close();
        rig.accept().reset();
        rig.accept().send(handshake(-1));

        opening.get();
        assertThat(rig.listener.events()).hasSize(3);
        assertThat(rig.listener.events().get(2)).isEqualTo("publisher of trades restored");
    }

    @Test
    void triesAgainWhereTheServerEndsItsAnswerTooEarly() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        FutureTask<Void> finishing = new FutureTask<>(() -> {
            publisher.finish();
            return null;
        });
        Threads.startAndAwaitBlocked(finishing);
        rig.peer.expect(sequence(0), Peer.END).send(IpcEndOfStream.INSTANCE);

        Peer next = rig.accept().send(handshake(-1)).expect(sequence(0), Peer.END);
        assertThat(finishing.isDone()).isFalse();
        next.send(row(1, 0), IpcEndOfStream.INSTANCE);

        finishing.get();
        assertThat(receipt(stage)).isEqualTo(new Receipt(0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHUTTING_DOWN", "LIMIT_REACHED", "STORAGE_FULL"})
    void triesAgainAfterARefusalThatPasses(String code) throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().send(refusal(code), IpcEndOfStream.INSTANCE);
        Peer peer = rig.accept().send(handshake(-1));
        CompletionStage<Receipt> stage = opening.get().publish(batch(1));
        peer.expect(sequence(0)).send(error(code + ": as said"), IpcEndOfStream.INSTANCE);

        rig.accept().send(handshake(-1)).expect(sequence(0)).send(row(1, 3));

        assertThat(receipt(stage)).isEqualTo(new Receipt(0, 3));
        assertThat(rig.listener.events())
                .containsExactly(
                        "publisher of trades lost, 1 ms: " + code + ": as said",
                        "publisher of trades restored",
                        "publisher of trades lost, 1 ms: " + code + ": as said",
                        "publisher of trades restored");
    }

    @Test
    void failsAllThatIsPendingAndComesLaterWithAnyOtherRefusal() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        rig.peer.expect(sequence(0), sequence(1)).send(row(1, 0));
        receipt(first);

        rig.peer.send(new Acknowledgement(1, 0, "TOO_LARGE: body: 3 (expected: 2)").toBatch(ByteBufAllocator.DEFAULT));

        assertThatThrownBy(() -> receipt(second))
                .cause()
                .isInstanceOf(RefusedException.class)
                .hasMessage("TOO_LARGE: body: 3 (expected: 2)")
                .extracting(e -> ((RefusedException) e).code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        rig.peer.expect(Peer.RESET);
        assertThatThrownBy(() -> publisher.publish(batch(1))).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> publisher.tryPublish(batch(1))).isInstanceOf(RefusedException.class);
        assertThatThrownBy(publisher::finish).isInstanceOf(RefusedException.class);
        assertThat(rig.listener.events()).isEmpty();
    }

    @Test
    void acknowledgesWhatTheRowOfAFailureCounts() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        rig.peer.expect(sequence(0), sequence(1));

        rig.peer.send(new Acknowledgement(1, 8, "INTERNAL").toBatch(ByteBufAllocator.DEFAULT));

        assertThat(receipt(first)).isEqualTo(new Receipt(0, 8));
        assertThatThrownBy(() -> receipt(second)).cause().hasMessage("INTERNAL: the server did not say why");
    }

    @ParameterizedTest
    @EnumSource(names = {"TOPIC_SEALED", "STORAGE_FAILED"})
    void failsToOpenWhereItIsRefused(ErrorCode code) throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);

        Peer peer = rig.accept().send(refusal(code.name()), IpcEndOfStream.INSTANCE);

        assertThatThrownBy(opening::get)
                .cause()
                .isInstanceOf(RefusedException.class)
                .hasMessage(code + ": as said")
                .extracting(e -> ((RefusedException) e).code())
                .isEqualTo(code);
        peer.expect(Peer.RESET);
    }

    @Test
    void failsAtOnceWhereTheDiskOfTheTopicFails() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));

        rig.peer.expect(sequence(0)).send(error("STORAGE_FAILED: the disk of trades has failed"));

        assertThatThrownBy(() -> receipt(stage)).cause().hasMessage("STORAGE_FAILED: the disk of trades has failed");
        assertThat(rig.listener.events()).isEmpty();
    }

    @Test
    void failsWhereAnotherProgramHasItsId() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        rig.peer.expect(sequence(0)).send(error("FENCED: by another"));

        assertThatThrownBy(() -> receipt(stage)).cause().hasMessage("FENCED: by another");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void triesOnceMoreWhereItsOwnOlderConnectionMayHaveFencedIt(boolean isRefusedAtOnce) throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().reset();
        fence(rig.accept(), isRefusedAtOnce);
        fence(rig.accept(), isRefusedAtOnce);

        assertThatThrownBy(() -> opening.get().finish())
                .satisfies(e -> assertThat(e.getCause() == null ? e : e.getCause())
                        .isInstanceOf(RefusedException.class)
                        .hasMessageStartingWith("FENCED"));
        assertThat(rig.server.waiting()).isZero();
    }

    private static void fence(Peer peer, boolean isRefusedAtOnce) {
        if (isRefusedAtOnce) {
            peer.send(refusal("FENCED"), IpcEndOfStream.INSTANCE);
        } else {
            peer.send(handshake(-1), error("FENCED: by another"));
        }
    }

    @Test
    void takesAnAnswerForOneEvenWhereItIsARefusal() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().send(refusal("LIMIT_REACHED"), IpcEndOfStream.INSTANCE);
        rig.accept().send(refusal("FENCED"), IpcEndOfStream.INSTANCE);

        assertThatThrownBy(opening::get).cause().hasMessage("FENCED: as said");
    }

    @Test
    void remembersItsOwnOlderConnectionBeyondARefusalThatPasses() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().reset();
        rig.accept().send(refusal("LIMIT_REACHED"), IpcEndOfStream.INSTANCE);
        rig.accept().send(refusal("FENCED"), IpcEndOfStream.INSTANCE);
        rig.accept().send(handshake(-1));

        assertThat(opening.get().nextSequence()).isZero();
    }

    @Test
    void failsWithTheLossWhereItIsNotToReconnect() throws Exception {
        try (PublisherRig once = new PublisherRig(config -> config.withReconnect(ReconnectConfig.NEVER))) {
            MessagePublisher publisher = once.open(CONFIG, -1);
            CompletionStage<Receipt> stage = publisher.publish(batch(1));
            once.peer.expect(sequence(0)).close();

            assertThatThrownBy(() -> receipt(stage))
                    .cause()
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessage("connection lost before the end of the stream: the server closed it");
            assertThatThrownBy(() -> publisher.publish(batch(1))).isInstanceOf(ConnectionLostException.class);
            assertThat(once.listener.events()).isEmpty();
        }
    }

    @Test
    void saysWhenThereIsNobodyToConnectToAgain() throws Exception {
        ReconnectConfig brief = new ReconnectConfig(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(20));
        try (PublisherRig gone = new PublisherRig(config -> config.withReconnect(brief))) {
            MessagePublisher publisher = gone.open(CONFIG, -1);
            CompletionStage<Receipt> stage = publisher.publish(batch(1));
            gone.server.stopListening();
            gone.peer.close();

            assertThatThrownBy(() -> receipt(stage))
                    .cause()
                    .isExactlyInstanceOf(ClientException.class)
                    .hasMessage("cannot connect to " + gone.server.address() + ": connection refused");
        }
    }
}
