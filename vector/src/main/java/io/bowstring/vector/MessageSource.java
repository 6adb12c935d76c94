package io.bowstring.vector;

import io.bowstring.codec.IpcMessage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A source of messages, which are taken one after another; the caller waits for them. */
@FunctionalInterface
public interface MessageSource {
    /**
     * Returns the next message; may block until there is one.
     *
     * @return owned; null where there are no more
     */
    @Nullable
    IpcMessage next() throws IOException;
}
