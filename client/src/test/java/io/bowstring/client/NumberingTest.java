package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.client.Numbering.Kind;
import io.bowstring.protocol.ProducerId;
import org.junit.jupiter.api.Test;

class NumberingTest {
    private static final ProducerId ID = new ProducerId("feed");

    private static long first(Kind kind, long first, long last) {
        return new Numbering(kind, ID, first).firstAfter(last);
    }

    @Test
    void beginsWhereItIsToldTo() {
        assertThat(Numbering.OF_ONE_LIFE.firstAfter(-1)).isZero();
        assertThat(first(Kind.NEW, 0, -1)).isZero();
        assertThat(first(Kind.NEW, 42, 41)).isEqualTo(42);
        assertThat(first(Kind.REPEATING, 0, 41)).isZero();
        assertThat(first(Kind.RESUMING, 0, -1)).isZero();
        assertThat(first(Kind.RESUMING, 0, 41)).isEqualTo(42);
        assertThat(first(Kind.RESUMING, 50, 41)).isEqualTo(50);
    }

    @Test
    void refusesToTakeWhatIsNewForWhatTheTopicHas() {
        assertThatThrownBy(() -> first(Kind.NEW, 41, 41))
                .isInstanceOf(ClientException.class)
                .hasMessage("producer: feed, of which the topic has batches up to number 41 (expected: none from 41 on;"
                        + " resuming() continues after them, repeating() publishes the same ones again)");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new Numbering(Kind.NEW, ID, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("firstSequence: -1 (expected: at least 0)");
        assertThatThrownBy(() -> new Numbering(Kind.RESUMING, null, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("producer: none (expected: an id, where batches are RESUMING)");
    }
}
