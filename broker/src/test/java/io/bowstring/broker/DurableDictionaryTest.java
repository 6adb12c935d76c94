package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dictionaries and columns on the way from the log to memory, behind a window of three batches. */
class DurableDictionaryTest {
    private static final List<IpcField> FIELDS = List.of(Messages.encoded("s", 7));

    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(DurableRig.CONFIG.withMaxDictionaryDeltas(3), storage);

    DurableDictionaryTest() {
        storage.commitsAtOnce = true;
    }

    @Test
    void needsNoDictionaryTwiceWhileItReadsTheLog() {
        FakePublisher publisher = rig.publish("t", FIELDS);
        publisher.sendDictionary(7, "x");
        rig.send(publisher, 2);
        publisher.sendDelta(7, "y");
        rig.send(publisher, 2);
        publisher.sendDictionary(7, "z");
        rig.send(publisher, 4);

        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        assertThat(sink.lines)
                .filteredOn(line -> !line.equals("flush"))
                .containsExactly(
                        "start 0",
                        "dictionary 7 x",
                        "batch 0 = 0",
                        "batch 1 = 1",
                        "delta 7 y",
                        "batch 2 = 0",
                        "batch 3 = 1",
                        "dictionary 7 z",
                        "batch 4 = 0",
                        "batch 5 = 1",
                        "batch 6 = 2",
                        "dictionary 7 z", // once more from memory, which does not know what the log has sent
                        "batch 7 = 3");
    }

    @Test
    void beginsWithWhatIsInForce() {
        FakePublisher publisher = rig.publish("t", FIELDS);
        publisher.sendDictionary(7, "x");
        rig.send(publisher, 1);
        publisher.sendDelta(7, "y");
        rig.send(publisher, 6);

        FakeSink sink = rig.subscribe("t", "2", "3", "disconnect");
        rig.run();

        assertThat(sink.lines)
                .containsExactly("start 2", "flush", "dictionary 7 x", "delta 7 y", "batch 2 = 1", "complete");
    }

    @Test
    void hasEachBatchWithItsDictionaryWherePublishersTakeTurns() {
        List<FakePublisher> publishers =
                List.of(rig.publish("t", FIELDS), rig.publish("t", List.of(Messages.encoded("s", 3))));
        publishers.get(0).sendDictionary(7, "a");
        publishers.get(1).sendDictionary(3, "b");
        rig.run();
        List<FakeSink> sinks = new ArrayList<>();
        FakeSink slow = new FakeSink(rig.sinkLoop);
        slow.credit = 0;
        rig.subscribe("t", "latest", "live", "disconnect", slow);
        List<String> expected = new ArrayList<>();
        String[] texts = {"a", "b"};
        for (int i = 0; i < 60; i++) {
            int who = i * 7 % 5 % 2;
            if (i % 4 == 1) { // with deltas that are put together, and others that replace what was
                boolean isDelta = i % 12 != 1;
                texts[who] = isDelta ? texts[who] + "+" + i : "w" + i;
                long id = who == 0 ? 7 : 3;
                publishers
                        .get(who)
                        .send(
                                isDelta
                                        ? Messages.delta(id, Integer.toString(i), rig.allocator)
                                        : Messages.dictionary(id, "w" + i, rig.allocator));
            }
            publishers.get(who).send(i);
            rig.run();
            expected.add(i + " " + texts[who]);
            if (i % 6 == 5) { // of more dictionaries than it needs, also
                slow.grant(i % 4 * 3 + 4);
                rig.run();
                slow.credit = 0;
            }
            if (i % 10 == 0) {
                sinks.add(rig.subscribe("t", Integer.toString(i / 2)));
            }
        }
        slow.grant(1_000);
        rig.run();

        assertThat(read(slow)).isEqualTo(expected);
        for (int i = 0; i < sinks.size(); i++) {
            assertThat(read(sinks.get(i))).isEqualTo(expected.subList(5 * i, 60));
        }
    }

    @Test
    void leavesOutTheDictionariesOfOtherColumns() {
        List<IpcField> fields =
                List.of(Messages.encoded("a", 1), IpcField.of("value", false, IpcType.INT64), Messages.encoded("b", 2));
        FakePublisher publisher = rig.publish("t", fields);
        publisher.sendDictionary(1, "x").sendDictionary(2, "y");
        for (int i = 0; i < 6; i++) {
            publisher.send(Messages.batch(3, i, rig.allocator));
            rig.run();
        }

        FakeSink b = rig.subscribe("t", "0", "disconnect", "b", rig.sinkLoop);
        FakeSink value = rig.subscribe("t", "0", "disconnect", "value", rig.sinkLoop);
        FakeSink late = rig.subscribe("t", "4", "disconnect", "b", rig.sinkLoop);
        rig.run();

        assertThat(read(b)).containsExactly("0 y", "1 y", "2 y", "3 y", "4 y", "5 y");
        assertThat(b.lines).noneMatch(line -> line.contains(" 1 x"));
        assertThat(read(value)).hasSize(6);
        assertThat(value.lines).noneMatch(line -> line.startsWith("dictionary"));
        assertThat(read(late)).containsExactly("4 y", "5 y");
    }

    @Test
    void releasesThePieceWhereASinkFails() {
        FakePublisher publisher = rig.publish("t", List.of(Messages.encoded("a", 1), Messages.encoded("b", 2)));
        publisher.sendDictionary(1, "x").sendDictionary(2, "y");
        for (int i = 0; i < 6; i++) {
            publisher.send(Messages.batch(2, i, rig.allocator));
            rig.run();
        }
        for (int writes = 0; writes < 3; writes++) {
            long before = rig.broker.usedMemoryBytes();
            FakeSink sink = new FakeSink(rig.sinkLoop);
            sink.writesUntilFault = writes;
            rig.subscribe("t", "0", "live", "disconnect", sink);
            rig.run();

            assertThat(sink.lines).last().isEqualTo("cut STORAGE_FULL");
            assertThat(rig.broker.usedMemoryBytes()).isEqualTo(before);
        }
    }

    /** Returns the value of each batch, with the texts of the dictionary that came last before it. */
    private static List<String> read(FakeSink sink) {
        List<String> read = new ArrayList<>();
        String texts = "";
        for (String line : sink.lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "dictionary" -> texts = words[2];
                case "delta" -> texts += "+" + words[2];
                case "batch" -> read.add((words[3] + " " + texts).strip());
                default -> {}
            }
        }
        return read;
    }
}
