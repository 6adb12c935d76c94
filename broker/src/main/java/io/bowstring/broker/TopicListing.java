package io.bowstring.broker;

import io.bowstring.protocol.TopicStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The topics that there are at one moment, in the order of their names, and the status of some of them at a time: so that
 * a listing costs as much as its reader has taken of it, and the topics' loops little at once.
 *
 * <p>Confined to its owner's thread.
 */
public final class TopicListing {
    /** A page is of about 100 KiB. */
    static final int PAGE_TOPICS = 100;

    /** A reference to a topic, at most. */
    private static final int TOPIC_BYTES = 8;

    private final List<Topic> topics;
    private int next;

    TopicListing(List<Topic> topics) {
        this.topics = topics;
    }

    /** Returns what the list of the topics holds until the listing ends, in bytes. */
    public long listBytes() {
        return (long) TOPIC_BYTES * topics.size();
    }

    /** Returns whether there is something after the pages that have been asked for. */
    public boolean hasNext() {
        return next < topics.size();
    }

    /**
     * Returns the status of the next topics, of none where there are no more.
     *
     * @return completed by any thread; fails with a {@link io.bowstring.protocol.ProtocolException}, in a {@link
     *     java.util.concurrent.CompletionException}
     */
    public CompletionStage<List<TopicStatus>> next() {
        List<Topic> page = topics.subList(next, Math.min(topics.size(), next + PAGE_TOPICS));
        next += page.size();
        List<CompletableFuture<TopicStatus>> statuses =
                page.stream().map(topic -> topic.ask(topic::status)).toList();
        return CompletableFuture.allOf(statuses.toArray(CompletableFuture[]::new))
                .thenApply(all -> statuses.stream().map(CompletableFuture::join).toList());
    }
}
