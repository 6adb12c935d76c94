package io.bowstring.broker;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions that go on from the log where a window of three batches has no more what they need. */
class DurableReplayTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

    @Test
    void beginsBeforeTheWindow() {
        rig.send(publisher, 6);
        assertThat(rig.topic("t").log().firstOffset()).isEqualTo(3);

        assertThat(rig.list("t").get(0))
                .returns(0L, TopicStatus::firstOffset)
                .returns(6L, TopicStatus::nextOffset)
                .returns(6L, TopicStatus::batches)
                .returns(6L, TopicStatus::rows)
                .returns(storage.log("t").extent().bytes(), TopicStatus::bytes);
        assertThat(topic.batches("earliest", "disconnect"))
                .containsExactly("0 = 0", "1 = 1", "2 = 2", "3 = 3", "4 = 4", "5 = 5");
        assertThat(topic.batches("1", "disconnect")).containsExactly("1 = 1", "2 = 2", "3 = 3", "4 = 4", "5 = 5");
        assertThat(topic.batches("-4", "disconnect")).containsExactly("2 = 2", "3 = 3", "4 = 4", "5 = 5");
        assertThat(topic.batches("-100", "disconnect")).hasSize(6);
        assertThat(topic.batches("3", "disconnect")).containsExactly("3 = 3", "4 = 4", "5 = 5");
    }

    @Test
    void endsBeforeTheWindow() {
        rig.send(publisher, 6);

        FakeSink sink = rig.subscribe("t", "0", "2", "disconnect");
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "flush", "batch 0 = 0", "flush", "batch 1 = 1", "complete");
        assertThat(storage.pieces).isEqualTo(2);
    }

    @Test
    void catchesUpWhateverItsPolicy() {
        for (String onLag : List.of("disconnect", "drop", "block")) {
            FakeSink sink = topic.stalled("latest", onLag);
            publisher.send(1, 2, 3, 4, 5);
            rig.run();
            assertThat(sink.take()).isEmpty();

            sink.grant(100);
            rig.run();

            assertThat(sink.values()).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(sink.positions)
                    .allSatisfy(position -> assertThat(position.gap()).isZero());
            assertThat(sink.isOver()).isFalse();
            sink.cancel();
        }
    }

    @Test
    void goesFromTheLogToMemoryAndBackAgainAndAgain() {
        FakeSink sink = topic.stalled("latest", "disconnect");
        long offset = 1;
        for (int round = 0; round < 4; round++) {
            sink.credit = 0;
            rig.send(publisher, 7);
            sink.grant(3); // from the log
            rig.run();
            sink.grant(100); // from the log and from memory
            rig.run();
            rig.send(publisher, 1); // from memory
            offset += 8;
        }

        assertThat(sink.positions).extracting(position -> position.offset()).hasSize((int) offset);
        for (int i = 0; i < offset; i++) {
            assertThat(sink.positions.get(i).offset()).isEqualTo(i);
        }
        assertThat(storage.openReaders).isZero();
    }

    @Test
    void isFlushedWhenAPieceHasBeenSent() {
        rig.send(publisher, 5);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "earliest");
        rig.run();
        assertThat(sink.take()).containsExactly("start 0", "flush");

        storage.readers.runNext();
        rig.run();
        assertThat(sink.take()).containsExactly("batch 0 = 0", "flush");
    }

    @Test
    void readsOnePieceWhileAnotherIsSentAndNoMore() {
        storage.commitsAtOnce = false;
        for (int i = 0; i < 4; i++) { // pieces of three batches
            publisher.send(i, i, i);
            rig.run();
            storage.log("t").commit();
            rig.run();
        }
        rig.send(publisher, 1);
        storage.log("t").commit();
        long before = rig.broker.usedMemoryBytes();

        FakeSink sink = topic.subscribe("earliest", "live", "disconnect", 0);
        rig.run();
        assertThat(storage.pieces).isOne();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(before);

        sink.hoards = true;
        sink.grant(1);
        rig.run();
        assertThat(storage.pieces).isEqualTo(2);
        sink.grant(0);
        rig.run();
        assertThat(storage.pieces).isEqualTo(2);

        sink.send();
        sink.hoards = false;
        sink.grant(100);
        rig.run();
        assertThat(sink.values()).hasSize(13);
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    @Test
    void takesChunksFromTheLog() {
        storage.commitsAtOnce = false;
        publisher.send(0, 1, 2);
        rig.run();
        storage.log("t").commit();
        rig.run();
        publisher.send(3, 4, 5, 6);
        rig.run();
        storage.log("t").commit();
        rig.run();
        storage.log("t").commit();

        ChunkSink sink = new ChunkSink(rig.sinkLoop);
        rig.subscribe("t", "1", sink);
        rig.run();

        assertThat(sink.chunks).containsExactly("1-2", "3-5", "6-6"); // the last from memory
        sink.cancel();
    }

    @Test
    void takesPartsOfFilesWithoutTheReaders(@TempDir Path directory) throws IOException {
        storage.commitsAtOnce = false;
        publisher.send(0, 1, 2);
        rig.run();
        storage.log("t").commit();
        rig.run();
        rig.send(publisher, 4); // in memory
        storage.log("t").commit();
        storage.pieceBatches = 1;
        try (FileChannel file = FileChannel.open(directory.resolve("file"), CREATE, WRITE)) {
            storage.file = file;

            ChunkSink sink = new ChunkSink(rig.sinkLoop);
            sink.credit = 2;
            rig.subscribe("t", "earliest", sink);
            rig.run();
            assertThat(sink.chunks).containsExactly("0-0", "file 1-1");
            assertThat(storage.pieces).isOne();
            assertThat(storage.openParts).isOne(); // the next one

            storage.holdsReads = true;
            sink.grant(1);
            rig.run();
            assertThat(sink.chunks).containsExactly("0-0", "file 1-1", "file 2-2");

            sink.cancel();
            rig.run();
            assertThat(storage.openParts).isZero();
        }
    }

    /** The window has 3, 4 and 5: what is read next is in the older half of it. */
    @Test
    void readsFromTheLogUntilItIsWellInTheWindow() {
        rig.send(publisher, 6);

        assertThat(topic.batches("2", "disconnect")).containsExactly("2 = 2", "3 = 3", "4 = 4", "5 = 5");
        assertThat(storage.pieces).isEqualTo(3); // 2, 3 and 4
    }

    @Test
    void countsWhatHasBeenReadAndNotTakenForTheSubscription() {
        rig.send(publisher, 12);
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        SubscribeRequest request = new SubscribeRequest(
                new TopicName("t"), StartPosition.parse("0"), EndPosition.LIVE, LagPolicy.DISCONNECT, null);
        TopicSubscription subscription = rig.broker.subscribe(request, sink);
        sink.setSubscription(subscription);
        rig.run(); // the next piece is there

        assertThat(sink.positions).hasSize(1);
        assertThat(subscription.pendingBytes()).isPositive();
        sink.cancel();
        rig.run();
        assertThat(subscription.pendingBytes()).isZero();
    }
}
