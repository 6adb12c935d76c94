package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three publishers that wait for one subscription that blocks a window of three batches. */
class PublicationLineTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig();

    private final FakePublisher first = rig.publish("t");
    private final FakePublisher second = rig.publish("t");
    private final FakePublisher third = rig.publish("t");
    private final FakeSink sink = new FakeSink(rig.sinkLoop);

    @BeforeEach
    void block() {
        sink.credit = 0;
        rig.subscribe("t", "latest", "live", "block", sink);
        first.send(0, 0, 0);
        rig.run();
    }

    @Test
    void givesEachAMessageInTurn() {
        first.send(11, 12, 13, 14, 15, 16);
        rig.run();
        second.send(21, 22, 23);
        rig.run();
        third.send(31, 32);
        rig.run();

        assertThat(taken(14)).containsExactly(0L, 0L, 0L, 11L, 21L, 31L, 12L, 22L, 32L, 13L, 23L, 14L, 15L, 16L);
    }

    @Test
    void givesEachAMessageInTurnWhereOneKeepsSending() {
        first.send(11);
        rig.run();
        second.send(21, 22, 23);
        rig.run();
        List<Long> taken = new ArrayList<>();

        for (long i = 12; i < 20; i++) {
            first.send(i); // at the very moment at which there is room
            taken.addAll(taken(1));
        }

        assertThat(taken).containsExactly(0L, 0L, 0L, 11L, 21L, 12L, 22L, 13L);
    }

    @Test
    void letsNobodyPassTheLine() {
        first.send(11);
        rig.run();
        sink.grant(1);
        rig.sinkLoop.runAll(); // there is room, and the topic does not know yet
        second.send(21);
        rig.publisherLoop.runAll();
        rig.topicLoop.rotate(); // the newcomer is faster
        rig.run();

        assertThat(taken(4)).containsExactly(0L, 0L, 0L, 11L, 21L);
    }

    @Test
    void givesTheTurnToTheNextWhereOneIsRefused() {
        first.sendDelta(7, "x").send(11); // a delta to nothing
        rig.run();
        second.send(21);
        rig.run();
        third.send(31).abort();
        rig.run();

        assertThat(taken(5)).containsExactly(0L, 0L, 0L, 21L, 31L);
        assertThat(first.lines).containsExactly("refused BAD_STREAM");
        assertThat(third.lines).containsExactly("finished");
    }

    /** Lets the subscription take so many batches one by one; returns the values. */
    private List<Long> taken(int batches) {
        for (int i = 0; i < batches; i++) {
            sink.grant(1);
            rig.run();
        }
        List<Long> values = new ArrayList<>();
        for (String line : sink.take()) {
            if (line.startsWith("batch")) {
                values.add(Long.valueOf(line.substring(line.indexOf("= ") + 2)));
            }
        }
        return values;
    }
}
