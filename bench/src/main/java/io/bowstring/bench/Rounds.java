package io.bowstring.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one of those that take turns has measured, round by round. Confined to the caller's thread. */
final class Rounds {
    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    double median() {
        return median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Returns the median of what one measured divided by what the other did in the same round. */
    double medianRatio(Rounds other) {
        double[] ratios = new double[values.size()];
        Arrays.setAll(ratios, i -> values.get(i) / other.values.get(i));
        return median(ratios);
    }

    private static double median(double[] sorted) {
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
