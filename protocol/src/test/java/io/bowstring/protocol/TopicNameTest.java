package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "Z", "0", "9", "_", "-", "-x", ".x", "x.", "a.b.c", "AZaz09._-"})
    void accepts(String value) {
        assertThat(new TopicName(value)).hasToString(value).returns(value, TopicName::value);
    }

    @Test
    void acceptsLongest() {
        assertThat(new TopicName("x".repeat(249)).value()).hasSize(249);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "a..b", "..a", "a..", "a b", "a/b", "a\\b", "ä", "a\n", "\u0000", "a:b", "*"})
    void refuses(String value) {
        assertRefused(
                () -> new TopicName(value),
                ErrorCode.BAD_TOPIC_NAME,
                "topic: " + value + " (expected: 1 to 249 of A-Z a-z 0-9 . _ -, no \"..\")");
    }

    @Test
    void refusesTooLongAndRepeatsItsBeginning() {
        assertRefused(
                () -> new TopicName("x".repeat(250)),
                ErrorCode.BAD_TOPIC_NAME,
                "topic: " + "x".repeat(64) + "… (expected: 1 to 249 of A-Z a-z 0-9 . _ -, no \"..\")");
    }

    @Test
    void sortsByName() {
        assertThat(Stream.of("b", "a", "a.b", "B").map(TopicName::new).sorted().map(TopicName::value))
                .containsExactly("B", "a", "a.b", "b");
    }
}
