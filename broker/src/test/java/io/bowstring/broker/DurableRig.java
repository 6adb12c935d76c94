package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A durable topic {@code t} that has a window of three batches, with one publisher. Each batch is committed at once, unless a test
 * says otherwise.
 */
final class DurableRig implements AfterEachCallback {
    static final BrokerConfig CONFIG = BrokerRig.SMALL.withTopic(TopicConfig.DEFAULTS.withWindowBatches(3));

    final FakeStorage storage = new FakeStorage();
    final BrokerRig broker = new BrokerRig(CONFIG, storage);
    final FakePublisher publisher = broker.publish("t");

    DurableRig() {
        storage.commitsAtOnce = true;
    }

    /** Subscribes with a sink that takes so many batches, and no more until it is granted some. */
    FakeSink subscribe(String from, String until, String onLag, int credit) {
        FakeSink sink = new FakeSink(broker.sinkLoop);
        sink.credit = credit;
        return broker.subscribe("t", from, until, onLag, sink);
    }

    /** Returns a subscription without an end whose sink has taken one batch, the first or one that is published now, and takes no more. */
    FakeSink stalled(String from, String onLag) {
        FakeSink sink = subscribe(from, "live", onLag, 1);
        boolean needsBatch = from.equals("latest") || broker.topic("t").log().committedOffset() == 0;
        broker.send(publisher, needsBatch ? 1 : 0);
        assertThat(sink.positions).hasSize(1);
        sink.take();
        return sink;
    }

    /** Returns the batches that a subscriber gets up to the end of the topic: the offset and the value of each, and the gap before it. */
    List<String> batches(String from, String onLag) {
        FakeSink sink = broker.subscribe("t", from, "end", onLag);
        broker.run();
        assertThat(sink.lines).last().isEqualTo("complete");
        return sink.lines.stream()
                .filter(line -> line.startsWith("batch"))
                .map(line -> line.substring("batch ".length()))
                .toList();
    }

    /** The log wants to drop what is before an offset. */
    void surplus(long beforeOffset) {
        storage.log("t").surplus(beforeOffset);
        broker.run();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        broker.afterEach(context);
    }
}
