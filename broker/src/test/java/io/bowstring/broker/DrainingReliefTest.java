package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Memory for 100 batches that stays short, for a publisher is as fast as its subscribers: who drains it is not cut. */
class DrainingReliefTest {
    /** Makes a batch so large that what the log needs beside it hardly counts. */
    private static final Map<String, String> MARK = Map.of("mark", "x".repeat(19 * (int) Messages.BATCH_WEIGHT));

    private static final Duration PERIOD = Duration.ofMillis(100);

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(ReliefTest.CONFIG.withMemoryBytes(100 * 20 * Messages.BATCH_WEIGHT));

    @Test
    void cutsNobodyWhoSendsWhatItPinsWithinTenSeconds() {
        FakeSink sink = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 90);

        passOn(sink, publisher, 1, 200);

        assertThat(rig.broker.memory().isShort()).isTrue();
        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void cutsWhoWouldNotSendWhatItPinsWithinTenSeconds() {
        FakeSink sink = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 90);

        for (int i = 0; i < 20; i++) {
            passOn(sink, publisher, i % 2, 1);
        }

        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
    }

    @Test
    void cutsWhoHasSentMuchAndSendsNoMore() {
        FakeSink sink = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 90);
        passOn(sink, publisher, 5, 100);
        assertThat(sink.isOver()).isFalse();

        rig.pass(Duration.ofSeconds(3));

        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
    }

    @Test
    void cutsWhoPinsLittleBesideOneThatDrainsMuchOnlyAfterLong() {
        FakeSink stalled = rig.hoard("t", "drop");
        FakeSink draining = rig.hoard("other", "drop");
        FakePublisher publisher = rig.publish("other");
        send(rig.publish("t"), 28);
        send(publisher, 62);

        passOn(draining, publisher, 1, 95);
        assertThat(stalled.isOver()).isFalse();
        passOn(draining, publisher, 1, 110);

        assertThat(stalled.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(draining.isOver()).isFalse();
    }

    @Test
    void givesASecondToWhoComesWhileMemoryIsShort() {
        FakeSink draining = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 90);
        passOn(draining, publisher, 1, 50);
        FakeSink newcomer = rig.hoard("other", "drop");
        send(rig.publish("other"), 60);

        passOn(draining, publisher, 1, 9);
        assertThat(newcomer.isOver()).isFalse();
        passOn(draining, publisher, 1, 20);

        assertThat(newcomer.lines).last().isEqualTo("cut TOO_SLOW");
        assertThat(draining.isOver()).isFalse();
    }

    @Test
    void givesASecondToWhoHadNothingToSend() {
        FakeSink idle = rig.hoard("other", "drop");
        FakeSink draining = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 90);
        passOn(draining, publisher, 1, 50);
        send(rig.publish("other"), 60);

        passOn(draining, publisher, 1, 9);
        assertThat(idle.isOver()).isFalse();
        idle.send();
        passOn(draining, publisher, 1, 50);

        assertThat(idle.isOver()).isFalse();
    }

    @Test
    void countsWhatIsSentOfAMessageThatIsNotSentWhole() {
        FakeSink sink = rig.hoard("t", "drop");
        send(rig.publish("t"), 90);

        for (int i = 0; i < 40; i++) {
            sink.partBytes += Messages.BATCH_WEIGHT * 20; // less than all by far
            rig.pass(PERIOD);
        }

        assertThat(rig.broker.memory().isShort()).isTrue();
        assertThat(sink.isOver()).isFalse();
    }

    @Test
    void countsNothingThatWasSentBeforeMemoryBecameShort() {
        FakeSink sink = rig.hoard("t", "drop");
        FakePublisher publisher = rig.publish("t");
        send(publisher, 84);
        for (int i = 0; i < 200; i++) {
            sink.send(1);
            send(publisher, 1);
        }
        send(publisher, 6);

        rig.pass(Duration.ofSeconds(2));

        assertThat(sink.lines).last().isEqualTo("cut TOO_SLOW");
    }

    /** Lets periods pass, in each of which a subscription sends some batches, and a publisher as many. */
    private void passOn(FakeSink sink, FakePublisher publisher, int batches, int periods) {
        for (int i = 0; i < periods; i++) {
            sink.send(batches);
            send(publisher, batches);
            rig.pass(PERIOD);
        }
    }

    private void send(FakePublisher publisher, int batches) {
        for (int i = 0; i < batches; i++) {
            publisher.send(i, MARK);
            rig.run();
        }
    }
}
