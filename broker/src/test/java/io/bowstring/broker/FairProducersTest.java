package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How sources share the places that one topic has for producers: 40 for those with a name, and 40 of one life. */
class FairProducersTest {
    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(1 << 20, 10, 1 << 20, 1 << 20, 40));

    @ParameterizedTest
    @CsvSource({"named., ''", "once., ', 10 minutes at most'"})
    void oneSourceLeavesTheLastQuarterToOthers(String prefix, String limit) {
        for (int i = 0; i < 30; i++) {
            assertThat(append(prefix + i, "greedy").lines).startsWith("accepted -1");
        }

        FakePublisher refused = append(prefix + 30, "greedy");
        assertThat(refused.lines).containsExactly("refused LIMIT_REACHED");
        assertThat(refused.reason)
                .isEqualTo(
                        "producers of one topic of one address: 31 (expected: <= 5 that are connected or were so within"
                                + " producer-age" + limit + " while only 10 of 40 are free; max-producers)");
        for (int i = 31; i < 36; i++) {
            assertThat(append(prefix + i, "modest").lines).startsWith("accepted -1");
        }
        assertThat(append(prefix + 36, "modest").lines).containsExactly("refused LIMIT_REACHED");
        for (int i = 36; i < 41; i++) {
            assertThat(append(prefix + i, null).lines).startsWith("accepted -1");
        }
        assertThat(append(prefix + 41, "another").reason)
                .startsWith("producers of one topic: 41 (expected: <= 40 that");
    }

    @ParameterizedTest
    @ValueSource(strings = {"named.", "once."})
    void aSourceGetsPlacesWhoseTimeIsOver(String prefix) {
        for (int i = 0; i < 30; i++) {
            append(prefix + i, "greedy");
        }
        for (int i = 30; i < 35; i++) {
            append(prefix + i, "modest");
        }
        rig.topicLoop.advance(Duration.ofHours(24));

        assertThat(append(prefix + 35, "greedy").lines).startsWith("accepted -1");
    }

    @Test
    void oneOfOneLifeThatComesBackIsNeverRefused() {
        for (int i = 0; i < 3; i++) {
            publisher("once.done." + i, "greedy").sendNumbered(0).finish();
            rig.run();
        }
        for (int i = 0; i < 30; i++) {
            append("once." + i, "greedy");
        }
        assertThat(append("once.30", "greedy").lines).containsExactly("refused LIMIT_REACHED");

        assertThat(append("once.done.0", "greedy").lines).startsWith("accepted 0");
        for (int i = 31; i < 41; i++) {
            append("once." + i, null);
        }
        assertThat(append("once.41", null).lines).containsExactly("refused LIMIT_REACHED");
        assertThat(append("once.done.1", "greedy").lines).startsWith("accepted 0");
        assertThat(append("once.done.2", null).lines).startsWith("accepted 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"named.", "once."})
    void oneWhoseTimeIsOverTakesAPlaceAsANewcomerDoes(String prefix) {
        for (int i = 0; i < 30; i++) {
            append(prefix + i, "greedy");
        }
        rig.topicLoop.advance(Duration.ofHours(24));
        append(prefix + 30, "modest");
        for (int i = 31; i < 40; i++) {
            append(prefix + i, "greedy");
        }

        for (int i = 0; i < 20; i++) {
            assertThat(append(prefix + i, "greedy").lines).startsWith("accepted 0");
        }
        for (int i = 20; i < 30; i++) {
            assertThat(append(prefix + i, "greedy").lines).containsExactly("refused LIMIT_REACHED");
        }
        assertThat(append(prefix + 40, "modest").lines).startsWith("accepted -1"); // 20 is forgotten
        rig.topicLoop.advance(Duration.ofHours(24));
        assertThat(append(prefix + 21, "greedy").lines).startsWith("accepted 0");
        assertThat(append(prefix + 20, "greedy").lines).startsWith("accepted -1");
    }

    @Test
    void oneThatHasComeBackAfterItsTimeCountsForWhoConnectedIt() {
        for (int i = 0; i < 30; i++) {
            append("named." + i, "first");
        }
        rig.topicLoop.advance(Duration.ofHours(24));
        for (int i = 0; i < 30; i++) {
            append("named." + i, "second");
        }

        assertThat(append("named.30", "second").lines).containsExactly("refused LIMIT_REACHED");
        assertThat(append("named.30", "first").lines).startsWith("accepted -1");
    }

    @Test
    void oneThatIsDoneAndComesBackTakesNoPlace() {
        for (int i = 0; i < 30; i++) {
            publisher("once.done." + i, "greedy").sendNumbered(0).finish();
            rig.run();
        }
        for (int i = 0; i < 30; i++) {
            append("once." + i, "greedy");
        }

        for (int i = 0; i < 10; i++) {
            publisher("once.done." + i, "greedy").sendNumbered(0);
            publisher("once.done." + (10 + i), "greedy").sendNumbered(0).abort();
            publisher("once.done." + (20 + i), "greedy").sendNumbered(0, 1).abort();
            rig.run();
        }

        for (int i = 30; i < 35; i++) {
            assertThat(append("once." + i, "modest").lines).startsWith("accepted -1");
        }
        for (int i = 0; i < 30; i++) {
            assertThat(append("once.done." + i, "greedy").lines).startsWith(i < 20 ? "accepted 0" : "accepted 1");
        }
    }

    @Test
    void forgetsNobodyForASourceThatIsRefused() {
        for (int i = 0; i < 5; i++) {
            append("old." + i, "modest");
        }
        rig.topicLoop.advance(Duration.ofHours(23));
        for (int i = 0; i < 20; i++) {
            append("greedy." + i, "greedy");
        }
        for (int i = 0; i < 15; i++) {
            append("new." + i, "source." + i % 3);
        }
        rig.topicLoop.advance(Duration.ofHours(1)); // the time of five is over, and all 40 places are taken

        assertThat(append("greedy.20", "greedy").lines).containsExactly("refused LIMIT_REACHED");
        for (int i = 0; i < 5; i++) {
            assertThat(append("old." + i, "modest").lines).startsWith("accepted 0");
        }
    }

    /** A producer that appends a batch and loses its connection, so that it is remembered. */
    private FakePublisher append(String producer, String source) {
        FakePublisher publisher = publisher(producer, source);
        publisher.sendNumbered(0).abort();
        rig.run();
        return publisher;
    }

    private FakePublisher publisher(String producer, String source) {
        PublishRequest request = new PublishRequest(new TopicName("t"), true, false, new ProducerId(producer));
        return rig.publish(request, Messages.schema(Messages.PLAIN, rig.allocator), source);
    }
}
