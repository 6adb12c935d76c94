package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.protocol.DictionaryConcatenation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dictionaries of many deltas are put together, and who has followed the deltas does not notice. */
class DictionaryRebaseTest {
    private static final List<IpcField> FIELDS = List.of(Messages.encoded("s", 7));
    private static final int MAX_DELTAS = 3;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(
            SmallBrokers.config(1 << 20, 10, 64 << 20, 64 << 20, 10).withMaxDictionaryDeltas(MAX_DELTAS));

    private final FakePublisher publisher = rig.publish("t", FIELDS);
    private final FakePublisher second = rig.publish("t", List.of(Messages.encoded("s", 3)));
    private final FakeSink live = rig.subscribe("t", "latest");

    @Test
    void putsManyDeltasTogetherForLateJoinersAlone() {
        publisher.sendDictionary(7, "x").send(0);
        for (int i = 1; i <= 9; i++) {
            publisher.sendDelta(7, "d" + i).send(i);
        }
        rig.run();

        assertThat(live.take().stream().filter(line -> !line.startsWith("batch")))
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 d1",
                        "delta 7 d2",
                        "delta 7 d3",
                        "delta 7 d4",
                        "delta 7 d5",
                        "delta 7 d6",
                        "delta 7 d7",
                        "delta 7 d8",
                        "delta 7 d9",
                        "flush");
        assertThat(from(3)).startsWith("dictionary 7 x", "delta 7 d1", "delta 7 d2", "delta 7 d3", "batch 3 = 3");
        assertThat(from(4)).startsWith("dictionary 7 x+d1+d2+d3+d4", "batch 4 = 4", "delta 7 d5", "batch 5 = 5");
        assertThat(from(7))
                .startsWith("dictionary 7 x+d1+d2+d3+d4", "delta 7 d5", "delta 7 d6", "delta 7 d7", "batch 7 = 7");
        assertThat(from(8)).startsWith("dictionary 7 x+d1+d2+d3+d4+d5+d6+d7+d8", "batch 8 = 8", "delta 7 d9");
        assertThat(from(3).subList(5, 7)).containsExactly("delta 7 d4", "batch 4 = 4");
    }

    /** Returns what a late joiner gets, but for the start. */
    private List<String> from(long offset) {
        FakeSink sink = rig.subscribe("t", Long.toString(offset));
        rig.run();
        return sink.lines.subList(1, sink.lines.size());
    }

    @Test
    void followsDeltasAcrossWhatHasBeenPutTogetherBetweenTwoBatches() {
        publisher.sendDictionary(7, "x").sendDelta(7, "1").send(0);
        publisher
                .sendDelta(7, "2")
                .sendDelta(7, "3")
                .sendDelta(7, "4")
                .sendDelta(7, "5")
                .send(1);
        publisher.sendDelta(7, "6").send(2);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 1",
                        "batch 0 = 0",
                        "delta 7 2",
                        "delta 7 3",
                        "delta 7 4",
                        "delta 7 5",
                        "batch 1 = 1",
                        "delta 7 6",
                        "batch 2 = 2",
                        "flush");
        assertThat(from(1)).startsWith("dictionary 7 x+1+2+3+4", "delta 7 5", "batch 1 = 1", "delta 7 6");
    }

    @Test
    void sendsWhatHasBeenPutTogetherToWhoMissedTheBatchBetween() {
        FakeSink slow = rig.subscribe("t", "earliest", "live", "drop");
        publisher.sendDictionary(7, "x").send(0);
        rig.run();
        slow.credit = 0;
        publisher
                .sendDelta(7, "1")
                .sendDelta(7, "2")
                .sendDelta(7, "3")
                .sendDelta(7, "4")
                .send(1);
        publisher.sendDelta(7, "5").send(Messages.longBatch(1 << 17, 2, rig.allocator)); // all others leave the window
        rig.run();

        slow.grant(9);
        rig.run();

        assertThat(slow.lines).endsWith("dictionary 7 x+1+2+3+4", "delta 7 5", "batch 2 = 2 gap 1", "flush");
    }

    @Test
    void sharesWhatTwoPublishersHavePutTogether() {
        for (FakePublisher one : List.of(publisher, second)) {
            long id = one == publisher ? 7 : 3;
            one.sendDictionary(id, "x");
            for (int i = 1; i <= 5; i++) {
                one.sendDelta(id, "d" + i);
            }
            one.send(id);
            rig.run();
        }

        assertThat(live.lines).endsWith("delta 7 d5", "batch 0 = 7", "flush", "batch 1 = 3", "flush");
    }

    @Test
    void replacesWhatHasBeenPutTogether() {
        publisher
                .sendDictionary(7, "x")
                .sendDelta(7, "1")
                .sendDelta(7, "2")
                .sendDelta(7, "3")
                .sendDelta(7, "4");
        publisher.sendDictionary(7, "y").send(0).sendDelta(7, "z").send(1);
        rig.run();

        assertThat(live.lines)
                .containsExactly("start 0", "dictionary 7 y", "batch 0 = 0", "delta 7 z", "batch 1 = 1", "flush");
    }

    @Test
    void letsGoOfDeltasThatHaveBeenPutTogether() {
        publisher.sendDictionary(7, "x");
        for (int i = 0; i < 40; i++) {
            publisher.sendDelta(7, "d" + i);
        }
        publisher.send(Messages.longBatch(1 << 17, 0, rig.allocator)).send(1);
        rig.run(); // the batch that has the bridge is gone
        long used = rig.allocator.usedBytes();

        for (int i = 40; i < 400; i++) {
            publisher.sendDelta(7, "d" + i).send(Messages.longBatch(1 << 17, i, rig.allocator));
            rig.run();
        }
        publisher.send(Messages.longBatch(1 << 17, 2, rig.allocator)).send(2);
        rig.run();

        assertThat(rig.allocator.usedBytes() - used).isLessThan(10 << 10); // 400 short strings and some heads
    }

    @Test
    void refusesDeltasThatAreTooLargeToPutTogether() {
        publisher.sendDictionary(7, "x").send(0);
        for (int i = 0; i < MAX_DELTAS; i++) {
            publisher.send(longDelta());
        }
        publisher.send(1);
        rig.run();
        assertThat(publisher.lines).isEmpty();

        publisher.send(longDelta());
        rig.run();

        assertThat(publisher.lines).containsExactly("refused TOO_LARGE");
        assertThat(publisher.reason)
                .isEqualTo(
                        "deltas of a dictionary: 4 (expected: <= 3, then a whole dictionary; max-dictionary-deltas)");
    }

    /** Returns a delta of 3 MiB: two of them are more than is put together. */
    private IpcDictionaryBatch longDelta() {
        IpcDictionaryBatch batch = Messages.delta(7, "8 bytes.", rig.allocator);
        for (int i = 0; i < 18; i++) {
            IpcDictionaryBatch twice = DictionaryConcatenation.of(List.of(batch, batch), FIELDS.get(0), rig.allocator);
            batch.release();
            batch = twice;
        }
        return batch;
    }

    @Test
    void putsTheLastDeltasTogetherWhereAllAreTooLarge() {
        publisher.send(longDelta().withId(7, rig.allocator));
        rig.run();
        assertThat(publisher.lines).containsExactly("refused BAD_STREAM"); // a delta to nothing

        second.sendDictionary(3, "x");
        second.send(longDelta().withId(3, rig.allocator))
                .sendDelta(3, "1")
                .sendDelta(3, "2")
                .sendDelta(3, "3")
                .send(0);
        rig.run();

        assertThat(second.lines).isEmpty();
        FakeSink late = rig.subscribe("t", "0");
        rig.run();
        assertThat(late.lines).hasSize(1 + 1 + 1 + 1); // start, one dictionary, batch, flush
    }

    @Test
    void refusesDeltasWithDamagedOffsets() {
        publisher.sendDictionary(7, "x").sendDelta(7, "1").sendDelta(7, "2");
        IpcDictionaryBatch damaged = Messages.delta(7, "3", rig.allocator);
        damaged.body().setIntLE(damaged.body().readerIndex() + 4, 99); // where the string ends
        publisher.send(damaged).sendDelta(7, "4").send(0);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(publisher.reason).isEqualTo("offsets of dictionary values: 0..99 (expected: in 0..8)");
    }
}
