package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.receipt;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a topic has of a producer already, and what becomes of batches under the same id. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class NumberedAgainTest {
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
    void refusesToOpenWhereNewBatchesWouldBeTakenForOldOnes() throws Exception {
        FutureTask<MessagePublisher> opening = rig.opening(CONFIG);
        rig.accept().send(handshake(3));

        assertThatThrownBy(opening::get)
                .cause()
                .isExactlyInstanceOf(ClientException.class)
                .hasMessage("producer: feed, of which the topic has batches up to number 3 (expected: none from 0 on;"
                        + " resuming() continues after them, repeating() publishes the same ones again)");
    }

    @Test
    void goesOnAfterTheLastOneWhereItResumes() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.resuming(), 41);

        assertThat(publisher.lastSequence()).isEqualTo(41);
        assertThat(publisher.nextSequence()).isEqualTo(42);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));

        rig.peer.expect(sequence(42)).send(row(1, 7));
        assertThat(receipt(stage)).isEqualTo(new Receipt(42, 7));
    }

    @Test
    void beginsWithTheFirstWhereItResumesNothing() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.resuming(), -1);

        assertThat(publisher.lastSequence()).isEqualTo(-1);
        assertThat(publisher.nextSequence()).isZero();
    }

    @Test
    void saysWhichBatchesTheTopicHadWhereItRepeats() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.repeating(), 0);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));

        rig.peer.expect(sequence(0), sequence(1)).send(row(2, 5));

        assertThat(receipt(first)).isEqualTo(new Receipt(0, Receipt.UNKNOWN, true));
        assertThat(receipt(second)).isEqualTo(new Receipt(1, 5, false));
    }

    @Test
    void saysSoAlsoAfterAReconnectAndCallsItsOwnBatchesNew() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.repeating(), 0);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        rig.peer.expect(sequence(0), sequence(1)).reset();

        rig.accept().send(handshake(1));

        assertThat(receipt(first)).isEqualTo(new Receipt(0, Receipt.UNKNOWN, true));
        assertThat(receipt(second)).isEqualTo(new Receipt(1, Receipt.UNKNOWN, false));
    }

    @Test
    void failsWhereSomebodyElseHasPublishedUnderItsIdMeanwhile() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        publisher.publish(batch(1));
        rig.peer.expect(sequence(0)).reset();
        Peer next = rig.accept();
        CompletionStage<Receipt> unsent = publisher.publish(batch(1));

        next.send(handshake(1));

        assertThatThrownBy(() -> receipt(unsent))
                .cause()
                .isExactlyInstanceOf(ClientException.class)
                .hasMessage("producer: feed, of which the topic has batches up to number 1 (expected: up to 0;"
                        + " somebody else publishes under this id)");
    }

    @Test
    void tellsOfANewLogAndPublishesThereWhatWasNotAcknowledged() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG.repeating(), 0);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        rig.peer.expect(sequence(0), sequence(1)).reset();

        rig.accept()
                .send(handshake("other", -1))
                .expect(sequence(0), sequence(1))
                .send(row(2, 1));

        assertThat(receipt(first)).isEqualTo(new Receipt(0, 0, false));
        assertThat(receipt(second)).isEqualTo(new Receipt(1, 1, false));
        assertThat(rig.listener.events())
                .filteredOn(event -> event.contains("log"))
                .containsExactly("publisher of trades has log other");
    }

    @Test
    void failsWhereSomebodyElseHasPublishedUnderItsIdInANewLog() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> stage = publisher.publish(batch(1));
        rig.peer.expect(sequence(0)).reset();

        rig.accept().send(handshake("other", 4));

        assertThatThrownBy(() -> receipt(stage)).cause().hasMessageContaining("up to number 4 (expected: up to -1;");
    }

    @Test
    void failsWhereTheTopicHasForgottenItAndMayHaveWhatIsNotAcknowledged() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        rig.peer.expect(sequence(0)).send(row(1, 0));
        receipt(first);
        CompletionStage<Receipt> second = publisher.publish(batch(1));
        rig.peer.expect(sequence(1)).reset();

        rig.accept().send(handshake(-1));

        assertThatThrownBy(() -> receipt(second))
                .cause()
                .isExactlyInstanceOf(ClientException.class)
                .hasMessage("producer: feed, of which the topic has batches up to number -1 (expected: from 0 on, which"
                        + " has been acknowledged; it has been forgotten, and batch 1 may be in the topic or not)");
    }

    @Test
    void goesOnWhereTheTopicHasForgottenItAndHasAllThatWasSent() throws Exception {
        MessagePublisher publisher = rig.open(CONFIG, -1);
        CompletionStage<Receipt> first = publisher.publish(batch(1));
        rig.peer.expect(sequence(0)).send(row(1, 0));
        receipt(first);
        rig.peer.reset();
        Peer next = rig.accept();
        CompletionStage<Receipt> second = publisher.publish(batch(1));

        next.send(handshake(-1)).expect(sequence(1)).send(row(1, 1));

        assertThat(receipt(second)).isEqualTo(new Receipt(1, 1));
    }
}
