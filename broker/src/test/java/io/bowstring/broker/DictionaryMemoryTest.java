package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What dictionaries take of the memory of all topics. */
class DictionaryMemoryTest {
    private static final long LIMIT = 100 * Messages.BATCH_WEIGHT;
    private static final BrokerConfig CONFIG =
            SmallBrokers.config(1 << 20, 1_000, 1 << 20, 1 << 20, 10).withMemoryBytes(LIMIT);

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(CONFIG);

    @Test
    void countsDictionaries() {
        FakePublisher publisher = rig.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x").send(1);
        rig.run();
        assertThat(rig.broker.usedMemoryBytes()).isGreaterThan(Messages.BATCH_WEIGHT + Block.OVERHEAD_BYTES);

        publisher.sendDelta(2, "y"); // of nothing
        rig.run();
        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
    }

    @Test
    void refusesDictionariesAboveTheirShare() {
        FakePublisher publisher = rig.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x");
        for (int i = 0; i < 100 && publisher.lines.isEmpty(); i++) {
            publisher.sendDelta(1, "x");
            rig.run();
        }

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(publisher.reason).startsWith("dictionaries of all topics: ");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void leavesRoomForTheDictionariesOfOtherTopics() {
        int most = 0;
        for (FakePublisher refused = withDictionary("t"); refused.lines.isEmpty(); most++) {
            refused.sendDelta(1, "x");
            rig.run();
        }
        FakePublisher greedy = withDictionary("t");
        for (int i = 0; i < most - 1; i++) {
            greedy.sendDelta(1, "x");
            rig.run();
        }

        FakePublisher modest = withDictionary("other");

        assertThat(greedy.lines).isEmpty();
        assertThat(modest.lines).isEmpty();
    }

    private FakePublisher withDictionary(String topic) {
        FakePublisher publisher = rig.publish(topic, List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x");
        rig.run();
        return publisher;
    }

    @Test
    void countsADictionaryOnceThatTwoPublishersHave() {
        List<IpcField> fields = List.of(Messages.encoded("s", 1));
        FakePublisher first = rig.publish("t", fields)
                .sendDictionary(1, "x")
                .sendDelta(1, "y")
                .send(1);
        rig.run();
        long before = rig.broker.usedMemoryBytes();

        rig.publish("t", fields)
                .sendDictionary(1, "x")
                .sendDelta(1, "y")
                .send(2)
                .finish();
        rig.run();

        assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before + Messages.BATCH_WEIGHT);
        assertThat(first.lines).isEmpty();
    }

    @Test
    void countsWhatHasBeenPutTogetherOfADictionary() {
        BrokerRig deltas = new BrokerRig(CONFIG.withMaxDictionaryDeltas(1));
        FakePublisher publisher = deltas.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x").sendDelta(1, "y");
        deltas.run();
        long before = deltas.broker.usedMemoryBytes();

        publisher.sendDelta(1, "z");
        deltas.run();
        long after = deltas.broker.usedMemoryBytes();
        publisher.finish();
        deltas.run();

        assertThat(after).isGreaterThan(before / 2 * 3 + Block.OVERHEAD_BYTES);
        assertThat(deltas.broker.usedMemoryBytes()).isZero();
        deltas.close();
    }

    @Test
    void refusesToPutDeltasTogetherAboveTheShareOfDictionaries() {
        rig.publish("t", List.of(Messages.encoded("s", 1))).sendDictionary(1, "x");
        rig.publisherLoop.runAll();
        long weight = rig.broker.usedMemoryBytes();
        BrokerRig deltas = new BrokerRig(CONFIG.withMaxDictionaryDeltas(1).withMemoryBytes(2 * (6 * weight + 10)));
        FakePublisher publisher = deltas.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x").sendDelta(1, "y");
        deltas.run();
        assertThat(publisher.lines).isEmpty();

        publisher.sendDelta(1, "z");
        deltas.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(publisher.reason).startsWith("dictionaries of all topics: ");
        assertThat(deltas.broker.usedMemoryBytes()).isZero();
        deltas.close();
    }

    @Test
    void countsNothingMoreWhereThereIsNoMemoryToPutDeltasTogether() {
        BrokerRig deltas = new BrokerRig(CONFIG.withMaxDictionaryDeltas(99).withMemoryBytes(1 << 20));
        FakePublisher publisher = deltas.publish("t", List.of(Messages.encoded("s", 1)));
        publisher.sendDictionary(1, "x");
        deltas.run();
        deltas.allocator.setLargest(700); // enough for one of them
        for (int i = 0; i < 99; i++) {
            publisher.sendDelta(1, "8 bytes.");
        }
        deltas.run();
        assertThat(publisher.lines).isEmpty();

        publisher.sendDelta(1, "8 bytes.");
        deltas.run();

        assertThat(publisher.lines).containsExactly("refused STORAGE_FULL");
        assertThat(publisher.reason).isEqualTo("the server has no memory left for this");
        assertThat(deltas.broker.usedMemoryBytes()).isZero();
        deltas.close();
    }
}
