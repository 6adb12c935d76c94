package io.bowstring.bench.peers;

import io.netty.channel.Channel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Bytes from one socket to others, whatever they are. Immutable. */
final class RawLane implements JavaLane {
    @Override
    public String name() {
        return Lanes.RAW;
    }

    @Override
    public String version(Programs programs) {
        return "Netty " + Programs.versionOf(Channel.class);
    }

    @Override
    public Relay relay(Path folder) throws InterruptedException {
        return new RawRelay();
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new SocketParties(relay.port(), SocketRequests.RAW);
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return shape.publishers() == 1 ? null : "the bytes of several publishers cannot be told apart";
    }
}
