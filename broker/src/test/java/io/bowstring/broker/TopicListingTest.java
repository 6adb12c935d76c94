package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A listing that is read page by page while topics come and go. */
class TopicListingTest {
    private static final int TOPICS = 3 * TopicListing.PAGE_TOPICS;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 1_000, 1 << 20, 1 << 20, 10));

    private static String name(int number) {
        return "t." + (1_000 + number);
    }

    private void publishAll() {
        for (int i = 0; i < TOPICS; i++) {
            rig.publish(name(i)).finish();
        }
        rig.run();
    }

    private void delete(String topic) {
        rig.broker.delete(new TopicName(topic));
        rig.run();
    }

    private void publish(String topic) {
        rig.publish(topic).finish();
        rig.run();
    }

    private List<String> next(TopicListing listing) {
        CompletionStage<List<TopicStatus>> page = listing.next();
        rig.run();
        return page.toCompletableFuture().join().stream()
                .map(status -> status.topic().value())
                .toList();
    }

    @Test
    void hasEachTopicThatStaysOnceAndInOrder() {
        publishAll();
        List<String> staying = IntStream.range(0, TOPICS)
                .filter(i -> i % 2 == 0)
                .mapToObj(TopicListingTest::name)
                .toList();
        TopicListing listing = rig.broker.list("t.");

        List<String> listed = new ArrayList<>();
        for (int round = 0; listing.hasNext(); round++) {
            listed.addAll(next(listing));
            for (int i = 1; i < TOPICS; i += 2) {
                delete(name(i));
                if ((i + round) % 3 == 0) {
                    publish(name(i));
                }
            }
            publish("t.000" + round);
        }

        assertThat(listed).isSorted().doesNotHaveDuplicates().containsAll(staying);
        assertThat(listed).noneMatch(topic -> topic.startsWith("t.000")); // they came before what was listed
    }

    @Test
    void hasWhatIsThereWhenItComesToIt() {
        publishAll();
        TopicListing listing = rig.broker.list("t.");
        assertThat(next(listing)).startsWith("t.1000").endsWith("t.1099");

        delete("t.1100");
        publish("t.1099.x");

        assertThat(next(listing)).startsWith("t.1099.x", "t.1101").endsWith("t.1199");
        for (int i = 200; i < TOPICS; i++) {
            delete(name(i));
        }
        assertThat(listing.hasNext()).isFalse();
        assertThat(next(listing)).isEmpty();
        publish("u");
        assertThat(listing.hasNext()).isFalse();
    }

    @Test
    void hasNoTopicThatIsOnlyWaitedFor() {
        FakeSink waiting = rig.subscribe("t.1", "latest");
        rig.run();
        assertThat(rig.broker.list("").hasNext()).isFalse();

        publish("t.1");

        assertThat(next(rig.broker.list(""))).containsExactly("t.1");
        waiting.cancel();
        rig.run();
        assertThat(next(rig.broker.list(""))).containsExactly("t.1");
    }

    @Test
    void hasTheTopicOfANameThatThereIsNow() {
        FakePublisher publisher = rig.publish("t.1");
        rig.run();
        List<FakePublisher> late = new ArrayList<>();
        publisher.whileBusy(() -> {
            rig.broker.delete(new TopicName("t.1"));
            late.add(rig.publish("t.1")); // comes to the topic that is about to go
        });
        rig.run();
        assertThat(late.get(0).lines).containsExactly("refused UNKNOWN_TOPIC");
        assertThat(rig.list("")).isEmpty();

        FakePublisher another = rig.publish("t.1");
        rig.run();

        assertThat(rig.list("")).singleElement().returns(1L, TopicStatus::publishers);
        assertThat(another.lines).isEmpty();
    }
}
