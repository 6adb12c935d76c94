package io.bowstring.server;

import io.bowstring.broker.Counter;
import java.time.Duration;

/**
 * A server in a process of its own: prints its port, then, for each byte of its standard input, what it uses of heap and
 * direct memory after a collection, and which requests and messages were too slow. Stops at the end of the input. Not
 * instantiable.
 */
final class MeteredServer {
    private MeteredServer() {}

    /** Takes the time for a request and for the rate of a message, in milliseconds. */
    public static void main(String[] args) throws Exception {
        Duration time = Duration.ofMillis(Long.parseLong(args[0]));
        ConnectionLimits limits = ConnectionLimits.DEFAULTS
                .withCounts(new ConnectionCounts(10_000, 10_000, 1_000_000))
                .withRequestTimeout(time)
                .withMinRate(new MinRate(1_024, time));
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0).withConnections(limits))) {
            System.out.println(server.address().getPort());
            while (System.in.read() != -1) {
                System.gc();
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                System.out.printf(
                        "%d %d %d%n",
                        runtime.totalMemory() - runtime.freeMemory(),
                        server.usedDirectBytes(),
                        server.counters().value(Counter.REQUESTS_TIMED_OUT)
                                + server.counters().value(Counter.MESSAGES_TOO_SLOW));
            }
        }
    }
}
