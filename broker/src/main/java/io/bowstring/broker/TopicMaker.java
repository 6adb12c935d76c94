package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;

/**
 * The topics that one connection makes: those to which it was the first to publish or to subscribe. Confined to the
 * connection's executor.
 */
public final class TopicMaker {
    private final NewTopics newTopics;
    private final Object source;
    private final int maxTopics;
    private int made;

    TopicMaker(NewTopics newTopics, Object source, int maxTopics) {
        this.newTopics = newTopics;
        this.source = source;
        this.maxTopics = maxTopics;
    }

    /**
     * Counts a topic that is about to be made.
     *
     * @throws ProtocolException {@code LIMIT_REACHED} where it is one too many
     */
    public void onNewTopic() {
        if (made >= maxTopics) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED,
                    "topics made by one connection",
                    made + 1,
                    "<= " + maxTopics + "; max-topics-per-connection");
        }
        newTopics.count(source);
        made++;
    }
}
