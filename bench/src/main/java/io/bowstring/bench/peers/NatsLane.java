package io.bowstring.bench.peers;

import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Path;
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
        return NatsProcess.missing(programs);
    }

    @Override
    public String version(Programs programs) {
        return NatsProcess.version(programs) + ", jnats " + Nats.CLIENT_VERSION;
    }

    @Override
    public RelayProcess start(Programs programs, Path folder) throws IOException, InterruptedException {
        return NatsProcess.start(programs, "");
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new NatsParties(relay.port());
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
