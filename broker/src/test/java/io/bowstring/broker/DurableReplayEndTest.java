package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that are sent batches from the log until a read fails, or they are cancelled. */
class DurableReplayEndTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

    @Test
    void takesFromMemoryWhatTheLogHasLostMeanwhile() {
        rig.send(publisher, 6);
        storage.log("t").lose(3, 4);

        assertThat(topic.batches("2", "disconnect")).containsExactly("2 = 2", "3 = 3", "4 = 4", "5 = 5");
    }

    @Test
    void takesFromMemoryWhatCannotBeRead() {
        rig.send(publisher, 6);
        FakeSink sink = rig.subscribe("t", "2");
        storage.holdsReads = true;
        rig.run();
        storage.readers.runNext(); // batch 2
        rig.run();
        storage.readFault = new ProtocolException(ErrorCode.STORAGE_FAILED, "the disk has failed");
        storage.readers.runNext();
        rig.run();

        assertThat(sink.values()).containsExactly(2L, 3L, 4L, 5L);
        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void cutsNobodyElseWhereAReadFails() {
        rig.send(publisher, 6);
        FakeSink live = rig.subscribe("t", "latest");
        rig.run();
        storage.readFault = new ProtocolException(ErrorCode.STORAGE_FAILED, "the disk has failed");

        FakeSink failing = rig.subscribe("t", "0");
        rig.run();
        FakeSink later = rig.subscribe("t", "0");
        rig.run();
        publisher.send(6);
        rig.run();

        assertThat(failing.lines).containsExactly("start 0", "flush", "cut STORAGE_FAILED");
        assertThat(later.values()).hasSize(7);
        assertThat(live.values()).containsExactly(6L);
        assertThat(rig.list("t").get(0).subscribers()).isEqualTo(2);
    }

    @Test
    void cutsWhereThereIsNoMemoryForARead() {
        rig.send(publisher, 6);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        rig.allocator.setExhausted(true);
        storage.readers.runAll();
        rig.run();
        rig.allocator.setExhausted(false);

        assertThat(sink.lines).last().isEqualTo("cut STORAGE_FULL");
    }

    @Test
    void cutsWhereTheReadersHaveStopped() {
        rig.send(publisher, 6);
        storage.readers.failOnce(() -> {
            throw new RejectedExecutionException();
        });

        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "cut SHUTTING_DOWN");
        assertThat(storage.openReaders).isZero();
    }

    @Test
    void closesTheReaderWhereNothingCanBeHandedToIt() {
        rig.send(publisher, 6);
        storage.readers.failOnce(() -> {
            throw new OutOfMemoryError("exhausted by the test");
        });

        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "cut STORAGE_FULL");
        assertThat(storage.openReaders).isZero();
    }

    @Test
    void closesTheReaderItselfWhereTheReadersHaveStopped() {
        rig.send(publisher, 6);
        FakeSink sink = topic.subscribe("0", "live", "disconnect", 0);
        rig.run();
        storage.readers.failOnce(() -> {
            throw new RejectedExecutionException();
        });
        sink.cancel();
        rig.sinkLoop.runAll();

        assertThat(storage.openReaders).isZero();
    }

    /** Memory for a thread is short when the reader is to be closed: the subscription leaves the topic all the same. */
    @Test
    void closesTheReaderItselfWhereThereIsNoMemoryForAThread() {
        rig.send(publisher, 6);
        FakeSink sink = topic.subscribe("0", "live", "disconnect", 0);
        rig.run();
        storage.readers.failOnce(() -> {
            throw new OutOfMemoryError("exhausted by the test");
        });
        sink.cancel();
        rig.run();

        assertThat(storage.openReaders).isZero();
        assertThat(rig.list("t").get(0).subscribers()).isZero();
    }

    @Test
    void releasesAllWhereItIsCancelledBeforeARead() {
        rig.send(publisher, 6);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();
        long before = rig.broker.usedMemoryBytes();
        sink.cancel();
        rig.run();
        assertThat(storage.openReaders).isOne(); // it may be at work

        storage.holdsReads = false;
        rig.run();

        assertThat(storage.openReaders).isZero();
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
        assertThat(sink.take()).containsExactly("start 0", "flush");
    }

    @Test
    void releasesAllWhereItIsCancelledAfterARead() {
        rig.send(publisher, 6);
        long before = rig.broker.usedMemoryBytes();
        FakeSink sink = topic.subscribe("0", "live", "disconnect", 0);
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(before);

        sink.cancel();
        rig.run();

        assertThat(storage.openReaders).isZero();
        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
    }

    @Test
    void readsNothingForWhoHasGone() {
        rig.send(publisher, 8);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();
        int pieces = storage.pieces;
        sink.cancel();
        rig.run();

        storage.holdsReads = false;
        rig.run();

        assertThat(storage.pieces).isEqualTo(pieces);
    }
}
