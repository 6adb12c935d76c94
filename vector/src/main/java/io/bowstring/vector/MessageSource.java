package io.bowstring.vector;

import io.bowstring.codec.IpcMessage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where messages are taken from one after another, by those who wait for them. */
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
