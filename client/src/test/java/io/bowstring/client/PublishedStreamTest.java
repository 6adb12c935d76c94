package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.receipt;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.schema;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchSequence;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a publisher sends over one connection, and what it makes of the answers. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublishedStreamTest {
    private PublisherRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private void awaitBatches(int from, int until) throws Exception {
        for (int i = from; i < until; i++) {
            rig.peer.expect("1 rows {bowstring.sequence=" + i + "}");
        }
    }

    @Test
    void asksUnderItsIdAndKeepsTheMetadataOfTheSchema() throws Exception {
        FutureTask<MessagePublisher> opening = Threads.run(() ->
                rig.client.messagePublisher(CONFIG.withSeal(true), schema(Map.of("a", "b", "bowstring.token", "c"))));

        Peer peer = rig.server.accept();

        peer.expect("[n: int64 not null] {a=b, bowstring.publish=trades, bowstring.ack=true, bowstring.seal=true,"
                + " bowstring.producer=feed}");
        peer.send(handshake(-1));
        assertThat(opening.get().nextSequence()).isZero();
    }

    @Test
    void givesPublishersWithoutAnIdDifferentOnes() throws Exception {
        PublisherConfig config = PublisherConfig.of("trades");
        rig.opening(config);
        String one = rig.server.accept().send(handshake(-1)).received();
        rig.opening(config);
        String two = rig.server.accept().send(handshake(-1)).received();

        String rule = "\\[n: int64 not null] \\{bowstring.publish=trades, bowstring.ack=true,"
                + " bowstring.producer=once\\.[0-9a-f-]{36}}";
        assertThat(one).matches(rule).isNotEqualTo(two);
        assertThat(two).matches(rule);
    }

    @Test
    void isOpenWhenTheServerHasAnswered() throws Exception {
        FutureTask<MessagePublisher> opening =
                new FutureTask<>(() -> rig.client.messagePublisher(CONFIG, schema(Map.of())));
        Threads.startAndAwaitBlocked(opening);
        Peer peer = rig.accept();
        assertThat(opening.isDone()).isFalse();

        peer.send(handshake(-1));

        assertThat(opening.get().nextSequence()).isZero();
    }

    @Test
    void numbersBatchesInPlaceOfTheProtocolsEntriesThatTheyHave() throws Exception {
        MessagePublisher publisher =
                rig.open(CONFIG.withProducer(CONFIG.numbering().producer(), 41), -1);
        IpcMetadataEdit entries =
                new IpcMetadataEdit("", Map.of("bowstring.offset", "7", "bowstring.sequence", "9", "mine", "a"));

        publisher.publish(batch(3).edited(entries, ByteBufAllocator.DEFAULT));
        publisher.publish(batch(4));

        rig.peer.expect("3 rows {mine=a, bowstring.sequence=41}", "4 rows {bowstring.sequence=42}");
        assertThat(publisher.nextSequence()).isEqualTo(43);
    }

    @Test
    void completesReceiptsByTheRowsOfTheServer() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        CompletionStage<Receipt> third = publisher.publish(batch(1));
        awaitBatches(0, 3);

        rig.peer.send(row(2, 17));

        assertThat(receipt(first)).isEqualTo(new Receipt(0, Receipt.UNKNOWN)); // others may have appended before 17
        assertThat(receipt(second)).isEqualTo(new Receipt(1, 17));
        rig.peer.send(row(2, 17), row(3, 30));
        assertThat(receipt(third)).isEqualTo(new Receipt(2, 30));
    }

    @Test
    void findsTheOffsetOfEachBatch() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        List<CompletionStage<Receipt>> stages = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            stages.add(publisher.publish(batch(1)));
        }
        awaitBatches(0, 7);

        rig.peer.send(row(2, 1)); // the first of the topic
        rig.peer.send(row(4, 3)); // right after them
        rig.peer.send(row(5, 8), row(7, 10)); // after those of others

        List<Long> offsets = new ArrayList<>();
        for (CompletionStage<Receipt> stage : stages) {
            offsets.add(receipt(stage).offset());
        }
        assertThat(offsets).containsExactly(0L, 1L, 2L, 3L, 8L, 9L, 10L);
    }

    @Test
    void hasNoRoomUntilEnoughIsAcknowledged() throws Exception {
        IpcRecordBatch numbered = batch(1).edited(new BatchSequence(0).toEdit(), ByteBufAllocator.DEFAULT);
        MessagePublisher publisher = rig.open(CONFIG.withMaxInFlightBytes(2L * numbered.frameBytes()), -1);
        numbered.release();
        CompletionStage<Receipt> first = publisher.tryPublish(batch(1));
        assertThat(publisher.tryPublish(batch(1))).isNotNull();
        IpcRecordBatch third = batch(1);
        assertThat(publisher.tryPublish(third)).isNull();
        awaitBatches(0, 2);

        rig.peer.send(row(1, 0));
        receipt(first);

        assertThat(publisher.tryPublish(third)).isNotNull();
        awaitBatches(2, 3);
    }

    /** Publishes a batch that is acknowledged and then one that is not yet; returns the stage of the latter. */
    private CompletionStage<Receipt> publishAfterAReceipt(MessagePublisher publisher) throws Exception {
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        awaitBatches(0, 1);
        rig.peer.send(row(1, 0));
        receipt(first);
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        awaitBatches(1, 2);
        return second;
    }

    @Test
    void failsWhereMoreIsAcknowledgedThanWasSent() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> second = publishAfterAReceipt(publisher);

        rig.peer.send(row(3, 2));

        String message = "batches: 3 (expected: at most 2, which were sent)";
        assertThatThrownBy(() -> receipt(second))
                .cause()
                .isInstanceOf(ClientException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage(message);
        assertThat(rig.server.waiting()).isZero();
    }

    @Test
    void failsWhereLessIsAcknowledgedThanBefore() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> second = publishAfterAReceipt(publisher);

        rig.peer.send(row(0, -1));

        assertThatThrownBy(() -> receipt(second))
                .cause()
                .isInstanceOf(ClientException.class)
                .hasMessage("batches: 0 (expected: at least 1, as in the row before)");
    }

    @Test
    void failsWhereTheAnswerIsNotUnderstood() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        Peer peer = rig.accept();

        peer.send(Unpooled.copiedBuffer("HTTP/1.1", US_ASCII));

        assertThatThrownBy(opening::get)
                .cause()
                .isExactlyInstanceOf(ClientException.class)
                .hasMessageStartingWith("the server's answer is not understood: ")
                .hasMessageContaining("continuation marker");
        peer.expect(Peer.RESET);
    }

    @Test
    void failsWhereTheLastSequenceIsNoNumber() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);

        rig.accept().send(schema(Map.of("bowstring.sequence", "x")));

        assertThatThrownBy(opening::get)
                .cause()
                .hasMessageStartingWith(
                        "the server's answer is not understood: bowstring.sequence: x (expected: a number");
    }

    @Test
    void failsWhereARowIsNone() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        awaitBatches(0, 1);

        rig.peer.send(MessageStream.withoutColumns(1));

        assertThatThrownBy(() -> receipt(stage))
                .cause()
                .hasMessageStartingWith("the server's answer is not understood: ");
    }

    @Test
    void finishesWhenTheServerHasConfirmedTheEnd() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(3));
        FutureTask<Void> finishing = new FutureTask<>(() -> {
            publisher.finish();
            return null;
        });
        Threads.startAndAwaitBlocked(finishing);
        rig.peer.expect("3 rows {bowstring.sequence=0}", Peer.END);

        rig.peer.send(row(1, 0));
        receipt(stage);
        assertThat(finishing.isDone()).isFalse();
        rig.peer.send(IpcEndOfStream.INSTANCE);

        finishing.get();
        rig.peer.expect(Peer.CLOSED);
        String finished = "the publisher has been finished";
        assertThatThrownBy(publisher::finish).hasMessage(finished);
        assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage(finished);
        assertThatThrownBy(() -> publisher.tryPublish(batch(1))).hasMessage(finished);
        publisher.close();
    }

    @Test
    void takesNothingOnceItsEndHasBegun() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        FutureTask<Void> finishing = new FutureTask<>(() -> {
            publisher.finish();
            return null;
        });
        Threads.startAndAwaitBlocked(finishing);
        rig.peer.expect(Peer.END);

        assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage("the publisher has been finished");
        assertThatThrownBy(() -> publisher.tryPublish(batch(1))).hasMessage("the publisher has been finished");

        rig.peer.send(IpcEndOfStream.INSTANCE);
        finishing.get();
        rig.peer.expect(Peer.CLOSED);
    }
}
