package io.bowstring.it;

import io.bowstring.broker.Counter;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * A server with default settings in a process of its own: prints its port, then, for each line of its standard input, what
 * it uses after a collection: connections, heap in KiB, direct memory in KiB. Stops at the end of the input. Not
 * instantiable.
 */
final class AttackedServer {
    private AttackedServer() {}

    public static void main(String[] args) throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            System.out.println(server.address().getPort());
            for (int next = System.in.read(); next != -1; next = System.in.read()) {
                if (next == '\n') {
                    System.gc();
                    System.out.println(new ServerUse(connections(server), heapKiB(), directKiB()).toLine());
                }
            }
        }
    }

    private static long connections(Server server) {
        return server.counters().value(Counter.CONNECTIONS_OPENED)
                - server.counters().value(Counter.CONNECTIONS_CLOSED);
    }

    private static long heapKiB() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() >> 10;
    }

    private static long directKiB() {
        long ofJvm = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return Math.max(ofJvm, PlatformDependent.usedDirectMemory()) >> 10;
    }
}
