package io.bowstring.server;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What subscribers get over real sockets is what a list of batches says, whatever publishers and subscribers do: the
 * broker's ModelTest from outside, with fewer steps. {@code -Dbowstring.model.seeds=N} makes it longer.
 */
@ExtendWith(LeakDetection.class)
class SocketModelTest {
    private static final long FIRST_SEED = Seeds.fixed("SocketModelTest", 20_261_121);
    private static final int SEEDS = Math.max(1, Integer.getInteger("bowstring.model.seeds", 120) / 15);
    private static final int STEPS = 300;

    @Test
    void deliversWhatTheListSays() throws Exception {
        BrokerConfig broker =
                SmallBrokers.config(64 << 10, 10_000, 1 << 20, 1 << 20, 10).withMaxDictionaryDeltas(3);
        int batches = 0;
        ConnectionLimits limits = ConnectionLimits.DEFAULTS.withCounts(new ConnectionCounts(1_000, 1_000, 100_000));
        ServerConfig config =
                ServerConfig.DEFAULTS.withPort(0).withBroker(broker).withConnections(limits);
        try (Server server = Server.start(config)) {
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
                try (SocketTopic plain = new SocketTopic(server, seed, false);
                        SocketTopic encoded = new SocketTopic(server, seed, true)) {
                    for (int step = 0; step < STEPS; step++) {
                        (step % 2 == 0 ? plain : encoded).step();
                    }
                    batches += plain.finish() + encoded.finish();
                } catch (AssertionError | Exception e) {
                    throw new AssertionError("-Dbowstring.seed=" + seed + " -Dbowstring.model.seeds=1: " + e, e);
                }
            }
        }
        System.out.printf("SocketModelTest: %,d seeds of %,d steps, %,d batches delivered%n", SEEDS, STEPS, batches);
    }
}
