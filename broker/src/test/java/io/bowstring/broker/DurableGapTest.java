package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions hear of the batches that a durable topic has lost. */
class DurableGapTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

    @Test
    void namesAGapWhateverThePolicyAndCountsIt() {
        rig.send(publisher, 8);
        storage.log("t").lose(1, 3);

        for (String onLag : List.of("disconnect", "drop", "block")) {
            assertThat(topic.batches("0", onLag))
                    .containsExactly("0 = 0", "3 = 3 gap 2", "4 = 4", "5 = 5", "6 = 6", "7 = 7");
        }
        assertThat(rig.list("t").get(0).totals().gapBatches()).isEqualTo(6);
    }

    @Test
    void namesAGapThatReachesToTheWindow() {
        rig.send(publisher, 8);
        storage.log("t").lose(1, 8); // memory still has the last three

        assertThat(topic.batches("0", "disconnect")).containsExactly("0 = 0", "5 = 5 gap 4", "6 = 6", "7 = 7");
    }

    @Test
    void namesAGapWhereAllBeforeTheWindowIsLost() {
        rig.send(publisher, 8);
        storage.log("t").lose(0, 8);

        assertThat(topic.batches("2", "disconnect")).containsExactly("5 = 5 gap 3", "6 = 6", "7 = 7");
    }

    @Test
    void readsWhatHasLeftTheWindowSinceNothingWasFound() {
        rig.send(publisher, 8);
        storage.log("t").lose(0, 8);
        FakeSink sink = topic.subscribe("2", "live", "disconnect", 0);
        rig.run(); // nothing has been found before 8, and waits for the sink
        rig.send(publisher, 8);

        sink.grant(100);
        rig.run();

        assertThat(sink.lines).contains("batch 8 = 0 gap 6", "batch 9 = 1", "batch 15 = 7");
    }

    @Test
    void endsAfterALostEndWhileTheNextBatchIsNotCommitted() {
        rig.send(publisher, 8);
        storage.log("t").lose(6, 8);
        rig.close();
        BrokerRig after = new BrokerRig(DurableRig.CONFIG, storage);
        openAgain(after);
        storage.commitsAtOnce = false; // the disk is slow, or full
        after.send(after.publish("t"), 1);

        assertThat(after.held("t")).contains("batch 5 = 5").endsWith("complete");
        after.close();
    }

    private static void openAgain(BrokerRig rig) {
        try {
            rig.broker.open();
            rig.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void cutsWhereNoBatchIsLeftThatCouldNameTheGap() {
        rig.send(publisher, 8);
        storage.log("t").lose(1, 5);

        FakeSink sink = rig.subscribe("t", "0", "4", "drop");
        rig.run();

        assertThat(sink.lines).endsWith("batch 0 = 0", "flush", "cut LAGGED");
        assertThat(sink.reason).isEqualTo("offset: 1 (expected: in the retained window of topic t)");
    }

    @Test
    void namesAGapBeforeAProjection() {
        FakePublisher wide = rig.publish("wide", ThreeColumns.FIELDS);
        for (int i = 0; i < 8; i++) {
            wide.send(ThreeColumns.batch(i, rig.allocator));
            rig.run();
        }
        storage.log("wide").lose(1, 3);

        FakeSink sink = rig.subscribe("wide", "0", "disconnect", "b", rig.sinkLoop);
        rig.run();

        assertThat(sink.lines).contains("batch 0 = 10", "batch 3 = 13 gap 2", "batch 4 = 14", "batch 7 = 17");
    }

    @Test
    void namesOneGapForWhatIsDroppedAndWhatIsLost() {
        FakeSink dropping = topic.stalled("0", "drop");
        rig.send(publisher, 8);
        storage.log("t").lose(3, 5);
        topic.surplus(3);

        dropping.grant(1);
        rig.run();

        assertThat(dropping.lines).containsExactly("batch 5 = 4 gap 4", "flush");
    }
}
