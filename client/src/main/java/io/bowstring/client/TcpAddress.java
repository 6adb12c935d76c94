package io.bowstring.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * The port of a server. Immutable.
 *
 * @param host name or numeric address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record TcpAddress(String host, int port) implements ServerAddress {
    private static final String SCHEME = "bowstring";
    private static final String RULE = "bowstring://HOST, bowstring://HOST:PORT, HOST:PORT or bowstring+unix:PATH";

    /** What says nothing but the host and the port; an IPv6 address stands in brackets. */
    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[^]]+]|[^:/?#@\\[\\]]+):[0-9]+");

    /**
     * Checks the address.
     *
     * @throws ClientException if the host is empty or the port is not one
     */
    public TcpAddress {
        if (host.isEmpty()) {
            throw new ClientException("host:  (expected: not empty)");
        }
        if (port < 1 || port > 65_535) {
            throw new ClientException("port: " + port + " (expected: 1..65535)");
        }
    }

    static TcpAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(HOST_AND_PORT.matcher(text).matches() ? SCHEME + "://" + text : text);
        } catch (URISyntaxException e) {
            throw malformed(text);
        }
        String host = uri.getHost();
        String path = uri.getPath();
        boolean isBare = path == null || path.isEmpty() || path.equals("/");
        boolean hasExtras = uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null;
        if (!SCHEME.equals(uri.getScheme()) || host == null || !isBare || hasExtras) {
            throw malformed(text);
        }
        boolean isBracketed = host.startsWith("[");
        return new TcpAddress(
                isBracketed ? host.substring(1, host.length() - 1) : host,
                uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort());
    }

    private static ClientException malformed(String text) {
        return new ClientException("url: " + text + " (expected: " + RULE + ")");
    }

    /** Returns the form that {@link ServerAddress#parse} reads. */
    @Override
    public String toString() {
        return SCHEME + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
