package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.refusal;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.next;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.bowstring.protocol.TopicTotals;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A server that takes connections and says nothing, or nothing any more. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class SilentServerTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String LIST = "[] {bowstring.list=}";
    private static final String LIST_ONE = "[] {bowstring.list=trades}";

    private static Function<ClientConfig, ClientConfig> once(TimeoutConfig times) {
        return config -> config.withReconnect(ReconnectConfig.NEVER).withTimeouts(times);
    }

    private static void answerListing(ScriptedServer server, String... topics) throws InterruptedException {
        answer(server, LIST, topics);
    }

    private static void answer(ScriptedServer server, String request, String... topics) throws InterruptedException {
        List<TopicStatus> rows = Stream.of(topics)
                .map(name -> new TopicStatus(new TopicName(name), "", 0, 0, 0, 0, 0, 0, 0, false, TopicTotals.NONE))
                .toList();
        Peer peer = server.accept().expect(request, Peer.END);
        peer.send(TopicStatus.toSchema(ByteBufAllocator.DEFAULT));
        peer.send(TopicStatus.toBatch(rows, ByteBufAllocator.DEFAULT), IpcEndOfStream.INSTANCE);
        peer.expect(Peer.CLOSED);
    }

    @Test
    void opensNoPublisher() throws Exception {
        try (PublisherRig rig = new PublisherRig(once(ScriptedServer.PATIENT.withAnswer(SHORT)))) {
            assertThatThrownBy(() -> rig.client.messagePublisher(CONFIG, PublisherRig.schema(Map.of())))
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessage("the server is silent: no answer within 50 ms");
        }
    }

    @Test
    void isTriedAgainButNotForEver() throws Exception {
        ReconnectConfig brief = new ReconnectConfig(Duration.ofMillis(1), Duration.ofMillis(1), SHORT);
        try (PublisherRig rig = new PublisherRig(
                config -> config.withReconnect(brief).withTimeouts(ScriptedServer.PATIENT.withAnswer(SHORT)))) {
            assertThatThrownBy(() -> rig.client.messagePublisher(CONFIG, PublisherRig.schema(Map.of())))
                    .hasMessage("the server is silent: no answer within 50 ms");
            assertThat(rig.listener.events()).isNotEmpty();
        }
    }

    @Test
    void endsAListing() throws Exception {
        try (SubscriptionRig rig = new SubscriptionRig(once(ScriptedServer.PATIENT.withAnswer(SHORT)));
                Subscription listing = rig.client.topics("")) {
            assertThatThrownBy(listing::next).hasMessage("the server is silent: no answer within 50 ms");
        }
    }

    @Test
    void endsAListingAlsoInItsMiddle() throws Exception {
        try (SubscriptionRig rig = new SubscriptionRig(once(ScriptedServer.PATIENT.withAnswer(Duration.ofSeconds(2))));
                Subscription listing = rig.client.topics("")) {
            rig.server.accept().expect(LIST, Peer.END).send(TopicStatus.toSchema(ByteBufAllocator.DEFAULT));

            assertThat(listing.schema().getFields()).isNotEmpty();
            assertThatThrownBy(listing::next).hasMessage("the server is silent: no answer within 2000 ms");
        }
    }

    @Test
    void endsASubscription() throws Exception {
        try (SubscriptionRig rig = new SubscriptionRig(once(ScriptedServer.PATIENT.withAnswer(SHORT)));
                Subscription subscription = rig.client.subscribe(ALL)) {
            assertThatThrownBy(subscription::next)
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessage("the server is silent: it does not answer:"
                            + " the server is silent: no answer within 50 ms");
        }
    }

    @Test
    void isNotOneWhoseTopicHasNoPublisherYet() throws Exception {
        TimeoutConfig times = ScriptedServer.PATIENT.withAnswer(Duration.ofSeconds(20));
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withTimeouts(times));
                Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest");
            answerListing(rig.server, "quotes", "tradse", "x");
            Threads.await(() -> !rig.listener.events().isEmpty());
            peer.send(schema("log", 0), SubscriptionRig.batch(0));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(rig.listener.events()).containsExactly("subscription to trades waits, nearest tradse");
        }
    }

    @Test
    void isNotOneThatRefusesToListTopics() throws Exception {
        TimeoutConfig times = ScriptedServer.PATIENT.withAnswer(Duration.ofSeconds(10));
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withTimeouts(times));
                Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest");
            rig.server.accept().expect(LIST, Peer.END).send(refusal("LIMIT_REACHED"), IpcEndOfStream.INSTANCE);
            peer.send(schema("log", 0), SubscriptionRig.batch(0));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(rig.listener.events()).isEmpty();
        }
    }

    @Test
    void isNotOneThatClosesAConnectionWithoutAWord() throws Exception {
        TimeoutConfig times = ScriptedServer.PATIENT.withAnswer(Duration.ofSeconds(10));
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withTimeouts(times));
                Subscription subscription = rig.client.subscribe(ALL)) {
            Peer peer = rig.accept("earliest");
            rig.server.accept().expect(LIST, Peer.END).close();
            peer.send(schema("log", 0), SubscriptionRig.batch(0));

            assertThat(next(subscription)).isEqualTo("batch 0");
            assertThat(rig.listener.events()).isEmpty();
        }
    }

    @Test
    void endsAPublisherWhoseBatchesItDoesNotAcknowledge() throws Exception {
        try (PublisherRig rig = new PublisherRig(once(ScriptedServer.PATIENT.withPeer(SHORT)))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            rig.server.stopListening();
            CompletionStage<Receipt> stage = publisher.publish(batch(1));

            assertThatThrownBy(() -> stage.toCompletableFuture().get())
                    .cause()
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageStartingWith("the server is silent: it does not answer: cannot connect to ");
        }
    }

    @Test
    void isNotOneThatHoldsAPublisherBack() throws Exception {
        try (PublisherRig rig = new PublisherRig(once(ScriptedServer.PATIENT.withPeer(SHORT)))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CompletionStage<Receipt> stage = publisher.publish(batch(1));
            answer(rig.server, LIST_ONE);
            answer(rig.server, LIST_ONE, "trades");
            rig.peer.send(row(1, 0));

            assertThat(stage.toCompletableFuture().get()).isEqualTo(new Receipt(0, 0));
        }
    }

    @Test
    void endsTheWaitForTheEndOfAStream() throws Exception {
        try (PublisherRig rig = new PublisherRig(once(ScriptedServer.PATIENT.withFinish(SHORT)))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            publisher.publish(batch(1));

            assertThatThrownBy(publisher::finish)
                    .isInstanceOf(ClientException.class)
                    .hasMessage("not all batches were acknowledged: there was no acknowledgement for 50 ms");
        }
    }

    @Test
    void isWaitedForOnceWhereAClientWithManyPublishersIsClosed() throws Exception {
        TimeoutConfig times = ScriptedServer.PATIENT.withClose(Duration.ofSeconds(2));
        try (PublisherRig rig = new PublisherRig(once(times))) {
            List<CompletionStage<Receipt>> stages = new ArrayList<>();
            for (int i = 0; i < 60; i++) { // one after another they would take two minutes
                stages.add(rig.open(CONFIG, -1).publish(batch(1)));
            }

            assertThatThrownBy(rig.client::close)
                    .isInstanceOf(ClientException.class)
                    .hasMessage("not all batches are known to be in the topic:"
                            + " not all batches were acknowledged in time");

            assertThat(stages).allMatch(stage -> stage.toCompletableFuture().isCompletedExceptionally());
        }
    }

    @Test
    void isNotWaitedForWhereItHasAcknowledgedMeanwhile() throws Exception {
        try (PublisherRig rig = new PublisherRig(once(ScriptedServer.PATIENT))) {
            MessagePublisher first = rig.open(CONFIG, -1);
            Peer firstPeer = rig.peer;
            MessagePublisher second = rig.open(CONFIG, -1);
            first.publish(batch(1));
            second.publish(batch(1));
            String sent = "1 rows {bowstring.sequence=0}";
            firstPeer.expect(sent).send(row(1, 0));
            rig.peer.expect(sent).send(row(1, 1));

            rig.client.close();

            assertThatThrownBy(() -> first.publish(batch(1))).hasMessage("the publisher has been closed");
        }
    }
}
