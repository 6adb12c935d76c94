package io.bowstring.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The measurements of one lane, one for each round. Confined to the caller's thread. */
public final class Rounds {
    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    public double median() {
        return quartiles().median();
    }

    /** Returns the median of what one measured divided by what the other did in the same round. */
    public double medianRatio(Rounds other) {
        return ratio(other).median();
    }

    /** Returns what one measured divided by what the other did in the same round. */
    public Rounds ratio(Rounds other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(
                    "rounds: " + values.size() + " (expected: " + other.values.size() + ", as the other's)");
        }
        Rounds ratios = new Rounds();
        for (int i = 0; i < values.size(); i++) {
            ratios.add(values.get(i) / other.values.get(i));
        }
        return ratios;
    }

    /** Returns the median, and the values a quarter from either end; of an even number the higher. */
    public Quartiles quartiles() {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int last = sorted.length - 1;
        return new Quartiles(sorted[last / 4], sorted[sorted.length / 2], sorted[last - last / 4]);
    }
}
