package io.bowstring.broker;

import io.bowstring.protocol.TopicStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Topics in the order of their names, and the status of some of them at a time: so that a listing costs as much as its
 * reader has taken of it, and the topics' loops little at once. A topic that exists throughout is listed once. One created or
 * deleted meanwhile is listed if it exists when its page is made.
 *
 * <p>Holds one name. Confined to its owner's thread.
 */
public final class TopicListing {
    /** A page is of about 100 KiB. */
    static final int PAGE_TOPICS = 100;

    private final TopicRegistry<Topic> topics;
    private final String prefix;

    /** The last that is in a page. */
    private @Nullable String last;

    TopicListing(TopicRegistry<Topic> topics, String prefix) {
        this.topics = topics;
        this.prefix = prefix;
    }

    /** Returns whether there is something after the pages that have been asked for, as it is now. */
    public boolean hasNext() {
        return !topics.page(prefix, last, 1).isEmpty();
    }

    /**
     * Returns the status of the next topics, of none where there are no more.
     *
     * @return completed by any thread; fails with a {@link io.bowstring.protocol.ProtocolException}, in a {@link
     *     java.util.concurrent.CompletionException}
     */
    public CompletionStage<List<TopicStatus>> next() {
        List<Topic> page = topics.page(prefix, last, PAGE_TOPICS);
        if (!page.isEmpty()) {
            last = page.get(page.size() - 1).name().value();
        }
        List<CompletableFuture<Optional<TopicStatus>>> statuses =
                page.stream().map(topic -> topic.turn().ask(topic::status)).toList();
        return CompletableFuture.allOf(statuses.toArray(CompletableFuture[]::new))
                .thenApply(all -> statuses.stream()
                        .flatMap(status -> status.join().stream())
                        .toList());
    }
}
