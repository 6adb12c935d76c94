package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.protocol.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How sources share places that are counted. */
class FairPlacesTest {
    private final FairPlaces places = newPlaces(40);

    private static FairPlaces newPlaces(int limit) {
        return new FairPlaces("topics", limit, "", "max-topics");
    }

    private void take(String source, int count) {
        for (int i = 0; i < count; i++) {
            places.take(source);
        }
    }

    /** Takes all that a source gets; returns how many it has got. */
    private static int takeAll(FairPlaces places, String source) {
        int taken = 0;
        try {
            while (true) {
                places.take(source);
                taken++;
            }
        } catch (ProtocolException e) {
            return taken;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 3", "4, 3", "8, 6", "10, 8", "11, 9", "13, 10", "40, 30", "10000, 7500"})
    void oneSourceLeavesTheLastQuarterToOthers(int limit, int expected) {
        assertThat(takeAll(newPlaces(limit), "greedy")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "10000, 7500 1250 10 10",
        "1000, 750 125 10 10",
        "80, 60 10 10 0",
        "40, 30 5 5 0",
        "16, 12 2 2 0",
        "12, 9 1 1 1 0",
        "8, 6 1 1 0",
        "7, 6 1 0",
        "4, 3 1 0",
        "3, 3 0",
        "1, 1 0"
    })
    void fewSourcesThatTakeAllTheyGetLeaveTheLastEighthToOthers(int limit, String expected) {
        FairPlaces shared = newPlaces(limit);
        String[] counts = expected.split(" ");
        for (int i = 0; i < counts.length; i++) {
            assertThat(takeAll(shared, "greedy." + i)).as("source %s", i).isEqualTo(Integer.parseInt(counts[i]));
        }
    }

    @Test
    void aSourceGoesOnToAnEighthAfterAGreedyOneHasBeenStopped() {
        FairPlaces many = newPlaces(10_000);
        for (int i = 0; i < 1_000; i++) {
            many.take("honest");
        }
        assertThat(takeAll(many, "greedy")).isEqualTo(6_500);

        assertThat(takeAll(many, "honest")).isEqualTo(250);
    }

    @Test
    void saysWhatIsFree() {
        take("greedy", 30);

        assertThatThrownBy(() -> places.take("greedy"))
                .hasMessage("topics of one address: 31 (expected: <= 5 while only 10 of 40 are free; max-topics)");
        take("modest", 5);
        take(null, 5);
        assertThatThrownBy(() -> places.take("another")).hasMessage("topics: 41 (expected: <= 40; max-topics)");
        assertThatThrownBy(() -> places.take(null)).hasMessage("topics: 41 (expected: <= 40; max-topics)");
    }

    @Test
    void takesBackWhatASourceHad() {
        take("greedy", 30);
        take("modest", 5);
        for (int i = 0; i < 30; i++) {
            places.giveBack("greedy");
        }

        assertThatCode(() -> take("modest", 25)).doesNotThrowAnyException();
        assertThatThrownBy(() -> places.take("modest")).hasMessageStartingWith("topics of one address: 31 ");
        assertThatCode(() -> take("greedy", 5)).doesNotThrowAnyException();
    }

    @Test
    void keepsNoSourceThatHasNoPlace() {
        take("gone", 2);
        take("staying", 1);
        places.giveBack("gone");
        assertThat(places.sources()).isEqualTo(2);

        places.giveBack("gone");

        assertThat(places.sources()).isOne();
    }
}
