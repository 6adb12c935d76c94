package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.arrow.flight.FlightServer;
import org.jspecify.annotations.Nullable;

/** {@code DoPut} in and {@code DoGet} out, by arrow-java's Flight. Immutable. */
final class FlightLane implements JavaLane {
    @Override
    public String name() {
        return Lanes.FLIGHT;
    }

    @Override
    public String version(Programs programs) {
        return "arrow-java " + Programs.versionOf(FlightServer.class);
    }

    @Override
    public Relay relay(Path folder) throws IOException {
        return new FlightRelay();
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new FlightParties(relay.port());
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return shape.publishers() == 1 ? null : "the relay passes on one DoPut to the DoGets of its topic";
    }
}
