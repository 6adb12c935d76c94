package io.bowstring.cli.bench;

import io.bowstring.client.ClientConfig;
import io.bowstring.client.PublisherConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The publishers of a load. Owns their clients and threads. Confined to the thread of the {@link Bench}. */
final class PublishHalf implements AutoCloseable {
    private static final long MAX_IN_FLIGHT_BYTES = 16 << 20;

    /** In flight of all streams together, unless that is less than some batches of each. */
    private static final long ALL_IN_FLIGHT_BYTES = 256 << 20;

    private static final int MIN_BATCHES_IN_FLIGHT = 4;
    private static final long DELETE_SECONDS = 10;

    private final BenchPlan plan;
    private final Clients clients;
    private final List<List<BenchStream>> streamsOf = new ArrayList<>();
    private final List<PublisherLoad> loads = new ArrayList<>();
    private final LoadThreads threads = new LoadThreads();

    PublishHalf(BenchPlan plan, ClientConfig config) throws InterruptedException {
        this.plan = plan;
        this.clients = Clients.connect(config, plan.parties().publishers());
    }

    /** Opens all streams, so that the topics are there; blocks. */
    void open() throws InterruptedException {
        long firstId = ThreadLocalRandom.current().nextLong();
        int count = 0;
        boolean[] hasSealing = new boolean[plan.parties().topics()];
        for (int publisher = 0; publisher < plan.parties().publishers(); publisher++) {
            List<BenchStream> streams = new ArrayList<>();
            for (int topic : plan.parties().topicsOfPublisher(publisher)) {
                boolean seals = plan.topics().areSealed() && !hasSealing[topic];
                hasSealing[topic] = true;
                PublisherConfig config = PublisherConfig.of(plan.topics().name(topic))
                        .withSeal(seals)
                        .withMaxInFlightBytes(inFlightBytes());
                streams.add(new BenchStream(
                        firstId + count++,
                        topic,
                        seals,
                        clients.of(publisher)
                                .messagePublisher(config, plan.shape().newSchema())));
            }
            streamsOf.add(streams);
        }
    }

    private long inFlightBytes() {
        int streams = Math.max(plan.parties().publishers(), plan.parties().topics());
        long share = Math.min(MAX_IN_FLIGHT_BYTES, ALL_IN_FLIGHT_BYTES / streams);
        return Math.max(share, (long) MIN_BATCHES_IN_FLIGHT * plan.body().bytes());
    }

    /** Returns all streams; borrowed. */
    List<BenchStream> streams() {
        return streamsOf.stream().flatMap(List::stream).toList();
    }

    /** Returns how many subscribers of other processes are still to come before the first batch; blocks. */
    long awaitedSubscribers() throws InterruptedException {
        int wanted = plan.topics().awaitedSubscribers();
        return wanted == 0
                ? 0
                : wanted
                        + plan.parties().subscribers()
                        - TopicTotals.of(clients.of(0), plan.topics()).subscribers();
    }

    /** Returns how many batches subscribers have been sent, those of other processes too; blocks. */
    long delivered() throws InterruptedException {
        return TopicTotals.of(clients.of(0), plan.topics()).delivered();
    }

    /** Begins to publish what is due in a period; what was before must be done. */
    void start(Period period, boolean counts, BenchClock clock, BooleanSupplier isStopped) {
        loads.clear();
        for (int publisher = 0; publisher < streamsOf.size(); publisher++) {
            Schedule schedule = Schedule.of(plan, publisher, period, clock::nanos, isStopped);
            PublisherLoad load = new PublisherLoad(plan.shape(), streamsOf.get(publisher), schedule, clock, counts);
            loads.add(load);
            threads.start("publisher-" + publisher, load);
        }
    }

    /** Returns whether all is published and acknowledged; throws what a publisher has thrown. */
    boolean isDone() throws InterruptedException {
        return threads.areDone();
    }

    /** Ends all streams, those last that complete their topics; blocks. */
    void finish() throws InterruptedException {
        for (boolean seals : new boolean[] {false, true}) {
            for (BenchStream stream : streams()) {
                if (stream.seals() == seals) {
                    stream.finish();
                }
            }
        }
    }

    /** Returns how fast batches were published, in the last period, once all is. */
    RateMeter rate() {
        RateMeter all = new RateMeter();
        loads.forEach(load -> all.add(load.rate()));
        return all;
    }

    /** Returns how many batches were published, those of the warm-up too, once all is. */
    long published() {
        return streams().stream().mapToLong(BenchStream::batches).sum();
    }

    /** Deletes the topics if nobody else knows them, as far as that can be done; blocks. */
    void deleteTopics() {
        if (!plan.topics().areOwn() || streamsOf.isEmpty()) {
            return;
        }
        List<CompletableFuture<Void>> deletions = new ArrayList<>();
        for (int topic = 0; topic < plan.parties().topics(); topic++) {
            deletions.add(clients.of(topic).deleteTopic(plan.topics().name(topic)));
        }
        CompletableFuture.allOf(deletions.toArray(CompletableFuture<?>[]::new))
                .completeOnTimeout(null, DELETE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(e -> null)
                .join();
    }

    @Override
    public void close() {
        threads.stop();
        clients.close();
    }
}
