package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.Nearest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server for its topics, over a connection of its own: whether it answers at all, whether it has a topic, and which is
 * most like it. Confined to the event loop of the link whose topic it is.
 */
final class TopicSearch implements MessageSink {
    /** Whose topic it is. */
    interface Seeker {
        /** The server has answered, or closed the connection; {@code nearest} is null where no topic is like it. */
        void onAnswered(boolean isThere, @Nullable String nearest);

        /** The server has not answered. */
        void onSilent(ClientException reason);
    }

    private final String topic;
    private final Seeker seeker;
    private @Nullable String nearest;
    private boolean isThere;

    private TopicSearch(String topic, Seeker seeker) {
        this.topic = topic;
        this.seeker = seeker;
    }

    /**
     * Begins to ask over a link that is not open yet.
     *
     * @param prefix which topics it is looked for among: empty for all, of which one is the most like it
     */
    static void begin(Link link, TopicName topic, String prefix, Seeker seeker) {
        TopicSearch search = new TopicSearch(topic.value(), seeker);
        link.open(new ListSession(link, new ListRequest(prefix), search));
    }

    @Override
    public void onMessage(IpcMessage message) {
        try {
            if (message instanceof IpcRecordBatch batch) {
                List<String> names = new ArrayList<>(TopicStatus.topics(batch));
                isThere |= names.contains(topic);
                if (nearest != null) {
                    names.add(0, nearest);
                }
                nearest = Nearest.of(topic, names);
            }
        } finally {
            message.release();
        }
    }

    @Override
    public void onEnd() {
        seeker.onAnswered(isThere, nearest);
    }

    @Override
    public void onFailed(ClientException reason) {
        // A server with too many connections closes one more without a word: it is there, and so is the one that waits.
        boolean isClosed = reason instanceof ConnectionLostException lost && !lost.isOfSilence();
        if (isClosed || reason instanceof RefusedException) { // what topics it has is not known
            seeker.onAnswered(true, null);
        } else {
            seeker.onSilent(reason);
        }
    }
}
