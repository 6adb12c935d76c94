package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A producer that connects again while its connection before is still there; the window holds three batches. */
class FencingTest {
    @RegisterExtension
    final BrokerRig rig =
            new BrokerRig(SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, 20 * Messages.BATCH_WEIGHT, 2));

    private FakePublisher produce(String producer) {
        PublishRequest request = new PublishRequest(new TopicName("t"), true, false, new ProducerId(producer));
        return rig.publish(request, Messages.PLAIN);
    }

    @Test
    void fencesTheConnectionBeforeIt() {
        FakePublisher older = produce("a");
        older.sendNumbered(0);
        rig.run();
        older.take();

        FakePublisher newer = produce("a");
        newer.sendNumbered(1);
        rig.run();

        assertThat(older.lines).containsExactly("refused FENCED");
        assertThat(older.reason)
                .isEqualTo("bowstring.producer: a (expected: one connection at a time; a newer one has taken over)");
        assertThat(newer.lines).containsExactly("accepted 0", "appended 1 @1");
        assertThat(rig.list("t").get(0)).returns(1L, TopicStatus::publishers);
    }

    @Test
    void letsThoseAfterItInTheLineAppendWhereItIsFenced() {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 0;
        FakePublisher other = rig.publish("t");
        rig.subscribe("t", "latest", "live", "block", sink);
        FakePublisher older = produce("a");
        other.send(0, 0); // there is room for one more
        rig.run();
        IpcMetadataEdit number = new IpcMetadataEdit("", Map.of("bowstring.sequence", "0"));
        older.send(Messages.longBatch(100, 7, rig.allocator).edited(number, rig.allocator));
        rig.run();
        other.send(1);
        rig.run();
        assertThat(rig.list("t").get(0)).returns(2L, TopicStatus::nextOffset);

        produce("a");
        rig.run();

        assertThat(older.lines).endsWith("refused FENCED");
        assertThat(rig.list("t").get(0)).returns(3L, TopicStatus::nextOffset);
    }

    @Test
    void appendsNothingOfFencedConnectionBehindTheHandshake() {
        FakePublisher older = produce("a");
        rig.run();
        FakePublisher newer = produce("a");
        older.sendNumbered(0, 1).finish(); // on its way to the topic, behind the newer one's request
        rig.run();

        newer.sendNumbered(0).finish();
        rig.run();

        assertThat(older.lines).containsExactly("accepted -1", "refused FENCED");
        assertThat(newer.lines).containsExactly("accepted -1", "appended 1 @0", "finished");
        assertThat(rig.list("t").get(0)).returns(1L, TopicStatus::nextOffset);
    }
}
