package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dictionaries that are the same are kept and sent once. */
class DictionarySharingTest {
    private static final List<IpcField> FIELDS = List.of(Messages.encoded("s", 7));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 64 << 20, 64 << 20, 10));

    private final FakePublisher publisher = rig.publish("t", FIELDS);
    private final FakePublisher second = rig.publish("t", List.of(Messages.encoded("s", 3)));
    private final FakeSink live = rig.subscribe("t", "latest");

    @Test
    void sendsADictionaryOnceThatItsPublisherRepeats() {
        publisher.sendDictionary(7, "x").send(0);
        rig.run();
        long used = rig.allocator.usedBytes();
        publisher.sendDictionary(7, "x").send(1).sendDictionary(7, "x");
        rig.run();

        assertThat(live.lines)
                .containsExactly("start 0", "dictionary 7 x", "batch 0 = 0", "flush", "batch 1 = 1", "flush");
        assertThat(rig.allocator.usedBytes() - used).isLessThan(Messages.BATCH_WEIGHT);
        assertThat(rig.list("t").get(0).bytes()).isEqualTo(Messages.DICTIONARY_WEIGHT + 64 + 2 * Messages.BATCH_WEIGHT);
    }

    @Test
    void sendsADictionaryOnceThatTwoPublishersHave() {
        publisher.sendDictionary(7, "x").sendDelta(7, "y").send(0);
        rig.run();
        long used = rig.allocator.usedBytes();
        second.sendDictionary(3, "x").sendDelta(3, "y").send(1);
        rig.run();
        publisher.send(2);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 0 = 0",
                        "flush",
                        "batch 1 = 1",
                        "flush",
                        "batch 2 = 2",
                        "flush");
        assertThat(rig.allocator.usedBytes() - used).isLessThanOrEqualTo(2 * Messages.BATCH_WEIGHT);
    }

    @Test
    void tellsDictionariesApartAgainThatGrowApart() {
        publisher.sendDictionary(7, "x").sendDelta(7, "y").send(0);
        second.sendDictionary(3, "x").send(1).sendDelta(3, "z").send(2);
        rig.run();
        publisher.sendDelta(7, "w").send(3);
        second.send(4);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "delta 7 y",
                        "batch 0 = 0",
                        "dictionary 7 x", // what the second has of it, and no more
                        "batch 1 = 1",
                        "delta 7 z",
                        "batch 2 = 2",
                        "flush",
                        "dictionary 7 x",
                        "delta 7 y",
                        "delta 7 w",
                        "batch 3 = 3",
                        "dictionary 7 x",
                        "delta 7 z",
                        "batch 4 = 4",
                        "flush");
    }

    @Test
    void knowsTheDictionaryOfAPublisherThatIsGone() {
        publisher.sendDictionary(7, "x").send(0).abort();
        rig.run();
        rig.publish("t", FIELDS).sendDictionary(7, "x").send(1);
        rig.run();

        assertThat(live.lines)
                .containsExactly("start 0", "dictionary 7 x", "batch 0 = 0", "flush", "batch 1 = 1", "flush");
    }

    @Test
    void tellsAWholeDictionaryFromADeltaOfTheSameValues() {
        publisher
                .sendDictionary(7, "x")
                .send(0)
                .sendDelta(7, "x")
                .send(1)
                .sendDictionary(7, "x")
                .send(2);
        rig.run();

        assertThat(live.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "batch 0 = 0",
                        "delta 7 x",
                        "batch 1 = 1",
                        "dictionary 7 x",
                        "batch 2 = 2",
                        "flush");
    }

    /** Some readers look up what they refer to when they come and never again. */
    @Test
    void sendsValuesAgainThatReferToADictionary() {
        FakePublisher first = rig.publish("nested", List.of(Messages.encodedStruct("r", 7, 8)));
        FakeSink sink = rig.subscribe("nested", "latest");
        first.sendDictionary(8, "x").send(Messages.struct(7, 8, rig.allocator)).send(0);
        first.sendDictionary(8, "y").send(Messages.struct(7, 8, rig.allocator)).send(1);
        rig.run();
        FakePublisher other = rig.publish("nested", List.of(Messages.encodedStruct("r", 3, 5)));
        other.sendDictionary(5, "y").send(Messages.struct(3, 5, rig.allocator)).send(2);
        rig.run();

        assertThat(sink.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 8 x",
                        "dictionary 7 ",
                        "batch 0 = 0",
                        "dictionary 8 y",
                        "dictionary 7 ", // the same bytes
                        "batch 1 = 1",
                        "flush",
                        "dictionary 7 ",
                        "batch 2 = 2",
                        "flush");
    }

    @Test
    void refusesDictionariesThatTheSchemaDoesNotHave() {
        publisher.sendDictionary(8, "x").send(0);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(publisher.reason).isEqualTo("dictionary: 8 (expected: one of the schema)");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void refusesValuesOutsideOfTheirBody() {
        IpcDictionaryBatch damaged = Messages.dictionary(7, "x", rig.allocator);
        ByteBuf frame = damaged.retainedFrame();
        frame.setLongLE(frame.writerIndex() - 16 - 8, 1 << 20); // how long the last buffer is
        frame.release();
        publisher.send(damaged).send(0);
        rig.run();

        assertThat(publisher.lines).containsExactly("refused BAD_STREAM");
        assertThat(publisher.reason).startsWith("buffer 2: offset 8, 1048576 bytes");
        assertThat(rig.broker.usedMemoryBytes()).isZero();
    }

    @Test
    void letsGoOfADictionaryOfAnyLength() {
        rig.run();
        long used = rig.allocator.usedBytes();
        IpcDictionaryBatch batch = Messages.delta(7, "x", rig.allocator);
        Dictionary dictionary = new Dictionary(batch.retain(), 0, null);
        for (int i = 0; i < 100_000; i++) {
            Dictionary next = new Dictionary(batch.retain(), 0, dictionary);
            dictionary.release();
            dictionary = next;
        }
        batch.release();

        assertThat(dictionary.release()).isTrue();
        assertThat(rig.allocator.usedBytes()).isEqualTo(used);
    }
}
