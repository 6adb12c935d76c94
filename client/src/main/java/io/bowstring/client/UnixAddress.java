package io.bowstring.client;

/**
 * The Unix domain socket of a server on the same host. Immutable.
 *
 * @param path of the socket's file
 */
public record UnixAddress(String path) implements ServerAddress {
    static final String PREFIX = "bowstring+unix:";

    /**
     * Checks the address.
     *
     * @throws ClientException if the path is empty
     */
    public UnixAddress {
        if (path.isEmpty() || path.indexOf(0) >= 0) {
            throw new ClientException("url: " + PREFIX + path + " (expected: " + PREFIX + "PATH)");
        }
    }

    static UnixAddress parse(String text) {
        return new UnixAddress(text.substring(PREFIX.length()));
    }

    /** Returns the form that {@link ServerAddress#parse} reads. */
    @Override
    public String toString() {
        return PREFIX + path;
    }
}
