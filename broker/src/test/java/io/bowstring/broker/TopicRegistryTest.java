package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bowstring.protocol.TopicName;
import org.junit.jupiter.api.Test;

class TopicRegistryTest {
    private static final TopicName NAME = new TopicName("t");

    @Test
    void countsNoTopicThatCouldNotBeMade() {
        TopicRegistry<String> topics = new TopicRegistry<>(1);

        assertThatIllegalStateException()
                .isThrownBy(() -> topics.attend(NAME, null, () -> {
                    throw new IllegalStateException();
                }));

        assertThat(topics.attend(NAME, null, () -> "made")).isEqualTo("made");
    }
}
