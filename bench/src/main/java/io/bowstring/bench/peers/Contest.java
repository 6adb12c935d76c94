package io.bowstring.bench.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Lets lanes take turns: in each round all of them, in random order, so that what else the machine does meets all of them.
 * Owns the contestants. Confined to the caller's thread.
 */
final class Contest implements AutoCloseable {
    /** The first shape of a run is warmed up for the time of so many turns, each later shape for the time of the second number. */
    private static final int FIRST_WARM_UP_TURNS = 20;

    private static final int WARM_UP_TURNS = 3;

    /** A turn measures at least so many delays, but it becomes no longer than so many times the usual turn. */
    private static final int MIN_DELAYS = 50;

    private static final int MAX_DELAYS_TURNS = 8;

    /** A lane that delivers {@code count} batches a turn as fast as it can, with its results. */
    private record Fast(Contestant contestant, int count, Delivered result) {}

    /** A lane that delivers at a fixed rate, with its delays. */
    private record Paced(Contestant contestant, Delay result) {}

    private interface Step<T> {
        T take() throws Exception;
    }

    private final PeersConfig config;
    private final Consumer<String> progress;
    private final Scratch scratch;
    private final List<Contestant> contestants = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final Map<Shape, List<Delivered>> measured = new HashMap<>();
    private final Random random = new Random(42);

    /**
     * Starts the lanes; each must have all that it needs on this machine.
     *
     * @param patienceSeconds how much longer than planned a turn may take
     */
    Contest(PeersConfig config, List<Lane> lanes, Programs programs, double patienceSeconds, Consumer<String> progress)
            throws IOException, InterruptedException {
        this.config = config;
        this.scratch = Scratch.in(config.disk());
        this.progress = progress;
        double patience = patienceSeconds + MAX_DELAYS_TURNS * config.turnSeconds();
        for (Lane lane : lanes) {
            try {
                contestants.add(new Contestant(lane, programs, scratch.newFolder(lane.name()), patience));
            } catch (IOException | RuntimeException e) {
                add(Failure.of(lane.name(), null, e, List.of()));
            } catch (InterruptedException e) {
                close();
                throw e;
            }
        }
    }

    /** Measures all parts of the configuration. A lane that fails is left out from then on. */
    Findings run() throws InterruptedException {
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
                delays.addAll(measureDelays(Shape.of(bodyBytes, fewest)));
            }
        }
        if (config.parts().contains(Part.GROWTH)) {
            for (Growth kind : Growth.values()) {
                List<Delivered> grown = new ArrayList<>();
                for (int number : kind.numbers(config.growTo())) {
                    grown.addAll(measure(kind.shape(config.growthBodyBytes(), number)));
                }
                growth.put(kind, grown);
            }
        }
        return new Findings(throughput, delays, growth, failures);
    }

    /** Measures all lanes that take the shape, once for each shape. A lane that fails in a round has no result. */
    private List<Delivered> measure(Shape shape) throws InterruptedException {
        List<Delivered> known = measured.get(shape);
        if (known != null) {
            return known;
        }
        progress.accept(shape.text());
        double warmSeconds = (measured.isEmpty() ? FIRST_WARM_UP_TURNS : WARM_UP_TURNS) * config.turnSeconds();
        List<Fast> places = new ArrayList<>();
        for (Contestant contestant : List.copyOf(contestants)) {
            if (contestant.lane().refusal(shape) == null) {
                attempt(contestant, shape, () -> contestant.warmUp(shape, config.turnSeconds(), warmSeconds))
                        .ifPresent(count -> places.add(new Fast(
                                contestant,
                                count,
                                Delivered.of(contestant.lane().name(), shape))));
            }
        }
        for (int round = 0; round < config.rounds(); round++) {
            for (Fast one : shuffled(places)) {
                attempt(one.contestant, shape, () -> one.contestant.run(Turn.fast(shape, one.count)))
                        .ifPresentOrElse(one.result::add, () -> places.remove(one));
            }
        }
        List<Delivered> results = places.stream().map(Fast::result).toList();
        measured.put(shape, results);
        return results;
    }

    private List<Delay> measureDelays(Shape shape) throws InterruptedException {
        progress.accept("delays: " + shape.text());
        Map<Contestant, Double> most = new LinkedHashMap<>();
        List<Delivered> throughput = measure(shape);
        contestants.stream()
                .filter(contestant -> contestant.lane().isInMemory())
                .forEach(contestant -> Findings.find(
                                throughput, contestant.lane().name(), shape)
                        .ifPresent(one -> most.put(contestant, one.publishedPerSecond())));
        List<Paced> places = new ArrayList<>();
        most.forEach((contestant, perSecond) -> {
            String name = contestant.lane().name();
            places.add(new Paced(contestant, Delay.of(name, shape, Delay.Rate.HALF, perSecond / 2)));
            places.add(new Paced(
                    contestant, Delay.of(name, shape, Delay.Rate.COMMON, Collections.min(most.values()) / 2)));
        });
        for (int round = 0; round <= config.rounds(); round++) {
            boolean isWarm = round > 0;
            for (Paced one : shuffled(places)) {
                Turn turn = Turn.paced(shape, delays(one.result), one.result.publishedPerSecond());
                Optional<Took> took = attempt(one.contestant, shape, () -> one.contestant.run(turn));
                if (took.isEmpty()) {
                    places.removeIf(place -> place.contestant == one.contestant);
                } else if (isWarm) {
                    one.result.delayNanos().add(turn.delayNanos());
                }
            }
        }
        return places.stream().map(Paced::result).toList();
    }

    private <T> List<T> shuffled(List<T> places) {
        List<T> order = new ArrayList<>(places);
        Collections.shuffle(order, random);
        return order;
    }

    private int delays(Delay delay) {
        double perTurn = delay.publishedPerSecond() * config.turnSeconds();
        return Contestant.count(Math.max(perTurn, Math.min(MIN_DELAYS, perTurn * MAX_DELAYS_TURNS)));
    }

    /** Lets a lane take a step, unless it has failed before. A lane that fails is closed and takes no more steps. */
    private <T> Optional<T> attempt(Contestant contestant, Shape shape, Step<T> step) throws InterruptedException {
        if (!contestants.contains(contestant)) {
            return Optional.empty();
        }
        try {
            return Optional.of(step.take());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            contestants.remove(contestant);
            add(Failure.of(contestant.lane().name(), shape, e, contestant.log()));
            try {
                contestant.close();
            } catch (RuntimeException closing) { // it has failed already
                progress.accept(contestant.lane().name() + " is not closed: " + closing);
            }
            return Optional.empty();
        }
    }

    private void add(Failure failure) {
        failures.add(failure);
        progress.accept(failure.text());
        failure.log().forEach(line -> progress.accept("    " + line));
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>(contestants);
        all.add(scratch);
        Closing.all(all);
    }
}
