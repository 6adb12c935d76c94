package io.bowstring.bench.peers;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Bowstring server that keeps topics on disk, loaded by plain sockets; each batch is acknowledged. Immutable. */
final class DurableLane implements JavaLane {
    private final String name;
    private final String sync;

    private DurableLane(String name, String sync) {
        this.name = name;
        this.sync = sync;
    }

    /** Returns the lane whose acknowledgement says that a batch has been written. */
    static DurableLane ofWrites() {
        return new DurableLane(Lanes.DURABLE, "os");
    }

    /** Returns the lane whose acknowledgement says that a batch has been synced. */
    static DurableLane ofSyncs() {
        return new DurableLane(Lanes.DURABLE_ALWAYS, "always");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version(Programs programs) {
        return "this commit, sync = " + sync;
    }

    @Override
    public Relay relay(Path folder) throws Exception {
        Map<String, String> settings = new HashMap<>(BowstringLane.SETTINGS);
        settings.put("data", folder.toString());
        settings.put("sync", sync);
        settings.put("retain-bytes", Durability.RETAINED_BYTES + "B");
        return BowstringLane.relay(Server.start(ServerConfig.load(null, Map.of(), settings)));
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new SocketParties(relay.port(), SocketRequests.ACKNOWLEDGED);
    }

    @Override
    public boolean isInMemory() {
        return false;
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return Durability.refusal(shape);
    }
}
