package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A log that has lost batches, or drops the oldest, behind a window of three batches. */
class DurableGapTest {
    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(DurableReplayTest.CONFIG, storage);

    private final FakePublisher publisher = rig.publish("t");

    DurableGapTest() {
        storage.commitsAtOnce = true;
    }

    @Test
    void namesAGapWhateverThePolicyAndCountsIt() {
        rig.send(publisher, 8);
        storage.log("t").lose(1, 3);

        for (String onLag : List.of("disconnect", "drop", "block")) {
            assertThat(batches("0", onLag))
                    .containsExactly(
                            "batch 0 = 0",
                            "batch 3 = 3 gap 2",
                            "batch 4 = 4",
                            "batch 5 = 5",
                            "batch 6 = 6",
                            "batch 7 = 7");
        }
        assertThat(rig.list("t").get(0).totals().gapBatches()).isEqualTo(6);
    }

    @Test
    void namesAGapThatReachesToTheWindow() {
        rig.send(publisher, 8);
        storage.log("t").lose(1, 8); // memory still has the last three

        assertThat(batches("0", "disconnect"))
                .containsExactly("batch 0 = 0", "batch 5 = 5 gap 4", "batch 6 = 6", "batch 7 = 7");
    }

    @Test
    void namesAGapWhereAllBeforeTheWindowIsLost() {
        rig.send(publisher, 8);
        storage.log("t").lose(0, 8);

        assertThat(batches("2", "disconnect")).containsExactly("batch 5 = 5 gap 3", "batch 6 = 6", "batch 7 = 7");
    }

    @Test
    void readsWhatHasLeftTheWindowSinceNothingWasFound() {
        rig.send(publisher, 8);
        storage.log("t").lose(0, 8);
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "2", "live", "disconnect", sink);
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
        BrokerRig after = new BrokerRig(DurableReplayTest.CONFIG, storage);
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
    void refusesAnOffsetThatHasBeenDropped() {
        rig.send(publisher, 8);
        storage.log("t").surplus(2);
        rig.run();
        assertThat(storage.takeCalls()).contains("drop t 2");

        FakeSink old = rig.subscribe("t", "1");
        rig.run();

        assertThat(old.lines).containsExactly("refuse OFFSET_EXPIRED");
        assertThat(old.reason).isEqualTo("bowstring.from: 1 (expected: >= 2, or earliest)");
        assertThat(batches("earliest", "disconnect")).hasSize(6);
        assertThat(batches("-7", "disconnect")).hasSize(6);
        assertThat(rig.list("t").get(0)).returns(2L, TopicStatus::firstOffset).returns(6L, TopicStatus::batches);
    }

    @Test
    void beginsAfterWhatIsToBeDropped() {
        storage.dropsAtOnce = false;
        rig.send(publisher, 8);
        storage.log("t").surplus(2);
        rig.run();

        FakeSink blocking = new FakeSink(rig.sinkLoop);
        blocking.credit = 0;
        rig.subscribe("t", "earliest", "end", "block", blocking);
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
    void showsNothingThatTheLogHasDroppedAndMemoryStillHas() {
        FakeSink reading = stalled("drop");
        rig.send(publisher, 2);
        storage.log("t").surplus(2);
        rig.run();

        assertThat(batches("earliest", "disconnect")).containsExactly("batch 2 = 1");
        assertThat(batches("1970-01-01T00:00:00Z", "disconnect")).containsExactly("batch 2 = 1");
        assertThat(rig.list("t").get(0).firstOffset()).isEqualTo(2);
        reading.grant(100); // it has begun before
        rig.run();
        assertThat(reading.lines).containsExactly("batch 1 = 0", "batch 2 = 1", "flush");
    }

    @Test
    void cutsNobodyWhoBlocksWhereTheLogKeepsLessThanMemory() {
        rig.send(publisher, 3);
        storage.log("t").surplus(2);
        rig.run();
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        rig.subscribe("t", "earliest", "live", "block", sink);
        rig.send(publisher, 4);
        assertThat(sink.take()).containsExactly("start 2", "flush");

        sink.grant(100);
        rig.run();

        assertThat(sink.positions).hasSize(5);
    }

    @Test
    void cutsOrNamesAGapWhereTheLogDropsWhatASubscriptionIsToRead() {
        FakeSink dropping = stalled("drop");
        FakeSink disconnecting = stalled("disconnect");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();

        rig.send(publisher, 1);
        dropping.grant(2);
        rig.run();

        assertThat(disconnecting.lines).containsExactly("cut LAGGED");
        assertThat(dropping.lines).containsExactly("batch 3 = 2 gap 2", "flush", "batch 4 = 3", "flush");
        assertThat(rig.list("t").get(0).totals().gapBatches()).isEqualTo(2);
    }

    @Test
    void namesOneGapForWhatIsDroppedAndWhatIsLost() {
        FakeSink dropping = stalled("drop");
        rig.send(publisher, 8);
        storage.log("t").lose(3, 5);
        storage.log("t").surplus(3);
        rig.run();

        dropping.grant(1);
        rig.run();

        assertThat(dropping.lines).containsExactly("batch 5 = 4 gap 4", "flush");
    }

    @Test
    void cutsADropperOfWhichNothingIsLeft() {
        FakeSink dropping = new FakeSink(rig.sinkLoop);
        dropping.credit = 1;
        rig.subscribe("t", "latest", "3", "drop", dropping);
        rig.send(publisher, 8);
        storage.log("t").surplus(4);
        rig.run();
        dropping.grant(10);
        rig.run();

        assertThat(dropping.lines).endsWith("cut LAGGED");
    }

    // Subscriptions that block.

    @Test
    void blocksNoWindow() {
        FakeSink sink = stalled("block");

        rig.send(publisher, 8);

        assertThat(publisher.nextOffset()).isEqualTo(9);
        assertThat(rig.topicLoop.timers()).isZero();
        assertThat(sink.lines).isEmpty();
    }

    @Test
    void blocksWhatTheLogWantsToDrop() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.takeCalls();
        storage.log("t").surplus(3);
        rig.run();
        assertThat(storage.calls).isEmpty();

        publisher.send(6, 7);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7); // both wait

