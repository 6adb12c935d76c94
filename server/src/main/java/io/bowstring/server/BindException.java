package io.bowstring.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The server cannot listen where it was told to. Immutable. */
public final class BindException extends IOException {
    private static final long serialVersionUID = 1L;

    BindException(InetSocketAddress address, @Nullable Throwable cause) {
        super(
                "address: " + address.getHostString() + ":" + address.getPort() + " (expected: free and local): "
                        + (cause == null ? "cancelled" : cause.getMessage()),
                cause);
    }
}
