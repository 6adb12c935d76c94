package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.asked;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.next;
import static io.bowstring.client.SubscriptionRig.refusal;
import static io.bowstring.client.SubscriptionRig.request;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a subscription asks for when its connection is lost, or its stream ends. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class ResumedSubscriptionTest {
    private static final SubscribeRequest DROPPING = request(EndPosition.LIVE, LagPolicy.DROP);

    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private Peer acceptDropping(String from) throws InterruptedException {
        return rig.server.accept().expect(asked(from).replace("disconnect", "drop"), Peer.END);
    }

    @Test
    void asksForWhatIsWanted() throws Exception {
        SubscribeRequest request = SubscribeRequest.of("trades")
                .from(StartPosition.last(5))
                .until(EndPosition.before(9))
                .onLag(LagPolicy.BLOCK)
                .columns("n", "m");
        try (Subscription subscription = rig.client.subscribe(request)) {
            String first = "[] {bowstring.subscribe=trades, bowstring.from=-5, bowstring.until=9,"
                    + " bowstring.on-lag=block, bowstring.columns=n,m}";
            Peer peer = rig.server.accept().expect(first, Peer.END);
            peer.send(schema("log", 3), batch(3));
            assertThat(next(subscription)).isEqualTo("batch 3");
            peer.reset();

            rig.server.accept().expect(first.replace("-5", "4"), Peer.END);
        }
    }

    @Test
    void asksForWhatComesNextUnlessItIsToldOtherwise() throws Exception {
        try (Subscription subscription = rig.client.subscribe("trades")) {
            rig.accept("latest").send(schema("log", 8));

            assertThat(subscription.schema().getFields()).isEqualTo(Numbers.SCHEMA.getFields());
        }
    }

    @Test
    void asksAgainForTheSameWhileNothingHasCome() throws Exception {
        try (Subscription subscription = rig.client.subscribe("trades")) {
            rig.accept("latest").reset();
            rig.accept("latest").close();
            rig.accept("latest").send(schema("log", 8)).close();
            rig.accept("8").send(schema("log", 8), batch(8));

            assertThat(next(subscription)).isEqualTo("batch 8");
        }
    }

    @Test
    void goesOnBehindTheLastBatchWithoutTellingAnybodyButTheListener() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            IpcRecordBatch torn = batch(2);
            rig.accept("earliest")
                    .send(schema("log", 0), batch(0), batch(1))
                    .send(torn.frame().writerIndex(torn.frame().writerIndex() - 1))
                    .close();
            rig.accept("2").send(schema("log", 2), batch(2)).close();
            rig.accept("3").send(schema("log", 3), batch(3));

            for (int i = 0; i < 4; i++) {
                assertThat(next(subscription)).isEqualTo("batch " + i);
            }
        }
        assertThat(rig.listener.events()).hasSize(4);
        assertThat(rig.listener.events().get(0))
                .isEqualTo("subscription to trades lost, 1 ms: connection lost before the end of the stream:"
                        + " it was closed inside a message");
        assertThat(rig.listener.events().get(1)).isEqualTo("subscription to trades restored");
    }

    @Test
    void takesALiveStreamThatEndsTwiceForASealedOne() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);
            peer.expect(asked("1"), Peer.END).send(schema("log", 1), batch(1), IpcEndOfStream.INSTANCE);
            peer.expect(asked("2"), Peer.END).send(schema("log", 2), IpcEndOfStream.INSTANCE);

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 1");
            assertThat(next(subscription)).isEqualTo("end");
            assertThat(next(subscription)).isEqualTo("end");
            peer.expect(Peer.CLOSED);
        }
        assertThat(rig.listener.events()).isEmpty();
    }

    @Test
    void goesOnWhereAServerThatStopsEndsItsStreams() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);
            peer.expect(asked("1"), Peer.END).close();
            rig.accept("1").send(refusal("SHUTTING_DOWN"), IpcEndOfStream.INSTANCE);
            rig.accept("1").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);
            Peer restarted = rig.accept("earliest").send(schema("other", 0), IpcEndOfStream.INSTANCE);
            restarted.expect(asked("0"), Peer.END).send(schema("other", 0), batch(0));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 0");
        }
        assertThat(rig.listener.events())
                .startsWith("subscription to trades lost, 1 ms: the server has stopped")
                .filteredOn(event -> event.contains("log"))
                .hasSize(1);
    }

    @Test
    void saysThatTheServerHasStoppedWhereItRefusesTheNextRequestBeforeItCloses() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);
            peer.expect(asked("1"), Peer.END).send(refusal("SHUTTING_DOWN"), IpcEndOfStream.INSTANCE);
            rig.accept("1").send(schema("log", 1), batch(1));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 1");
        }
        assertThat(rig.listener.events()).startsWith("subscription to trades lost, 1 ms: the server has stopped");
    }

    @ParameterizedTest
    @ValueSource(strings = {"end", "5"})
    void endsAtOnceWhereItIsToEnd(String until) throws Exception {
        try (Subscription subscription =
                rig.client.subscribe(request(EndPosition.parse(until), LagPolicy.DISCONNECT))) {
            Peer peer = rig.server.accept();
            assertThat(peer.received()).contains("bowstring.until=" + until);
            peer.expect(Peer.END).send(schema("log", 0), batch(0), IpcEndOfStream.INSTANCE);

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("end");
            peer.expect(Peer.CLOSED);
        }
    }

    @Test
    void goesOnFromTheEarliestBatchOfAnotherLog() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 0), batch(0)).close();
            rig.accept("1").send(schema("other", 1), batch(1));
            rig.accept("earliest").send(schema("other", 0), batch(0)).close();
            rig.accept("1").send(schema("other", 1), batch(1));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 1");
        }
        assertThat(rig.listener.events())
                .filteredOn(event -> event.contains("log"))
                .containsExactly("subscription to trades has log other");
    }

    @Test
    void goesOnFromTheEarliestBatchOfALogThatIsShorter() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 5), batch(5)).close();
            rig.accept("6").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);
            rig.accept("earliest").send(schema("other", 0), batch(0));

            assertThat(next(subscription)).isEqualTo("batch 5");
            assertThat(next(subscription)).isEqualTo("batch 0");
        }
        assertThat(rig.listener.events())
                .filteredOn(event -> event.contains("log"))
                .containsExactly("subscription to trades has log other");
    }

    @Test
    void doesNotAskForEver() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 5), batch(5)).close();
            rig.accept("6").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);
            rig.accept("earliest").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);

            assertThat(next(subscription)).isEqualTo("batch 5");
            assertThatThrownBy(subscription::next).hasMessage("BAD_REQUEST: as said");
        }
    }

    @Test
    void failsWhereAnotherLogHasNothingToDoWithWhereItIsToEnd() throws Exception {
        EndPosition until = EndPosition.before(9);
        try (Subscription subscription = rig.client.subscribe(request(until, LagPolicy.DISCONNECT))) {
            String asked = asked("earliest").replace("bowstring.on-lag", "bowstring.until=9, bowstring.on-lag");
            rig.server
                    .accept()
                    .expect(asked, Peer.END)
                    .send(schema("log", 0), batch(0))
                    .close();
            rig.server.accept().send(schema("other", 1), batch(1));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThatThrownBy(subscription::next)
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessage("the topic has begun again before the subscription came to 9");
        }
    }

    @Test
    void saysHowManyBatchesAreGoneWhereItMayNotMissThem() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 0), batch(0)).close();
            rig.accept("1").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            rig.accept("earliest").send(schema("log", 42), batch(42));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThatThrownBy(subscription::next)
                    .isInstanceOfSatisfying(LaggedException.class, lagged -> {
                        assertThat(lagged.code()).isEqualTo(ErrorCode.LAGGED);
                        assertThat(lagged.lostBatches()).isEqualTo(41);
                        assertThat(lagged.firstOffset()).isEqualTo(42);
                    })
                    .hasMessage("LAGGED: offset: 1 (expected: at least 42, what topic trades retains);"
                            + " 41 batches are lost");
        }
    }

    @Test
    void goesOnInAnotherLogWhereWhatComesNextIsGoneFromIt() throws Exception {
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 0), batch(0)).close();
            rig.accept("1").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            rig.accept("earliest").send(schema("other", 42), batch(42));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 42");
        }
    }

    @Test
    void countsWhatIsGoneWhereItMayMissBatches() throws Exception {
        try (Subscription subscription = rig.client.subscribe(DROPPING)) {
            acceptDropping("earliest").send(schema("log", 0), batch(0)).close();
            acceptDropping("1").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            acceptDropping("earliest").send(schema("log", 4), batch(1, 5, 1), batch(6));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 5 gap 4");
            assertThat(next(subscription)).isEqualTo("batch 6");
        }
    }

    @Test
    void countsWhatIsGoneAlsoWhereTheConnectionIsLostBeforeTheNextBatch() throws Exception {
        try (Subscription subscription = rig.client.subscribe(DROPPING)) {
            acceptDropping("earliest").send(schema("log", 0), batch(0)).close();
            acceptDropping("1").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            acceptDropping("earliest").send(schema("log", 4)).close();
            acceptDropping("4").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            acceptDropping("earliest").send(schema("log", 6)).close();
            acceptDropping("6").send(schema("log", 6), batch(6));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 6 gap 5");
        }
    }

    @Test
    void countsNothingOfALogThatIsGone() throws Exception {
        try (Subscription subscription = rig.client.subscribe(DROPPING)) {
            acceptDropping("earliest").send(schema("log", 0), batch(0)).close();
            acceptDropping("1").send(refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            acceptDropping("earliest").send(schema("log", 4)).close();
            acceptDropping("4").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);
            acceptDropping("earliest").send(schema("other", 7), batch(7));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(next(subscription)).isEqualTo("batch 7");
        }
    }

    @Test
    void failsWhereTheFieldsAreOthers() throws Exception {
        IpcSchema other = SubscriptionRig.marked(
                IpcSchema.of(List.of(IpcField.of("n", false, IpcType.INT32)), Map.of(), ByteBufAllocator.DEFAULT),
                "other",
                0);
        try (Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest").send(schema("log", 0), batch(0)).close();
            rig.accept("1").send(refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);
            rig.accept("earliest").send(other);

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThatThrownBy(subscription::next)
                    .isExactlyInstanceOf(ClientException.class)
                    .hasMessageStartingWith("the server's answer is not understood: field n: ");
        }
    }
}
