package io.bowstring.cli.bench;

import io.bowstring.client.ClientConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Peers that do what they should not, beside a load: a server must see to it that the load does not suffer. Owns its client and
 * threads. Confined to one thread.
 */
public final class Disturbance implements AutoCloseable {
    private final List<StalledLoad> stalled = new ArrayList<>();
    private final List<GarbageLoad> garbage = new ArrayList<>();
    private final LoadThreads threads = new LoadThreads();
    private final Clients clients;

    private Disturbance(Clients clients) {
        this.clients = clients;
    }

    /**
     * Starts it; blocks until there is a connection for those who need one.
     *
     * @param parties whom it disturbs
     * @param topics which the stalled subscribers read
     * @param config of clients of the server
     * @throws io.bowstring.client.ClientException if there is no server
     */
    public static Disturbance start(Disturbers disturbers, Parties parties, BenchTopics topics, ClientConfig config)
            throws InterruptedException {
        Disturbance started = new Disturbance(Clients.connect(config, disturbers.stalled()));
        for (int i = 0; i < disturbers.stalled(); i++) {
            StalledLoad load = new StalledLoad(started.clients.of(i), topics, parties.topicOfSubscriber(i));
            started.stalled.add(load);
            started.threads.start("stalled-" + i, load);
        }
        for (int i = 0; i < disturbers.garbage(); i++) {
            GarbageLoad load =
                    new GarbageLoad(config.server(), ThreadLocalRandom.current().nextLong());
            started.garbage.add(load);
            started.threads.start("garbage-" + i, load);
        }
        return started;
    }

    /** Throws what has ended one of them, if that is so. */
    public void requireRunning() throws InterruptedException {
        threads.areDone();
    }

    /** Returns how often subscribers that take nothing have subscribed. */
    public long stalledSubscriptions() {
        return stalled.stream().mapToLong(StalledLoad::subscriptions).sum();
    }

    /** Returns how many connections that sent no Arrow the server has ended. */
    public long garbageConnections() {
        return garbage.stream().mapToLong(GarbageLoad::connections).sum();
    }

    @Override
    public void close() {
        threads.stop();
        clients.close();
    }
}
