package io.bowstring.bench.peers;

import io.nats.client.Nats;
import java.io.IOException;
import java.util.Objects;
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
        String program = programs.natsServer();
        if (program == null) {
            return "no nats-server on the PATH; install it: apt-get install nats-server, or set " + Programs.NATS_SERVER
                    + " to the program";
        }
        return programs.output(program, "--version") != null
                ? null
                : program + " --version fails; install it: apt-get install nats-server, or set " + Programs.NATS_SERVER
                        + " to the program";
    }

    @Override
    public String version(Programs programs) {
        return programs.output(program(programs), "--version") + ", jnats " + Nats.CLIENT_VERSION;
    }

    @Override
    public RelayProcess start(Programs programs) throws IOException, InterruptedException {
        return new NatsProcess(program(programs));
    }

    private static String program(Programs programs) {
        return Objects.requireNonNull(programs.natsServer(), "nats-server");
    }

    @Override
    public Parties parties(int port) {
        return new NatsParties(port);
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        if (shape.topics() > MAX_TOPICS) {
            return "with 2,000 connections of this program a batch was lost; the cause is not known";
        }
        boolean isWhole = shape.publishers() == 1 || shape.bodyBytes() < NatsProcess.MAX_PAYLOAD_BYTES / 2;
        return isWhole ? null : "the pieces of several publishers mix";
    }
}
