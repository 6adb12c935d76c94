package io.bowstring.it;

import io.bowstring.codec.LeakDetection;
import io.bowstring.server.ConnectionLimits;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class a server of its own, in this process, with default settings on a free port; only the rate of
 * connections is wide, since how often a case connects depends on the machine. When the class is done the server must
 * have released every buffer.
 */
final class RunningServer implements BeforeAllCallback, AfterAllCallback {
    private static final int CONNECTIONS_PER_SECOND = 1_000_000;

    private final UnaryOperator<ServerConfig> settings;
    private Server server;

    RunningServer() {
        this(UnaryOperator.identity());
    }

    /** Gives a server with other settings. */
    RunningServer(UnaryOperator<ServerConfig> settings) {
        this.settings = settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        ConnectionLimits limits = ConnectionLimits.DEFAULTS;
        server = Server.start(settings.apply(ServerConfig.DEFAULTS
                .withPort(0)
                .withConnections(
                        limits.withCounts(limits.counts().withMaxConnectionsPerSecond(CONNECTIONS_PER_SECOND)))));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        server.close();
        LeakDetection.check();
    }

    int port() {
        return Objects.requireNonNull(server).address().getPort();
    }
}
