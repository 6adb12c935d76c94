package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.Acknowledgement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AcknowledgementRowsTest {
    private final AcknowledgementRows rows = new AcknowledgementRows();
    private long held;

    private void append(long... offsets) {
        for (long offset : offsets) {
            rows.add(++held, offset);
        }
    }

    private static List<Acknowledgement> taken(AcknowledgementRows from) {
        List<Acknowledgement> taken = new ArrayList<>();
        while (from.size() > 0) {
            taken.add(from.take());
        }
        return taken;
    }

    private static Acknowledgement row(long batches, long offset) {
        return new Acknowledgement(batches, offset, null);
    }

    /** Returns the offset of each batch as a publisher finds it, -1 where it does not, after a row before. */
    private static List<Long> offsets(List<Acknowledgement> rows, long batches, long offset) {
        List<Long> found = new ArrayList<>();
        long beforeBatches = batches;
        long beforeOffset = offset;
        for (Acknowledgement row : rows) {
            long count = row.batches() - beforeBatches;
            boolean isRun = row.offset() - beforeOffset == count;
            for (long left = count - 1; left >= 0; left--) {
                found.add(isRun || left == 0 ? row.offset() - left : -1);
            }
            beforeBatches = row.batches();
            beforeOffset = row.offset();
        }
        return found;
    }

    @Test
    void letBatchesThatStandOneAfterAnotherShareOne() {
        append(0, 1, 2);
        assertThat(taken(rows)).containsExactly(row(3, 2));

        append(3, 4);
        assertThat(taken(rows)).containsExactly(row(5, 4));
    }

    @Test
    void tellTheOffsetOfEachBatchAmongThoseOfOthers() {
        append(7, 8, 9, 12, 20, 21);

        assertThat(taken(rows)).containsExactly(row(1, 7), row(3, 9), row(4, 12), row(5, 20), row(6, 21));
    }

    @Test
    void letBatchesThatTheTopicHadShareOne() {
        append(7, 7, 7, 8, 9);

        assertThat(taken(rows)).containsExactly(row(3, 7), row(5, 9));
    }

    @Test
    void tellTheSameOfBatchesWhetherTheyAreAddedTogetherOrNot() {
        append(7, 8, 9, 12, 13, 14, 20);
        AcknowledgementRows together = new AcknowledgementRows();
        together.add(3, 9);
        together.add(6, 14);
        together.add(7, 20);

        assertThat(taken(together)).isEqualTo(taken(rows));
    }

    @Test
    void tellOfRepeatedBatchesAndThoseThatFollowTogether() {
        rows.add(1, 7);
        rows.add(2, 7);
        rows.add(5, 9); // one more that the topic had, and two

        assertThat(taken(rows)).containsExactly(row(3, 7), row(5, 9));
    }

    @Test
    void sayTheErrorInTheLast() {
        assertThat(rows.hasNothing()).isTrue();
        assertThat(rows.takeLast("e")).isEqualTo(new Acknowledgement(0, -1, "e"));

        append(3, 5);

        assertThat(rows.hasNothing()).isFalse();
        assertThat(rows.take()).isEqualTo(row(1, 3));
        assertThat(rows.takeLast("e")).isEqualTo(new Acknowledgement(2, 5, "e"));
        assertThat(rows.size()).isZero();
        assertThat(rows.takeLast("f")).isEqualTo(new Acknowledgement(2, 5, "f"));
    }

    @Test
    void letTheLastStandForThoseThatHaveNotBeenTaken() {
        append(3, 5, 9);

        assertThat(rows.takeLast(null)).isEqualTo(row(3, 9));
        append(10);
        assertThat(taken(rows)).containsExactly(row(4, 10));
    }

    @Test
    void neverTellAWrongOffsetWhereThereAreTooMany() {
        Random random = new Random(7);
        for (int run = 0; run < 100; run++) {
            AcknowledgementRows tried = new AcknowledgementRows();
            List<Long> offsets = new ArrayList<>();
            List<Long> found = new ArrayList<>();
            long offset = -1;
            Acknowledgement last = row(0, -1);
            for (int i = 1; i <= 2_000; i++) {
                offset += 1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0);
                offsets.add(offset);
                tried.add(i, offset);
                assertThat(tried.size()).isBetween(1, AcknowledgementRows.MAX_ROWS);
                if (random.nextInt(700) == 0 || i == 2_000) {
                    List<Acknowledgement> taken = new ArrayList<>();
                    for (int left = random.nextInt(tried.size()); left > 0; left--) {
                        taken.add(tried.take());
                    }
                    taken.add(i == 2_000 ? tried.takeLast(null) : tried.take());
                    found.addAll(offsets(taken, last.batches(), last.offset()));
                    last = taken.get(taken.size() - 1);
                }
            }
            assertThat(found).hasSameSizeAs(offsets);
            for (int i = 0; i < offsets.size(); i++) {
                assertThat(found.get(i)).isIn(offsets.get(i), -1L);
            }
        }
    }
}
