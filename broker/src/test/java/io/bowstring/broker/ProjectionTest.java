package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that want some of the columns. */
class ProjectionTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(32 << 10, 10, 1 << 20, 1 << 20, 10));

    private final FakePublisher publisher = rig.publish("t", ThreeColumns.FIELDS);

    /** Sends a batch of one row that has {@code value}, 10 more and 20 more. */
    private void send(long value) {
        publisher.send(ThreeColumns.batch(value, rig.allocator));
    }

    private FakeSink subscribe(String columns) {
        return rig.subscribe("t", "earliest", "disconnect", columns, rig.sinkLoop);
    }

    @Test
    void deliversTheColumnsAskedForInThatOrder() {
        FakeSink b = subscribe("b");
        FakeSink ca = subscribe("c,a");
        send(1);
        send(2);
        rig.run();

        assertThat(b.fields).containsExactly(ThreeColumns.FIELDS.get(1));
        assertThat(b.lines).containsExactly("start 0", "batch 0 = 11", "batch 1 = 12", "flush");
        assertThat(ca.fields).containsExactly(ThreeColumns.FIELDS.get(2), ThreeColumns.FIELDS.get(0));
        assertThat(ca.lines).containsExactly("start 0", "batch 0 = 21", "batch 1 = 22", "flush");
        assertThat(ca.schemaMetadata).containsEntry("bowstring.topic", "t");
    }

    @Test
    void tellsOfAGap() {
        FakeSink sink = rig.subscribe("t", "earliest", "drop", "c,b", rig.sinkLoop);
        sink.credit = 0;
        for (int i = 0; i < 100; i++) {
            send(i);
            rig.run();
        }
        long first = rig.list("t").get(0).firstOffset();

        sink.grant(2);
        rig.run();

        assertThat(sink.lines)
                .containsExactly(
                        "start 0",
                        "flush",
                        "batch " + first + " = " + (20 + first) + " gap " + first,
                        "batch " + (first + 1) + " = " + (21 + first),
                        "flush");
        assertThat(sink.positions.get(0).timeMicros())
                .isEqualTo(sink.positions.get(1).timeMicros());
    }

    @Test
    void refusesColumnsThatTheTopicDoesNotHave() {
        FakeSink wrong = subscribe("a,x");
        FakeSink right = subscribe("a");
        rig.run();

        assertThat(wrong.lines).containsExactly("refuse BAD_REQUEST");
        assertThat(wrong.reason).isEqualTo("bowstring.columns: x (expected: a column of the topic, such as a)");
        assertThat(right.lines).containsExactly("start 0", "flush");
    }

    @Test
    void checksColumnsWhenTheSchemaComes() {
        FakeSink wrong = rig.subscribe("later", "earliest", "disconnect", "bb", rig.sinkLoop);
        FakeSink right = rig.subscribe("later", "earliest", "disconnect", "c", rig.sinkLoop);
        rig.run();
        assertThat(wrong.lines).isEmpty();

        rig.publish("later", ThreeColumns.FIELDS).send(ThreeColumns.batch(1, rig.allocator));
        rig.run();

        assertThat(wrong.reason).isEqualTo("bowstring.columns: bb (expected: a column of the topic, such as b)");
        assertThat(right.lines).containsExactly("start 0", "batch 0 = 21", "flush");
        assertThat(rig.list("later").get(0).subscribers()).isEqualTo(1);
    }

    @Test
    void sendsDictionariesOfItsColumnsAlone() {
        FakePublisher encoded = rig.publish("e", List.of(Messages.encoded("x", 1), Messages.encoded("y", 2)));
        FakeSink x = rig.subscribe("e", "earliest", "disconnect", "x", rig.sinkLoop);
        FakeSink yx = rig.subscribe("e", "earliest", "disconnect", "y,x", rig.sinkLoop);
        encoded.sendDictionary(1, "one").sendDictionary(2, "two").send(Messages.batch(2, 0, rig.allocator));
        encoded.sendDelta(2, "more").send(Messages.batch(2, 1, rig.allocator));
        rig.run();

        assertThat(x.lines).containsExactly("start 0", "dictionary 1 one", "batch 0 = 0", "batch 1 = 1", "flush");
        assertThat(yx.lines)
                .containsExactly(
                        "start 0",
                        "dictionary 1 one",
                        "dictionary 2 two",
                        "batch 0 = 0",
                        "delta 2 more",
                        "batch 1 = 1",
                        "flush");
    }

    @Test
    void cutsOnlyWhomThereIsNoMemoryFor() {
        FakeSink whole = rig.subscribe("t", "earliest");
        FakeSink part = subscribe("b");
        part.credit = 0;
        send(1);
        rig.run();

        rig.allocator.setExhausted(true);
        part.grant(9);
        rig.run();
        rig.allocator.setExhausted(false);

        assertThat(part.lines).containsExactly("start 0", "flush", "cut STORAGE_FULL");
        assertThat(whole.lines).containsExactly("start 0", "batch 0 = 1", "flush");
    }

    @Test
    void refusesWhateverColumnsOfWhatIsNotThere() {
        FakeSink expired = rig.subscribe("t", "7", "disconnect", "b", rig.sinkLoop);
        FakeSink wrong = subscribe("nope");
        rig.run();

        assertThat(List.of(expired.lines, wrong.lines)).containsOnly(List.of("refuse BAD_REQUEST"));
    }
}
