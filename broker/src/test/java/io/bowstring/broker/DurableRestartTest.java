package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topics that a broker has kept, and another one serves. */
class DurableRestartTest {
    private final FakeStorage storage = new FakeStorage();

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(DurableRig.CONFIG, storage);

    @Test
    void keepsWhatItHadForTheNextBroker() throws IOException {
        storage.commitsAtOnce = true;
        BrokerRig before = new BrokerRig(DurableRig.CONFIG, storage);
        FakePublisher old = before.publish("t", ThreeColumns.FIELDS);
        for (int i = 0; i < 5; i++) {
            old.send(ThreeColumns.batch(i, before.allocator));
            before.run();
        }
        String id = before.topic("t").log().id();
        before.publish("empty").finish();
        before.run();
        before.close();
        storage.takeCalls();

        rig.broker.open();
        rig.run();
        assertThat(storage.calls)
                .containsExactlyInAnyOrder("new t", "open t", "resume t", "new empty", "open empty", "resume empty");
        assertThat(rig.topic("t").log().id()).isEqualTo(id);
        assertThat(rig.list("")).hasSize(2);
        assertThat(rig.list("t").get(0))
                .returns(0L, TopicStatus::firstOffset)
                .returns(5L, TopicStatus::nextOffset)
                .returns(5L, TopicStatus::batches)
                .returns(false, TopicStatus::isSealed);
        FakeSink sink = rig.subscribe("t", "3");
        rig.run();
        assertThat(sink.lines).containsExactly("start 3", "flush", "batch 3 = 3", "flush", "batch 4 = 4", "flush");
        assertThat(sink.fields).isEqualTo(ThreeColumns.FIELDS);
        storage.log("t").surplus(0); // after which the topic looks whether there is something to tell
        rig.run();
        assertThat(storage.log("t").tellings).isZero();

        rig.publish("t", ThreeColumns.FIELDS).send(ThreeColumns.batch(5, rig.allocator));
        FakePublisher other = rig.publish("t");
        rig.run();
        assertThat(sink.lines).endsWith("batch 5 = 5", "flush");
        assertThat(other.lines).containsExactly("refused SCHEMA_MISMATCH");
        assertThat(rig.held("t")).contains("batch 0 = 0", "batch 5 = 5");
    }

    @Test
    void appendsNothingOlderThanWhatIsKept() throws IOException {
        storage.commitsAtOnce = true;
        BrokerRig before = new BrokerRig(BrokerRig.SMALL, storage);
        before.clock.setMicros(1_000);
        before.publish("t").send(7);
        before.run();
        before.close();

        rig.clock.setMicros(500); // it has been set back
        rig.broker.open();
        rig.publish("t").send(8);
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        assertThat(sink.positions).extracting(BatchPosition::timeMicros).containsExactly(1_000L, 1_000L);
    }

    @Test
    void keepsASeal() throws IOException {
        storage.commitsAtOnce = true;
        BrokerRig before = new BrokerRig(BrokerRig.SMALL, storage);
        before.publish(new PublishRequest(new TopicName("t"), false, true), Messages.PLAIN)
                .send(7)
                .finish();
        before.run();
        before.close();

        rig.broker.open();
        FakePublisher publisher = rig.publish("t");
        FakeSink sink = rig.subscribe("t", "0");
        rig.run();

        assertThat(publisher.lines).containsExactly("refused TOPIC_SEALED");
        assertThat(sink.lines).endsWith("batch 0 = 7", "complete");
        assertThat(rig.list("t").get(0).isSealed()).isTrue();
    }

    @Test
    void refusesAllWhereWhatIsKeptTakesTooMuchMemory() throws IOException {
        List<IpcField> wide = Collections.nCopies(100, Messages.PLAIN.get(0));
        BrokerRig before = new BrokerRig(BrokerRig.SMALL, storage);
        before.publish("t", wide).send(Messages.batch(100, 7, before.allocator));
        before.run();
        before.close();
        storage.takeCalls();
        BrokerRig small = new BrokerRig(
                BrokerRig.SMALL.withMemory(BrokerConfig.DEFAULTS.memory().withMaxTopicBytes(5_000)), storage);
        small.broker.open();
        FakePublisher publisher = small.publish("t", wide);
        FakeSink sink = small.subscribe("t", "earliest");
        small.run();

        assertThat(publisher.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(sink.lines).containsExactly("refuse LIMIT_REACHED");
        assertThat(storage.takeCalls()).containsExactly("new t", "open t", "close t");
        assertThat(storage.disk(new TopicName("t")).committedOffset()).isOne();
        small.close();
    }
}
