package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceCheckTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // received          | of | lost | repeated | reordered
                "0 1 2 3             |  4 | 0    | 0        | 0",
                "0 1 3               |  4 | 1    | 0        | 0",
                "1 2 3               |  4 | 1    | 0        | 0",
                "0 1                 |  4 | 2    | 0        | 0",
                "0 5                 | 10 | 8    | 0        | 0",
                "0 1 1 2 3           |  4 | 0    | 1        | 0",
                "0 1 2 3 0 3         |  4 | 0    | 2        | 0",
                "0 2 1 3             |  4 | 0    | 0        | 1",
                "3 2 1 0             |  4 | 0    | 0        | 3",
                "0 9 5 4 6           | 10 | 5    | 0        | 3",
                "0 9 5 5             | 10 | 7    | 1        | 1",
                "0 2 1 1 4           |  6 | 2    | 1        | 1",
            })
    void findsWhatIsLostRepeatedAndReordered(String received, long of, long lost, long repeated, long reordered) {
        SequenceCheck check = new SequenceCheck(0);
        Arrays.stream(received.split(" ")).mapToLong(Long::parseLong).forEach(check::onBatch);
        check.expect(of);

        assertThat(check.faults()).isEqualTo(new Faults(lost, repeated, reordered));
    }

    @Test
    void expectsNothingBeforeTheFirst() {
        SequenceCheck check = new SequenceCheck(7);
        check.onBatch(7);
        check.onBatch(9);

        assertThat(check.faults()).isEqualTo(new Faults(1, 0, 0));
    }
}
