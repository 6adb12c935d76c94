package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TopicPlacesTest {
    private final TopicPlaces places = new TopicPlaces(40);

    private void take(String source, int count) {
        for (int i = 0; i < count; i++) {
            places.take(source);
        }
    }

    @Test
    void leavesTheLastQuarterToSourcesThatHaveFew() {
        take("greedy", 30);

        assertThatThrownBy(() -> places.take("greedy"))
                .hasMessage("topics: 31 (expected: <= 30 for an address that has 10 of them; max-topics)");
        take("modest", 9);
        places.take(null);
        assertThatThrownBy(() -> places.take("another")).hasMessage("topics: 41 (expected: <= 40; max-topics)");
    }

    @Test
    void takesBackWhatASourceHad() {
        take("greedy", 30);
        take("modest", 10);
        for (int i = 0; i < 30; i++) {
            places.giveBack("greedy");
        }

        assertThatCode(() -> take("modest", 20)).doesNotThrowAnyException();
        assertThatThrownBy(() -> places.take("modest")).hasMessageStartingWith("topics: 31 ");
        assertThatCode(() -> take("greedy", 10)).doesNotThrowAnyException();
    }
}
