package io.bowstring.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The server cannot listen where it was told to. Immutable. */
public final class ListenException extends IOException {
    private static final long serialVersionUID = 1L;

    ListenException(InetSocketAddress address, @Nullable Throwable cause) {
        super(
                "address: " + address.getHostString() + ":" + address.getPort() + " (expected: free and local): "
                        + reason(cause),
                cause);
    }

    ListenException(Path unix, @Nullable Throwable cause) {
        super("unix: " + unix + " (expected: free, in a folder that can be written to): " + reason(cause), cause);
    }

    /** Returns the reason without the name of the system call before it. */
    private static String reason(@Nullable Throwable cause) {
        String message = cause == null ? "cancelled" : String.valueOf(cause.getMessage());
        return message.substring(message.lastIndexOf(": ") < 0 ? 0 : message.lastIndexOf(": ") + 2);
    }
}
