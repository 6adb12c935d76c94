package io.bowstring.client;

import io.bowstring.codec.IpcException;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;

/** Names the failure by which a connection has ended, as the client's user is told of it. Not instantiable. */
final class ConnectionFailures {
    private ConnectionFailures() {}

    /** Returns what a connection that ended is called; {@code cause} is null where the server closed it. */
    static ClientException broken(@Nullable Throwable cause) {
        if (cause instanceof IpcException e) {
            return switch (e.code()) {
                case TRUNCATED -> lost("it was closed inside a message", e);
                case NOT_ARROW, MALFORMED, OUT_OF_ORDER, TOO_LARGE, UNSUPPORTED -> notUnderstood(e);
            };
        }
        return lost(cause == null ? "the server closed it" : String.valueOf(cause.getMessage()), cause);
    }

    /** Returns what is thrown for a batch that cannot be read as vectors. */
    static ClientException unreadable(RuntimeException e) {
        if (e instanceof OutOfMemoryException) {
            return new ClientException("there is no memory for a batch, which is lost: " + e.getMessage(), e);
        }
        return notUnderstood(e);
    }

    static ClientException notUnderstood(RuntimeException e) {
        return new ClientException("the server's answer is not understood: " + message(e), e);
    }

    /** Returns what is wrong, with the setting of the client that would allow it where there is one. */
    private static String message(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof IpcException limited && limited.limit() != null && message.endsWith(")")
                ? message.substring(0, message.length() - 1) + "; ClientConfig.limits, " + limited.limit() + ")"
                : message;
    }

    private static ConnectionLostException lost(String how, @Nullable Throwable cause) {
        return new ConnectionLostException("connection lost before the end of the stream: " + how, cause);
    }
}
