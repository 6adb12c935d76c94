package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions from a time that is looked for in the log. */
class DurableTimeTest {
    @RegisterExtension
    final DurableRig topic = new DurableRig();

    private final BrokerRig rig = topic.broker;
    private final FakeStorage storage = topic.storage;
    private final FakePublisher publisher = topic.publisher;

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
}
