package io.bowstring.bench.peers;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The results of a run, and the lanes that failed in it. Confined to the caller's thread.
 *
 * @param throughput of each lane at each length of bodies and number of subscribers, in the order of the tables
 * @param delays at the fewest subscribers
 * @param growth by what grew
 * @param failures of those that took no more turns from then on
 */
record Findings(
        List<Delivered> throughput, List<Delay> delays, Map<Growth, List<Delivered>> growth, List<Failure> failures) {
    /** Returns the shapes of the throughput, in their order. */
    List<Shape> shapes() {
        return throughput.stream().map(Delivered::shape).distinct().toList();
    }

    /** Returns what a lane delivered, of those. */
    static Optional<Delivered> find(List<Delivered> in, String lane, Shape shape) {
        return in.stream()
                .filter(one -> one.lane().equals(lane) && one.shape().equals(shape))
                .findFirst();
    }

    /** Returns the throughput of a lane ÷ that of another at the same shape; empty where one was not measured. */
    Optional<Double> ratio(String lane, String other, Shape shape) {
        return find(throughput, lane, shape)
                .flatMap(one -> find(throughput, other, shape).map(one::ratio));
    }
}
