package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Lets lanes take turns: in each round all of them, in random order, so that what else the machine does meets all of them.
 * Owns the contestants. Confined to the caller's thread.
 */
final class Contest implements AutoCloseable {
    /** Turns that a lane is warm from: at first, and when only the shape is another. */
    private static final int FIRST_WARM_UP_TURNS = 8;

    private static final int WARM_UP_TURNS = 3;

    /** A percentile of fewer means little; but a turn of a slow lane must end. */
    private static final int MIN_DELAYS = 50;

    private static final int MAX_DELAYS_TURNS = 8;

    /** Who delivers so many batches in a turn as fast as it can, and what it did. */
    private record Fast(Contestant contestant, int count, Delivered result) {}

    /** Who delivers at a rate, and what it did. */
    private record Paced(Contestant contestant, Delay result) {}

    private final PeersConfig config;
    private final Consumer<String> progress;
    private final List<Contestant> contestants = new ArrayList<>();
    private final Random random = new Random(42);
    private boolean isFirst = true;

    /** Creates a contest of all lanes, of which none misses anything. */
    Contest(PeersConfig config, List<Lane> lanes, Programs programs, Consumer<String> progress) throws Exception {
        this.config = config;
        this.progress = progress;
        try {
            for (Lane lane : lanes) {
                contestants.add(new Contestant(lane, programs));
            }
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** Measures all that is asked. */
    Findings run() throws Exception {
        List<Delivered> throughput = new ArrayList<>();
        List<Delay> delays = new ArrayList<>();
        Map<Growth, List<Delivered>> growth = new EnumMap<>(Growth.class);
        int fewest = Collections.min(config.subscribers());
        for (int bodyBytes : config.bodies()) {
            for (int subscribers : config.subscribers()) {
                boolean isForDelays = config.parts().contains(Part.LATENCY) && subscribers == fewest;
                if (config.parts().contains(Part.THROUGHPUT) || isForDelays) {
                    throughput.addAll(measure(Shape.of(bodyBytes, subscribers)));
                }
            }
            if (config.parts().contains(Part.LATENCY)) {
                delays.addAll(measureDelays(Shape.of(bodyBytes, fewest), throughput));
            }
        }
        if (config.parts().contains(Part.GROWTH)) {
            for (Growth kind : Growth.values()) {
                List<Delivered> grown = new ArrayList<>();
                for (int number : kind.numbers()) {
                    grown.addAll(measure(kind.shape(config.growthBodyBytes(), number)));
                }
                growth.put(kind, grown);
            }
        }
        return new Findings(throughput, delays, growth);
    }

    /** Measures what those deliver that take the shape. */
    private List<Delivered> measure(Shape shape) throws Exception {
        progress.accept(shape.text());
        double warmSeconds = (isFirst ? FIRST_WARM_UP_TURNS : WARM_UP_TURNS) * config.turnSeconds();
        isFirst = false;
        List<Fast> places = new ArrayList<>();
        for (Contestant contestant : contestants) {
            if (contestant.lane().takes(shape)) {
                int count = contestant.warmUp(shape, config.turnSeconds(), warmSeconds);
                String name = contestant.lane().name();
                places.add(new Fast(contestant, count, new Delivered(name, shape, new Rounds(), new Rounds())));
            }
        }
        List<Fast> order = new ArrayList<>(places);
        for (int round = 0; round < config.rounds(); round++) {
            Collections.shuffle(order, random);
            for (Fast one : order) {
                Contestant.Took took = one.contestant.run(Turn.fast(shape, one.count));
                one.result.deliveriesPerSecond().add(took.deliveriesPerSecond());
                one.result.cpuSecondsPerGibibyte().add(took.cpuSecondsPerGibibyte());
            }
        }
        return places.stream().map(Fast::result).toList();
    }

    private List<Delay> measureDelays(Shape shape, List<Delivered> throughput) throws Exception {
        progress.accept("delays: " + shape.text());
        double common = throughput.stream()
                        .filter(one -> one.shape().equals(shape))
                        .mapToDouble(Delivered::publishedPerSecond)
                        .min()
                        .orElseThrow()
                / 2;
        List<Paced> places = new ArrayList<>();
        for (Contestant contestant : contestants) {
            String name = contestant.lane().name();
            double most = Findings.find(throughput, name, shape).orElseThrow().publishedPerSecond();
            places.add(new Paced(contestant, Delay.of(name, shape, Delay.Rate.HALF, most / 2)));
            places.add(new Paced(contestant, Delay.of(name, shape, Delay.Rate.COMMON, common)));
        }
        List<Paced> order = new ArrayList<>(places);
        for (int round = 0; round < config.rounds(); round++) {
            Collections.shuffle(order, random);
            for (Paced one : order) {
                Turn turn = Turn.paced(shape, delays(one.result), one.result.publishedPerSecond());
                one.contestant.run(turn);
                one.result.p50Micros().add(turn.delayMicros(50));
                one.result.p99Micros().add(turn.delayMicros(99));
            }
        }
        return places.stream().map(Paced::result).toList();
    }

    private int delays(Delay delay) {
        double perTurn = delay.publishedPerSecond() * config.turnSeconds();
        return Contestant.count(Math.max(perTurn, Math.min(MIN_DELAYS, perTurn * MAX_DELAYS_TURNS)));
    }

    @Override
    public void close() {
        contestants.forEach(Contestant::close);
    }
}
