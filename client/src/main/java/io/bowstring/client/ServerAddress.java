package io.bowstring.client;

/** Where a server listens. Immutable. */
public sealed interface ServerAddress permits TcpAddress, UnixAddress {
    /** The port that a server listens on unless it is told otherwise. */
    int DEFAULT_PORT = 8816;

    /**
     * Parses {@code bowstring://host:port}, where the port may be left out, {@code host:port}, or {@code bowstring+unix:path}.
     *
     * @throws ClientException if the text is anything else
     */
    static ServerAddress parse(String text) {
        return text.startsWith(UnixAddress.PREFIX) ? UnixAddress.parse(text) : TcpAddress.parse(text);
    }
}
