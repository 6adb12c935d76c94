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
        newTopics.count("a");
        newTopics.count("a");
        newTopics.count("a");

        assertThatThrownBy(() -> newTopics.count("a"))
                .hasMessage("new topics of one address in one minute: 4 (expected: <= 3; max-new-topics-per-minute)");
        assertThatCode(() -> newTopics.count("b")).doesNotThrowAnyException();

        nanos += TimeUnit.MINUTES.toNanos(1);
        assertThatCode(() -> newTopics.count("a")).doesNotThrowAnyException();
    }
}
