package io.bowstring.server;

/** A server in a process of its own: prints its port, and stops when its standard input ends. Not instantiable. */
final class StandAlone {
    private StandAlone() {}

    public static void main(String[] args) throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            System.out.println(server.address().getPort());
            while (System.in.read() != -1) {
                // serves meanwhile
            }
        }
    }
}
