package io.bowstring.cli;

import io.bowstring.codec.IpcMessage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Messages that come one after another, from a server or from files. */
@FunctionalInterface
interface MessageFlow {
    /** Returns the next message, owned; null after the last. */
    @Nullable
    IpcMessage next() throws IOException, InterruptedException;
}
