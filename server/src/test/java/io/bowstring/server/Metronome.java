package io.bowstring.server;

import java.time.Duration;

/**
 * Lets a little time pass for tests of deadlines: a server of its own whose only use is that it refuses a connection
 * that says nothing. Confined to the test's thread.
 */
final class Metronome implements AutoCloseable {
    static final Duration BEAT = Duration.ofMillis(100);

    private final Server server;

    Metronome() throws Exception {
        ConnectionLimits limits = ConnectionLimits.DEFAULTS.withRequestTimeout(BEAT);
        server = Server.start(ServerConfig.DEFAULTS.withPort(0).withConnections(limits));
    }

    /** Returns after at least so many beats. */
    void await(int beats) throws Exception {
        for (int i = 0; i < beats; i++) {
            try (WireClient silent = WireClient.connect(server)) {
                silent.expectRefusal("TOO_SLOW");
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
