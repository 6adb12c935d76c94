package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WakeTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 10));

    private final FakePublisher publisher = rig.publish("t");

    @Test
    void wakesEachLoopOnceForABurst() {
        ManualExecutor otherLoop = rig.newLoop();
        FakeSink first = rig.subscribe("t", "latest");
        FakeSink second = rig.subscribe("t", "latest");
        FakeSink third = rig.subscribe("t", "latest", "live", "disconnect", new FakeSink(otherLoop));
        rig.run();

        publisher.send(0, 1, 2);
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll();

        assertThat(rig.sinkLoop.waitingTasks()).isOne();
        assertThat(otherLoop.waitingTasks()).isOne();
        rig.run();
        for (FakeSink sink : new FakeSink[] {first, second, third}) {
            assertThat(sink.lines)
                    .containsExactly("start 0", "flush", "batch 0 = 0", "batch 1 = 1", "batch 2 = 2", "flush");
        }
    }

    @Test
    void wakesOnceForABurstThatIsHandedOverInParts() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        sink.lines.clear();

        for (int value = 0; value < 3; value++) {
            publisher.send(Messages.batch(16 << 10, 1, value, rig.allocator)); // of 128 KiB
        }
        for (int value = 0; value < 3; value++) {
            rig.publisherLoop.runNext();
            assertThat(publisher.nextOffset()).isEqualTo(value + 1);
            assertThat(rig.sinkLoop.waitingTasks()).isZero();
        }
        rig.run();

        assertThat(sink.lines).containsExactly("batch 0 = 0", "batch 1 = 1", "batch 2 = 2", "flush");
    }

    @Test
    void wakesAgainForTheNextBurst() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();

        for (int i = 0; i < 3; i++) {
            publisher.send(i);
            rig.run();
        }

        assertThat(sink.lines).endsWith("batch 0 = 0", "flush", "batch 1 = 1", "flush", "batch 2 = 2", "flush");
    }

    @Test
    void wakesNobodyWhereAllAreGone() {
        FakeSink sink = rig.subscribe("t", "latest");
        rig.run();
        sink.cancel();
        rig.run();

        publisher.send(0);
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll();

        assertThat(rig.sinkLoop.waitingTasks()).isZero();
    }

    @Test
    void wakesNeighbourOfOneThatLeft() {
        FakeSink leaving = rig.subscribe("t", "latest");
        FakeSink staying = rig.subscribe("t", "latest");
        rig.run();
        leaving.cancel();
        rig.run();

        publisher.send(0);
        rig.run();

        assertThat(staying.lines).contains("batch 0 = 0");
        assertThat(leaving.lines).doesNotContain("batch 0 = 0");
    }

    @Test
    void wakesNeighbourOfOneThatWasRefused() {
        FakeSink staying = rig.subscribe("t", "latest");
        rig.run();
        FakeSink refused = rig.subscribe("t", "1000");
        rig.run();
        assertThat(refused.lines).containsExactly("refuse BAD_REQUEST");

        publisher.send(0);
        rig.run();

        assertThat(staying.lines).contains("batch 0 = 0");
    }

    @Test
    void wakesSubscriptionThatCameAfterAllOthersLeft() {
        rig.run();
        for (int i = 0; i < 3; i++) {
            FakeSink sink = rig.subscribe("t", "latest");
            rig.run();
            publisher.send(i);
            rig.run();
            assertThat(sink.lines).endsWith("batch " + i + " = " + i, "flush");
            sink.cancel();
            rig.run();
        }
    }

    @Test
    void worksWhereAllShareOneLoop() {
        BrokerRig one = BrokerRig.onOneLoop(BrokerRig.SMALL);
        FakePublisher alone = one.publish("t");
        FakeSink sink = one.subscribe("t", "latest");
        FakeSink cancelled = one.subscribe("t", "latest");
        cancelled.cancel();
        for (int i = 0; i < 3; i++) {
            alone.send(i);
        }
        alone.finish();
        one.run();

        assertThat(sink.lines)
                .containsExactly("start 0", "flush", "batch 0 = 0", "batch 1 = 1", "batch 2 = 2", "flush");
        assertThat(alone.lines).containsExactly("finished");
        one.close();
    }
}
