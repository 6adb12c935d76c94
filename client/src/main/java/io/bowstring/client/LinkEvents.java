package io.bowstring.client;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the user's listener what happens to a link. An exception of the listener is for the log alone. Immutable. */
final class LinkEvents {
    private static final Logger LOG = LoggerFactory.getLogger(LinkEvents.class);

    private final String name;
    private final ClientListener listener;

    LinkEvents(String name, ClientListener listener) {
        this.name = name;
        this.listener = listener;
    }

    void onLost(ClientException reason, Duration delay) {
        tell(to -> to.onLost(name, reason, delay));
    }

    void onRestored() {
        tell(to -> to.onRestored(name));
    }

    /** The topic's log is another than before. */
    void onNewLog(String log) {
        tell(to -> to.onNewLog(name, log));
    }

    /** The topic is not there yet; {@code nearest} is one with a name like it, if there is one. */
    void onWaiting(@Nullable String nearest) {
        tell(to -> to.onWaiting(name, nearest));
    }

    private void tell(Consumer<ClientListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException | Error e) {
            LOG.warn("the listener of {} failed", name, e);
        }
    }
}