        sink.grant(1); // batch 1; 2 is held still
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);
        sink.grant(1);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(9);
        assertThat(storage.calls).containsOnly("drop t 3");
        assertThat(sink.lines).containsExactly("batch 1 = 0", "flush", "batch 2 = 1", "flush");
    }

    @Test
    void letsPublishersGoOnWhenTheHolderIsGone() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();
        publisher.send(6);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);

        sink.cancel();
        rig.run();

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(storage.calls).contains("drop t 3");
    }

    @Test
    void letsGoOfAHolderThatStandsStillWhileAPublisherWaits() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();
        pass(1_000); // nobody waits

        publisher.send(6);
        rig.run();
        pass(29);
        assertThat(sink.isOver()).isFalse();
        pass(1);

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void letsNobodyGoWhereNoPublisherWaits() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();

        pass(1_000);

        assertThat(sink.isOver()).isFalse();
        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void dropsNothingOfATopicThatHasGone() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();

        rig.broker.delete(new TopicName("t")); // and its holder goes
        rig.run();

        assertThat(sink.lines).containsExactly("cut UNKNOWN_TOPIC");
        assertThat(storage.calls).endsWith("delete t");
    }

    @Test
    void holdsTheNextSurplusToo() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(1);
        rig.run();
        assertThat(storage.takeCalls()).contains("drop t 1");
        storage.log("t").surplus(2);
        rig.run();
        publisher.send(6);
        rig.run();
        assertThat(publisher.nextOffset()).isEqualTo(7);

        sink.grant(100);
        rig.run();

        assertThat(publisher.nextOffset()).isEqualTo(8);
        assertThat(storage.takeCalls()).contains("drop t 2");
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
    void countsWhatIsReadToFindATimeInTheMemoryOfTheTopic() {
        rig.send(publisher, 8);
        long before = rig.topic("t").memory().usedBytes();
        List<Long> during = new ArrayList<>();
        storage.whileSearching = () -> during.add(rig.topic("t").memory().usedBytes());

        FakeSink sink = rig.subscribe("t", "1970-01-01T00:00:00Z");
        rig.run();

        assertThat(during).containsExactly(before + FakeStorage.SEARCH_BYTES);
        assertThat(storage.searches).containsExactly(true);
        assertThat(sink.lines).startsWith("start 0");
    }

    @Test
    void looksForNoTimeForWhoHasGoneOrWhereTheTopicHas() {
        rig.send(publisher, 8);
        storage.holdsReads = true;
        FakeSink gone = rig.subscribe("t", "1970-01-01T00:00:00Z");
        FakeSink cut = rig.subscribe("t", "1970-01-01T00:00:00Z");
        rig.run();
        gone.cancel();
        rig.run();
        storage.readers.runAll();
        assertThat(storage.searches).containsExactly(false, true);

        FakeSink other = rig.subscribe("t", "1970-01-01T00:00:00Z");
        rig.run();
        rig.broker.delete(new TopicName("t"));
        rig.run();
        storage.holdsReads = false;
        rig.run();

        assertThat(storage.searches).containsExactly(false, true, false);
        assertThat(gone.lines).isEmpty();
        assertThat(cut.lines).startsWith("start 0");
        assertThat(other.lines).containsExactly("refuse UNKNOWN_TOPIC");
    }

    @Test
    void dropsOnceWhatAStandingDiskDropsLater() {
        storage.dropsAtOnce = false;
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();
        storage.takeCalls();

        rig.topic("t").onMoved();
        rig.topic("t").onMoved();

        assertThat(storage.takeCalls()).isEmpty();
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

    @Test
    void holdsNothingThatIsGone() {
        FakeSink sink = stalled("block");
        rig.send(publisher, 6);
        storage.log("t").surplus(3);
        rig.run();

        storage.log("t").dropByItself(3); // it was damaged, say
        publisher.send(6);
        rig.run();
        sink.grant(1);
        rig.run();

        assertThat(sink.lines).containsExactly("cut LAGGED");
        assertThat(publisher.nextOffset()).isEqualTo(8);
    }

    private void pass(int seconds) {
        rig.topicLoop.advance(Duration.ofSeconds(seconds));
        rig.run();
    }

    private List<String> batches(String from, String onLag) {
        FakeSink sink = rig.subscribe("t", from, "end", onLag);
        rig.run();
        assertThat(sink.lines).last().isEqualTo("complete");
        return sink.lines.stream().filter(line -> line.startsWith("batch")).toList();
    }

    /** Returns a subscription whose sink has taken batch 0 and takes no more. */
    private FakeSink stalled(String onLag) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "0", "live", onLag, sink);
        rig.send(publisher, rig.topic("t").log().committedOffset() == 0 ? 1 : 0);
        assertThat(sink.take()).contains("batch 0 = 0", "flush");
        return sink;
    }
}
