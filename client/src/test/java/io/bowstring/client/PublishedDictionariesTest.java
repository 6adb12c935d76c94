package io.bowstring.client;

import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.PlainBatch;
import io.bowstring.protocol.BatchSequence;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dictionaries stand in front of the batches that need them, on every connection. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublishedDictionariesTest {
    private static final IpcField FIELD =
            new IpcField("s", false, IpcType.UTF8, new IpcDictionaryEncoding(7, IpcType.INT32, false), List.of());

    private PublisherRig rig;
    private MessageStream stream;
    private MessagePublisher publisher;
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
        stream = new MessageStream(List.of(FIELD));
        FutureTask<MessagePublisher> opening =
                Threads.run(() -> rig.client.messagePublisher(PublisherRig.CONFIG, stream.schema(Map.of())));
        peer = rig.server.accept();
        peer.received();
        peer.send(handshake(-1));
        publisher = opening.get();
    }

    @AfterEach
    void stop() {
        rig.close();
        stream.close();
    }

    private static IpcRecordBatch batch() {
        ByteBuf indices = Unpooled.buffer(4).writeZero(4);
        return PlainBatch.of(
                1,
                List.of(new PlainBatch.Node(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, indices),
                ByteBufAllocator.DEFAULT);
    }

    private Peer reconnect(long lastSequence) throws Exception {
        peer.close();
        Peer next = rig.server.accept();
        next.received();
        return next.send(handshake(lastSequence));
    }

    @Test
    void goWithTheNextBatch() throws Exception {
        publisher.publish(stream.dictionary(7, false, "a"));
        publisher.publish(batch());
        publisher.publish(batch());
        publisher.publish(stream.dictionary(7, true, "b"));
        publisher.publish(stream.dictionary(7, false, "c"));
        publisher.publish(batch());

        peer.expect("7=a", sequence(0), sequence(1), "7+b", "7=c", sequence(2));
    }

    @Test
    void areSentAgainWithTheBatchesThatAreNotAcknowledged() throws Exception {
        publisher.publish(stream.dictionary(7, false, "a"));
        publisher.publish(batch());
        publisher.publish(stream.dictionary(7, true, "b"));
        publisher.publish(batch());
        peer.expect("7=a", sequence(0), "7+b", sequence(1));

        reconnect(-1).expect("7=a", sequence(0), "7+b", sequence(1));
    }

    @Test
    void inForceComeFirstOnANewConnection() throws Exception {
        publisher.publish(stream.dictionary(7, false, "a"));
        CompletionStage<Receipt> first = publisher.publish(batch());
        publisher.publish(stream.dictionary(7, true, "b"));
        publisher.publish(batch());
        publisher.publish(stream.dictionary(7, true, "c"));
        publisher.publish(batch());
        peer.expect("7=a", sequence(0), "7+b", sequence(1), "7+c", sequence(2)).send(row(1, 0));
        first.toCompletableFuture().get();

        reconnect(1).expect("7=a", "7+b", "7+c", sequence(2));
    }

    @Test
    void inForceComeBeforeWhatACallbackPublishesWithinTheHandshake() throws Exception {
        publisher.publish(stream.dictionary(7, false, "a"));
        CompletionStage<Receipt> first = publisher.publish(batch());
        first.thenRun(() -> publisher.tryPublish(batch()));
        publisher.publish(batch());
        peer.expect("7=a", sequence(0), sequence(1));

        reconnect(0).expect("7=a", sequence(1), sequence(2));
    }

    @Test
    void thatNoBatchFollowsAreNotSent() throws Exception {
        IpcDictionaryBatch dictionary = stream.dictionary(7, false, "a").retain();
        publisher.publish(dictionary);
        FutureTask<Void> finishing = Threads.run(() -> {
            publisher.finish();
            return null;
        });
        peer.expect(Peer.END).send(IpcEndOfStream.INSTANCE);
        finishing.get();

        assertThatThrownBy(() -> publisher.publish(stream.dictionary(7, false, "b")))
                .hasMessage("the publisher has been finished");
        publisher.close();

        assertThat(dictionary.release()).isTrue();
        assertThatThrownBy(() -> publisher.publish(stream.dictionary(7, false, "c")))
                .hasMessage("the publisher has been closed");
    }

    @Test
    void countTowardsWhatIsInFlight() throws Exception {
        FutureTask<MessagePublisher> opening = Threads.run(() -> rig.client.messagePublisher(
                PublisherRig.CONFIG.withMaxInFlightBytes(batch(0).frameBytes() + 1), stream.schema(Map.of())));
        Peer other = rig.server.accept();
        other.received();
        other.send(handshake(-1));
        try (MessagePublisher bounded = opening.get()) {
            bounded.publish(stream.dictionary(7, false, "a"));
            bounded.publish(batch());

            IpcRecordBatch waiting = batch();
            assertThat(bounded.tryPublish(waiting)).isNull();
            waiting.release();
            other.expect("7=a", sequence(0)).send(row(1, 0));
        }
    }

    /** Returns a batch with its number, and lets go of it at once. */
    private static IpcRecordBatch batch(long sequence) {
        IpcRecordBatch numbered = batch().edited(new BatchSequence(sequence).toEdit(), ByteBufAllocator.DEFAULT);
        numbered.release();
        return numbered;
    }
}
