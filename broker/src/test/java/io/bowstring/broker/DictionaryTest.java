package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DictionaryTest {
    private static final List<IpcField> FIELDS = List.of(Messages.encoded("s", 7));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 4 * Messages.DICTIONARY_WEIGHT, 1 << 20, 10));

    private final FakePublisher publisher = rig.publish("t", FIELDS);
    private final FakeSink live = rig.subscribe("t", "latest");

    @Test
    void precedesFirstBatchThatNeedsIt() {
        publisher.sendDictionary(7, "x");
        rig.run();
        assertThat(live.take()).containsExactly("start 0", "flush");

        publisher.send(0).send(1);
        rig.run();
        assertThat(live.take()).containsExactly("dictionary 7 x", "batch 0 = 0", "batch 1 = 1", "flush");
    }

    @Test
    void sendsOnlyNewDeltas() {
        publisher
                .sendDictionary(7, "x")
                .send(0)
                .sendDelta(7, "y")
                .send(1)
                .sendDelta(7, "z")
                .send(2);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "batch 0 = 0",
                        "delta 7 y",
                        "batch 1 = 1",
                        "delta 7 z",
                        "batch 2 = 2",
                        "flush");
    }

    @Test
    void sendsReplacementInsteadOfWhatItReplaces() {
        publisher
                .sendDictionary(7, "x")
                .sendDelta(7, "y")
                .send(0)
                .sendDictionary(7, "z")
                .send(1)
                .send(2);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 0 = 0",
                        "dictionary 7 z",
                        "batch 1 = 1",
                        "batch 2 = 2",
                        "flush");
    }

    @Test
    void givesLateJoinersWhatIsInForceAtTheirOffset() {
        publisher
                .sendDictionary(7, "x")
                .send(0)
                .sendDelta(7, "y")
                .send(1)
                .sendDictionary(7, "z")
                .send(2);
        rig.run();

        assertThat(subscribe("0").lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "batch 0 = 0",
                        "delta 7 y",
                        "batch 1 = 1",
                        "dictionary 7 z",
                        "batch 2 = 2",
                        "flush");
        assertThat(subscribe("1").lines)
                .containsExactly(
                        "start 1",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 1 = 1",
                        "dictionary 7 z",
                        "batch 2 = 2",
                        "flush");
        assertThat(subscribe("2").lines).containsExactly("start 2", "dictionary 7 z", "batch 2 = 2", "flush");
    }

    @Test
    void givesOldDeltasOnlyToLateJoinerWhoAsksForOldBatch() {
        publisher.sendDictionary(7, "x").send(0).sendDelta(7, "y").send(1);
        rig.run();

        FakeSink sink = rig.subscribe("t", "0", "1", "disconnect");
        rig.run();

        assertThat(sink.lines).containsExactly("start 0", "dictionary 7 x", "batch 0 = 0", "complete");
    }

    @Test
    void rewritesIdsOfPublisherToTopics() {
        FakePublisher second = rig.publish("t", List.of(Messages.encoded("s", 3)));

        second.sendDictionary(3, "a").send(0).sendDelta(3, "b").send(1);
        rig.run();

        assertThat(live.lines)
                .containsExactly("start 0", "dictionary 7 a", "batch 0 = 0", "delta 7 b", "batch 1 = 1", "flush");
    }

    @Test
    void resendsWhereNextBatchIsOfAnotherPublisher() {
        FakePublisher second = rig.publish("t", List.of(Messages.encoded("s", 3)));
        publisher.sendDictionary(7, "x").sendDelta(7, "y").send(0);
        rig.run();
        second.sendDictionary(3, "a").send(1);
        rig.run();
        publisher.send(2, 3);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 0 = 0",
                        "flush",
                        "dictionary 7 a",
                        "batch 1 = 1",
                        "flush",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 2 = 2",
                        "batch 3 = 3",
                        "flush");
    }

    @Test
    void sendsOnlyTheDictionaryThatChanged() {
        List<IpcField> two = List.of(Messages.encoded("a", 1), Messages.encoded("b", 2));
        FakePublisher ofTwo = rig.publish("two", two);
        FakeSink sink = rig.subscribe("two", "latest");

        ofTwo.sendDictionary(2, "b").sendDictionary(1, "a").send(Messages.batch(2, 0, rig.allocator));
        ofTwo.sendDictionary(1, "c").send(Messages.batch(2, 1, rig.allocator));
        ofTwo.sendDelta(2, "d").send(Messages.batch(2, 2, rig.allocator));
        rig.run(); // the delta is there already when batch 1 is delivered, which does not need it

        assertThat(sink.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 2 b",
                        "dictionary 1 a",
                        "batch 0 = 0",
                        "dictionary 1 c",
                        "batch 1 = 1",
                        "delta 2 d",
                        "batch 2 = 2",
                        "flush");
    }

    @Test
    void countsWithTheBatchThatFirstNeedsIt() {
        publisher.sendDictionary(7, "x").send(0).send(1);
        rig.run();

        long headBytes = 64; // for each chunk of dictionaries in it
        assertThat(rig.list("t").get(0).bytes())
                .isEqualTo(Messages.DICTIONARY_WEIGHT + headBytes + 2 * Messages.BATCH_WEIGHT);

        List<IpcField> two = List.of(Messages.encoded("a", 1), Messages.encoded("b", 2));
        rig.publish("two", two).sendDictionary(1, "x").sendDictionary(2, "y").send(0);
        rig.run();

        assertThat(rig.list("two").get(0).bytes())
                .isEqualTo(2 * Messages.DICTIONARY_WEIGHT + 2 * headBytes + Messages.BATCH_WEIGHT);
    }

    @Test
    void goesWithItsLastBatch() {
        publisher.sendDictionary(7, "x").send(0).sendDictionary(7, "y");
        rig.run();
        long withTwo = rig.allocator.usedBytes();

        // longer than the window: evicts the only batch that still needs the first dictionary
        publisher.send(Messages.longBatch(1 << 17, 1, rig.allocator)).send(2);
        rig.run();

        assertThat(rig.held("t")).containsExactly("start 2", "dictionary 7 y", "batch 2 = 2", "complete");
        assertThat(rig.allocator.usedBytes()).isLessThan(withTwo);
    }

    @Test
    void outlivesItsPublisherInTheLog() {
        publisher.sendDictionary(7, "x").send(0).abort();
        rig.run();

        assertThat(subscribe("0").lines).containsExactly("start 0", "dictionary 7 x", "batch 0 = 0", "flush");
    }

    @Test
    void goesWithAPublisherThatNeverUsedIt() {
        rig.run();
        long before = rig.allocator.usedBytes();

        publisher.sendDictionary(7, "x").sendDelta(7, "y").abort();
        rig.run();

        assertThat(rig.allocator.usedBytes()).isEqualTo(before);
    }

    @Test
    void refusesPublisherAboveTheLimit() {
        publisher
                .sendDictionary(7, "1")
                .sendDelta(7, "2")
                .sendDelta(7, "3")
                .sendDelta(7, "4")
                .send(0);
        rig.run();
        assertThat(publisher.take()).isEmpty();

        publisher.sendDelta(7, "5").send(1);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused TOO_LARGE");
        assertThat(publisher.reason)
                .isEqualTo("dictionary bytes: " + 5 * Messages.DICTIONARY_WEIGHT + " (expected: <= "
                        + 4 * Messages.DICTIONARY_WEIGHT + "; max-dictionary-memory)");
        assertThat(live.lines).endsWith("batch 0 = 0", "flush");
        assertThat(rig.list("t").get(0).publishers()).isZero();
    }

    @Test
    void countsOnlyDictionariesInForceTowardsTheLimit() {
        for (int i = 0; i < 10; i++) {
            publisher.sendDictionary(7, "x" + i).send(i);
        }
        rig.run();

        assertThat(publisher.lines).isEmpty();
        assertThat(live.lines).contains("dictionary 7 x9", "batch 9 = 9");
    }

    @Test
    void refusesDeltaToADictionaryThatHasNotBeenSet() {
        FakePublisher second = rig.publish("t", FIELDS);
        publisher.sendDictionary(7, "x").send(0);
        rig.run();

        second.sendDelta(7, "y").send(1); // a subscriber would add it to the other publisher's dictionary
        rig.run();

        assertThat(second.lines).containsExactly("refused BAD_STREAM");
        assertThat(second.reason).isEqualTo("dictionary 7: a delta (expected: a whole dictionary before it)");
        assertThat(live.lines).containsExactly("start 0", "dictionary 7 x", "batch 0 = 0", "flush");
    }

    private FakeSink subscribe(String from) {
        FakeSink sink = rig.subscribe("t", from);
        rig.run();
        return sink;
    }
}
