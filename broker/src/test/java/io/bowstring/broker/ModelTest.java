package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What subscribers get is what {@link ReferenceTopic} says, whatever publishers and subscribers do and in whatever order
 * the broker's threads come to it. {@code -Dbowstring.model.seeds=N} makes it longer.
 */
@ExtendWith(LeakDetection.class)
class ModelTest {
    private static final long FIRST_SEED = Seeds.fixed("ModelTest", 20_261_121);
    private static final int HISTORIES = Integer.getInteger("bowstring.model.seeds", 2_000);

    /** Checks that the histories have reached these cases: else they would test nothing. */
    private static final List<String> KINDS = List.of(
            "batch",
            "gap",
            "some columns",
            "no columns",
            "gap of some columns",
            "unknown column",
            "aged",
            "overdue",
            "one loop",
            "dictionary",
            "delta",
            "same dictionary",
            "rebase",
            "same rebase",
            "followed a rebase",
            "complete",
            "cut: disconnect",
            "cut: drop",
            "some committed",
            "acknowledged late",
            "seal kept",
            "surplus",
            "dropped",
            "chunk",
            "run of 4",
            "blocked",
            "held back",
            "let go on",
            "sealed",
            "publisher refused: BAD_STREAM",
            "publisher refused: LIMIT_REACHED",
            "publisher refused: SCHEMA_MISMATCH",
            "publisher refused: SHUTTING_DOWN",
            "publisher refused: TOO_LARGE",
            "publisher refused: TOPIC_SEALED",
            "subscriber refused: BAD_REQUEST",
            "subscriber refused: OFFSET_EXPIRED",
            "subscriber refused: SHUTTING_DOWN",
            "subscriber refused: UNKNOWN_TOPIC");

    @Test
    void deliversWhatTheReferenceSays() {
        Map<String, Integer> seen = new TreeMap<>();
        long start = System.nanoTime();
        long steps = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            steps += live(new ModelDriver(seed, seen), seed);
        }
        System.out.printf(
                "ModelTest: %,d histories, %,d steps in %,d ms: %s%n",
                HISTORIES, steps, (System.nanoTime() - start) / 1_000_000, seen);
        if (HISTORIES >= 2_000) {
            assertThat(seen).containsKeys(KINDS.toArray(String[]::new));
        }
    }

    /** Returns of how many steps it was. */
    private static int live(ModelDriver driver, long seed) {
        try {
            driver.run();
            LeakDetection.check();
            return driver.steps();
        } catch (AssertionError | RuntimeException e) {
            String how = " -Dbowstring.seed=" + seed + " -Dbowstring.model.seeds=1: ";
            throw new AssertionError("step " + driver.steps() + " of" + how + e, e);
        }
    }
}
