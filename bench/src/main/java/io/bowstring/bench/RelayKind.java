package io.bowstring.bench;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;

/** The relays that are compared. */
enum RelayKind {
    /** Bytes from one socket to others, whatever they are: the ceiling. */
    RAW,
    /** A Bowstring server with its default settings, loaded by plain sockets. */
    BOWSTRING,
    /** The same server, loaded by its own client, which makes vectors. */
    CLIENT,
    /** {@code DoPut} in and {@code DoGet} out, by Arrow's own Flight library. */
    FLIGHT;

    /** Starts a relay of this kind in this process. */
    Relay start() throws Exception {
        return switch (this) {
            case RAW -> new RawRelay();
            case BOWSTRING, CLIENT -> bowstring();
            case FLIGHT -> new FlightRelay();
        };
    }

    /** Returns a load on such a relay, in this process. */
    RelayLoad load(int port) throws InterruptedException {
        return switch (this) {
            case RAW -> new SocketLoad(port, false);
            case BOWSTRING -> new SocketLoad(port, true);
            case CLIENT -> new ClientLoad(port);
            case FLIGHT -> new FlightLoad(port);
        };
    }

    private static Relay bowstring() throws Exception {
        Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
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
}
