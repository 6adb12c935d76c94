package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nobody gets what a log has dropped, although memory may still have it. */
class DurableDropTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

    @Test
    void refusesAnOffsetThatHasBeenDropped() {
        rig.send(publisher, 8);
        topic.surplus(2);
        assertThat(storage.takeCalls()).contains("drop t 2");

        FakeSink old = rig.subscribe("t", "1");
        rig.run();

        assertThat(old.lines).containsExactly("refuse OFFSET_EXPIRED");
        assertThat(old.reason).isEqualTo("bowstring.from: 1 (expected: >= 2, or earliest)");
        assertThat(topic.batches("earliest", "disconnect")).hasSize(6);
        assertThat(topic.batches("-7", "disconnect")).hasSize(6);
        assertThat(rig.list("t").get(0)).returns(2L, TopicStatus::firstOffset).returns(6L, TopicStatus::batches);
    }

    @Test
    void beginsAfterWhatIsToBeDropped() {
        storage.dropsAtOnce = false;
        rig.send(publisher, 8);
        topic.surplus(2);

        FakeSink blocking = topic.subscribe("earliest", "end", "block", 0);
        FakeSink old = rig.subscribe("t", "1");
        FakeSink timed = rig.subscribe("t", "1970-01-01T00:00:00Z");
        rig.run();
        storage.log("t").drop();
        blocking.grant(1);
        rig.run();

        assertThat(blocking.lines).containsExactly("start 2", "flush", "batch 2 = 2", "flush");
        assertThat(timed.lines).startsWith("start 2");
        assertThat(old.lines).containsExactly("refuse OFFSET_EXPIRED");
        assertThat(storage.takeCalls()).containsOnlyOnce("drop t 2");
    }

    @Test
    void beginsWithWhatIsLeftWhereATimeHasBeenDroppedMeanwhile() {
        rig.send(publisher, 8);
        storage.holdsReads = true;
        FakeSink sink = rig.subscribe("t", "1970-01-01T00:00:00Z");
        rig.run();
        storage.readers.runAll(); // found, and not told
        storage.log("t").dropByItself(2);
        storage.holdsReads = false;
        rig.run();

        assertThat(sink.lines).startsWith("start 2").contains("batch 2 = 2", "batch 7 = 7");
    }

    @Test
    void showsNothingThatTheLogHasDroppedAndMemoryStillHas() {
        FakeSink reading = topic.stalled("0", "drop");
        rig.send(publisher, 2);
        topic.surplus(2);

        assertThat(topic.batches("earliest", "disconnect")).containsExactly("2 = 1");
        assertThat(topic.batches("1970-01-01T00:00:00Z", "disconnect")).containsExactly("2 = 1");
        assertThat(rig.list("t").get(0).firstOffset()).isEqualTo(2);
        reading.grant(100); // it has begun before
        rig.run();
        assertThat(reading.lines).containsExactly("batch 1 = 0", "batch 2 = 1", "flush");
    }

    @Test
    void cutsOrNamesAGapWhereTheLogDropsWhatASubscriptionIsToRead() {
        FakeSink dropping = topic.stalled("0", "drop");
        FakeSink disconnecting = topic.stalled("0", "disconnect");
        rig.send(publisher, 6);
        topic.surplus(3);

        rig.send(publisher, 1);
        dropping.grant(2);
        rig.run();

        assertThat(disconnecting.lines).containsExactly("cut LAGGED");
        assertThat(dropping.lines).containsExactly("batch 3 = 2 gap 2", "flush", "batch 4 = 3", "flush");
        assertThat(rig.list("t").get(0).totals().gapBatches()).isEqualTo(2);
    }

    @Test
    void cutsADropperOfWhichNothingIsLeft() {
        FakeSink dropping = topic.subscribe("latest", "3", "drop", 1);
        rig.send(publisher, 8);
        topic.surplus(4);
        dropping.grant(10);
        rig.run();

        assertThat(dropping.lines).endsWith("cut LAGGED");
    }

    @Test
    void dropsOnceWhatAStandingDiskDropsLater() {
        storage.dropsAtOnce = false;
        rig.send(publisher, 6);
        topic.surplus(3);
        storage.takeCalls();

        rig.topic("t").onMoved();
        rig.topic("t").onMoved();

        assertThat(storage.takeCalls()).isEmpty();
    }
}
