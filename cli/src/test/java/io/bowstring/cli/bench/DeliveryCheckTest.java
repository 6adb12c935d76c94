package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryCheckTest {
    private final DeliveryCheck check = new DeliveryCheck();

    @Test
    void checksEachStreamByItself() {
        check.announce(1);
        check.announce(2);
        check.onBatch(1, 0);
        check.onBatch(2, 0);
        check.onBatch(2, 2);
        check.onBatch(1, 1);
        check.onBatch(1, 1);
        check.end(1, 2);
        check.end(2, 3);

        assertThat(check.faults()).isEqualTo(new Faults(1, 1, 0));
    }

    @Test
    void missesTheFirstBatchOfStreamThatIsAnnounced() {
        check.announce(1);
        check.onBatch(1, 1);

        assertThat(check.faults()).isEqualTo(new Faults(1, 0, 0));
    }

    @Test
    void missesAllOfStreamThatDoesNotCome() {
        check.end(1, 5);

        assertThat(check.faults()).isEqualTo(new Faults(5, 0, 0));
    }

    @Test
    void takesUnknownStreamFromWhereItComes() {
        check.onBatch(1, 40);
        check.onBatch(1, 41);
        check.onBatch(1, 43);

        assertThat(check.faults()).isEqualTo(new Faults(1, 0, 0));
    }
}
