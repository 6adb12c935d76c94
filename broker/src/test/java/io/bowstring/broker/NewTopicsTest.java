package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NewTopicsTest {
    private long nanos = Long.MAX_VALUE - 1;
    private final NewTopics newTopics = new NewTopics(3, () -> nanos);

    @Test
    void limitsWhatOneSourceMakesInAMinute() {
        TopicMaker maker = new TopicMaker(newTopics, "a", 100);
        TopicMaker other = new TopicMaker(newTopics, "a", 100);
        maker.onNewTopic();
        maker.onNewTopic();
        other.onNewTopic();

        assertThatThrownBy(other::onNewTopic)
                .hasMessage("new topics of one address in one minute: 4 (expected: <= 3; max-new-topics-per-minute)");
        assertThatCode(new TopicMaker(newTopics, "b", 100)::onNewTopic).doesNotThrowAnyException();

        nanos += TimeUnit.MINUTES.toNanos(1);
        assertThatCode(maker::onNewTopic).doesNotThrowAnyException();
    }

    @Test
    void limitsWhatOneConnectionMakes() {
        TopicMaker maker = new TopicMaker(newTopics, "a", 2);
        maker.onNewTopic();
        maker.onNewTopic();
        nanos += TimeUnit.HOURS.toNanos(1);

        assertThatThrownBy(maker::onNewTopic)
                .hasMessage("topics made by one connection: 3 (expected: <= 2; max-topics-per-connection)");
    }
}
