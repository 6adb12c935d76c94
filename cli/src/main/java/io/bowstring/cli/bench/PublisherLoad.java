package io.bowstring.cli.bench;

import java.util.List;
import java.util.concurrent.Callable;

/** One publisher: publishes by its schedule, to each of its topics in turn. Confined to its thread until that has ended. */
final class PublisherLoad implements Callable<Void> {
    private final BatchShape shape;
    private final List<BenchStream> streams;
    private final Schedule schedule;
    private final BenchClock clock;
    private final boolean counts;
    private final RateMeter rate = new RateMeter();

    PublisherLoad(BatchShape shape, List<BenchStream> streams, Schedule schedule, BenchClock clock, boolean counts) {
        this.shape = shape;
        this.streams = streams;
        this.schedule = schedule;
        this.clock = clock;
        this.counts = counts;
    }

    @Override
    public Void call() throws InterruptedException {
        try (BatchMaker maker = new BatchMaker(shape)) {
            int turn = 0;
            for (long due = schedule.awaitNext(); due != Schedule.NEVER; due = schedule.awaitNext()) {
                streams.get(turn).publish(maker, due, counts);
                turn = turn + 1 == streams.size() ? 0 : turn + 1;
                if (counts) {
                    rate.add(due, clock.nanos());
                }
            }
        }
        for (BenchStream stream : streams) {
            stream.flush();
        }
        return null;
    }

    /** Returns how fast it took batches that count, up to the last one that is in flight. */
    RateMeter rate() {
        return rate;
    }
}
