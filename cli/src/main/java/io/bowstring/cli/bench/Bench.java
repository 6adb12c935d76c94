package io.bowstring.cli.bench;

import io.bowstring.client.ClientConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one load:
 *
 * <pre>
 *   publishers are open ─► subscribers are open ─► warm-up ─► all received ─► what counts ─► topics complete ─► all received
 * </pre>
 *
 * <p>Where one half of it runs in other processes, its steps are theirs: publishers alone do not wait for anybody, and
 * subscribers alone end with their topics, or when batches that count have come for the duration. Confined to one thread.
 */
public final class Bench {
    private static final long TICK_MILLIS = 20;
    private static final long POLL_MILLIS = 100;
    private static final long START_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** How long nothing may come of what is to come. */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(60);

    /** How long nothing may come of what is left of the warm-up. */
    private static final Duration LOST_AFTER = Duration.ofSeconds(2);

    /** Subscribers of other processes have got everything when the server has sent them nothing for this time. */
    private static final Duration DELIVERED_AFTER = Duration.ofSeconds(1);

    private final BenchPlan plan;
    private final BenchMonitor monitor;
    private final BenchClock clock = new BenchClock();
    private final PublishHalf publishing;
    private final SubscribeHalf subscribing;
    private final BenchProgress progress;
    private final ServerMeter server;

    private Bench(
            BenchPlan plan,
            PublishHalf publishing,
            SubscribeHalf subscribing,
            @Nullable ServerProcess server,
            BenchMonitor monitor) {
        this.plan = plan;
        this.publishing = publishing;
        this.subscribing = subscribing;
        this.monitor = monitor;
        this.progress = new BenchProgress(plan);
        this.server = new ServerMeter(server);
    }

    /**
     * Runs a load; blocks.
     *
     * @param config of clients of the server
     * @param server the server, where it may be measured; borrowed
     * @throws io.bowstring.client.ClientException if there is no server, it refuses what is asked of it, or a connection is lost
     * @throws BenchException if nothing comes of what is to come, or what comes is not of a load
     */
    public static BenchReport run(
            BenchPlan plan, ClientConfig config, @Nullable ServerProcess server, BenchMonitor monitor)
            throws InterruptedException {
        try (PublishHalf publishing = new PublishHalf(plan, config)) {
            try (SubscribeHalf subscribing = new SubscribeHalf(plan, config)) {
                return new Bench(plan, publishing, subscribing, server, monitor).run();
            } finally {
                publishing.deleteTopics();
            }
        }
    }

    private BenchReport run() throws InterruptedException {
        publishing.open();
        subscribing.open(publishing.streams(), clock);
        if (plan.parties().publishers() == 0) {
            awaitOthers();
        } else {
            publish();
            awaitRest();
        }
        return report();
    }

    private void publish() throws InterruptedException {
        while (!subscribing.isReady()) {
            tick();
        }
        awaitSubscribers();
        publish(plan.targetRate().warmUp(), false);
        awaitReceived();
        server.begin(subscribing.receivedBytes());
        publish(plan.targetRate().duration(), true);
        publishing.finish();
    }

    private void publish(Duration duration, boolean counts) throws InterruptedException {
        Period period = Period.of(clock.nanos() + START_DELAY_NANOS, duration);
        publishing.start(period, counts, clock, monitor::isStopped);
        while (!publishing.isDone()) {
            subscribing.isDone(); // throws if one has failed
            long now = clock.nanos();
            if (counts && now >= period.endNanos()) {
                server.end(subscribing.receivedBytes());
            }
            show(counts ? now - period.startNanos() : -1);
            tick();
        }
    }

    /** The queues of the warm-up are not to be those of what counts; what is lost of it is found in the end. */
    private void awaitReceived() throws InterruptedException {
        long expected = subscribing.expected(publishing.streams());
        Silence silence = new Silence(LOST_AFTER);
        while (subscribing.received() < expected && !silence.isLong(subscribing.received())) {
            subscribing.isDone(); // throws if one has failed
            tick();
        }
        awaitDelivered();
    }

    /** The subscribers of other processes have got what they are to get of the warm-up when the server sends them no more. */
    private void awaitDelivered() throws InterruptedException {
        Silence silence = new Silence(DELIVERED_AFTER);
        long endNanos = clock.nanos() + MAX_SILENCE.toNanos(); // publishers of other processes may have begun already
        while (plan.topics().awaitedSubscribers() > 0
                && !monitor.isStopped()
                && clock.nanos() < endNanos
                && !silence.isLong(publishing.delivered())) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Waits for the subscribers of other processes. */
    private void awaitSubscribers() throws InterruptedException {
        Silence silence = new Silence(MAX_SILENCE);
        long awaited = publishing.awaitedSubscribers();
        while (awaited > 0 && !monitor.isStopped()) {
            if (silence.isLong(-awaited)) {
                throw silent(awaited + " subscribers more");
            }
            awaited = publishing.awaitedSubscribers();
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** The topics are complete, so that all that is not lost comes. */
    private void awaitRest() throws InterruptedException {
        Silence silence = new Silence(MAX_SILENCE);
        while (!subscribing.isDone()) {
            if (silence.isLong(subscribing.received())) {
                throw silent("the rest of what is published");
            }
            tick();
        }
        server.end(subscribing.receivedBytes());
    }

    /** Receives what other processes publish. */
    private void awaitOthers() throws InterruptedException {
        Silence silence = new Silence(MAX_SILENCE);
        long countsFromNanos = 0;
        while (!subscribing.isDone() && !monitor.isStopped()) {
            long now = System.nanoTime();
            if (countsFromNanos == 0 && subscribing.hasCounted()) {
                countsFromNanos = now;
            }
            if (countsFromNanos != 0
                    && now - countsFromNanos >= plan.targetRate().duration().toNanos()) {
                break;
            }
            if (countsFromNanos == 0 && silence.isLong(subscribing.received())) {
                throw silent("batches that count");
            }
            show(countsFromNanos == 0 ? -1 : now - countsFromNanos);
            tick();
        }
        subscribing.end();
        while (!subscribing.isDone()) {
            tick();
        }
    }

    /** Shows how far it is: since when batches count; negative before that. */
    private void show(long countedNanos) {
        monitor.onProgress(progress.text(countedNanos, subscribing.received(), subscribing.receivedBytes()));
    }

    private static BenchException silent(String what) {
        return new BenchException("nothing came for " + MAX_SILENCE.toSeconds() + " s (expected: " + what + ")");
    }

    private static void tick() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
    }

    private BenchReport report() {
        long received = subscribing.received();
        return new BenchReport(
                plan,
                plan.parties().publishers() > 0 || received == 0
                        ? plan.shape().bodyBytes()
                        : subscribing.receivedBytes() / received,
                new BenchReport.Flow(publishing.published(), publishing.rate().perSecond()),
                new BenchReport.Delivery(
                        new BenchReport.Flow(received, subscribing.rate().perSecond()),
                        subscribing.latency(),
                        subscribing.faults(publishing.streams())),
                server.use());
    }
}
