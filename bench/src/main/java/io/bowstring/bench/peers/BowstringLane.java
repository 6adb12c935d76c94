package io.bowstring.bench.peers;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Bowstring server with its default settings, except that one address may connect as often as it likes. Immutable. */
final class BowstringLane implements JavaLane {
    /** For a thousand topics at once, each with a publisher and a subscriber of the same address. */
    static final Map<String, String> SETTINGS = Map.of(
            "port", "0",
            "max-connections-per-address", "10000",
            "max-connections-per-second", "100000",
            "max-new-topics-per-minute", "100000");

    private final String name;
    private final boolean isLoadedByClients;

    private BowstringLane(String name, boolean isLoadedByClients) {
        this.name = name;
        this.isLoadedByClients = isLoadedByClients;
    }

    /** Returns the lane whose parties are plain sockets, which decode nothing. */
    static Lane ofSockets() {
        return new BowstringLane(Lanes.BOWSTRING, false);
    }

    /** Returns the lane whose parties are our own client, which makes vectors. */
    static Lane ofClients() {
        return new BowstringLane(Lanes.CLIENT, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version(Programs programs) {
        return "this commit";
    }

    @Override
    public Relay relay(Path folder) throws Exception {
        return relay(Server.start(ServerConfig.load(null, Map.of(), SETTINGS)));
    }

    /** Returns a server as a relay, which owns it. */
    static Relay relay(Server server) {
        return new Relay() {
            @Override
            public int port() {
                return server.address().getPort();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }

    @Override
    public Parties parties(RelayProcess relay) throws InterruptedException {
        return isLoadedByClients
                ? new ClientParties(relay.port())
                : new SocketParties(relay.port(), SocketRequests.BOWSTRING);
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return null;
    }
}
