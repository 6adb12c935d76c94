package io.bowstring.it;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/** A port for a server that dies and comes back. Not instantiable. */
final class OwnPort {
    /** Linux gives ports from 32,768 on to those who want any, and others do from 49,152 on. */
    private static final int PORTS_FROM = 20_000;

    private static final int PORTS = 10_000;

    private OwnPort() {}

    /** Returns a port that is free, and that no system gives to others while the server is dead. */
    static int draw(Random random) throws IOException {
        while (true) {
            int port = PORTS_FROM + random.nextInt(PORTS);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (BindException e) {
                // Another one, then.
            }
        }
    }
}
