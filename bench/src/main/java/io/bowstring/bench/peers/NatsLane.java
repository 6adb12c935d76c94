package io.bowstring.bench.peers;

import io.nats.client.Nats;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** NATS core, loaded by its own Java client. Immutable. */
final class NatsLane implements Lane {
    private static final int MAX_TOPICS = 100;

    @Override
    public String name() {
        return Lanes.NATS;
    }

    @Override
    public @Nullable String missing(Programs programs) {
        return programs.natsServer() != null
                ? null
                : "no nats-server on the PATH; install it: apt-get install nats-server, or set " + Programs.NATS_SERVER
                        + " to the program";
    }

    @Override
    public String version(Programs programs) {
        return programs.output(program(programs), "--version") + ", jnats " + Nats.CLIENT_VERSION;
    }

    @Override
    public RelayProcess start(Programs programs) throws IOException {
        return new NatsProcess(program(programs));
    }

    private static String program(Programs programs) {
        String program = programs.natsServer();
        if (program == null) {
            throw new IllegalStateException("nats-server: none (expected: installed)");
        }
        return program;
    }

    @Override
    public Parties parties(int port) {
        return new NatsParties(port);
    }

    /**
     * A batch in pieces from several publishers cannot be put together: theirs would mix. With two thousand connections a batch has
     * been lost, and nobody says why.
     */
    @Override
    public boolean takes(Shape shape) {
        return shape.topics() <= MAX_TOPICS && isWholeWhereItMust(shape);
    }

    private static boolean isWholeWhereItMust(Shape shape) {
        return shape.publishers() == 1 || shape.bodyBytes() < NatsProcess.MAX_PAYLOAD_BYTES / 2;
    }
}
