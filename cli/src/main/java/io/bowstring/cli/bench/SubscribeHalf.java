package io.bowstring.cli.bench;

import io.bowstring.client.ClientConfig;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The subscribers of a load. Owns their clients and threads. Confined to the thread of the {@link Bench}. */
final class SubscribeHalf implements AutoCloseable {
    private static final int HISTOGRAM_DIGITS = 3;

    private final BenchPlan plan;
    private final Clients clients;
    private final List<SubscriberLoad> loads = new ArrayList<>();
    private final LoadThreads threads = new LoadThreads();

    SubscribeHalf(BenchPlan plan, ClientConfig config) throws InterruptedException {
        this.plan = plan;
        this.clients = Clients.connect(config, plan.parties().subscribers());
    }

    /**
     * Subscribes all, to what is published from now on. A subscriber that is too slow makes publishers wait.
     *
     * @param streams those that will publish; others may come too
     */
    void open(List<BenchStream> streams, BenchClock clock) {
        for (int i = 0; i < plan.parties().subscribers(); i++) {
            int topic = plan.parties().topicOfSubscriber(i);
            DeliveryCheck check = new DeliveryCheck();
            streams.stream().filter(stream -> stream.topic() == topic).forEach(stream -> check.announce(stream.id()));
            SubscribeRequest request =
                    SubscribeRequest.of(plan.topics().name(topic)).onLag(LagPolicy.BLOCK);
            SubscriberLoad load = new SubscriberLoad(clients.of(i).messageSubscription(request), check, clock);
            loads.add(load);
            threads.start("subscriber-" + i, load);
        }
    }

    /** Returns whether the server has accepted all; throws what a subscriber has thrown. */
    boolean isReady() throws InterruptedException {
        threads.areDone();
        return loads.stream().allMatch(SubscriberLoad::isReady);
    }

    /** Returns whether all have got the end of their topics; throws what a subscriber has thrown. */
    boolean isDone() throws InterruptedException {
        return threads.areDone();
    }

    /** Ends all, wherever they are. */
    void end() {
        loads.forEach(SubscriberLoad::end);
    }

    boolean hasCounted() {
        return loads.stream().anyMatch(SubscriberLoad::hasCounted);
    }

    /** Returns how many batches they get of those that streams have had so far. */
    long expected(List<BenchStream> streams) {
        long batches = 0;
        for (int i = 0; i < loads.size(); i++) {
            int topic = plan.parties().topicOfSubscriber(i);
            batches += streams.stream()
                    .filter(stream -> stream.topic() == topic)
                    .mapToLong(BenchStream::batches)
                    .sum();
        }
        return batches;
    }

    long received() {
        return loads.stream().mapToLong(SubscriberLoad::received).sum();
    }

    long receivedBytes() {
        return loads.stream().mapToLong(SubscriberLoad::receivedBytes).sum();
    }

    /** Returns how fast batches that count were received, once all are done. */
    RateMeter rate() {
        RateMeter all = new RateMeter();
        loads.forEach(load -> all.add(load.rate()));
        return all;
    }

    /** Returns how long batches that count took, once all are done; null where there were none. */
    @Nullable
    Latency latency() {
        Histogram all = new Histogram(HISTOGRAM_DIGITS);
        loads.forEach(load -> all.add(load.latencyNanos()));
        return Latency.of(all);
    }

    /**
     * Returns what was wrong, once all are done.
     *
     * @param streams those that have published, and whose batches are all delivered or lost
     */
    Faults faults(List<BenchStream> streams) {
        Faults all = Faults.NONE;
        for (int i = 0; i < loads.size(); i++) {
            int topic = plan.parties().topicOfSubscriber(i);
            DeliveryCheck check = loads.get(i).check();
            streams.stream()
                    .filter(stream -> stream.topic() == topic)
                    .forEach(stream -> check.end(stream.id(), stream.batches()));
            all = all.plus(check.faults());
        }
        return all;
    }

    @Override
    public void close() {
        end();
        threads.stop();
        clients.close();
    }
}
