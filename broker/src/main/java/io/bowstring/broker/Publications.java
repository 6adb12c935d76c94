package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The publications of a topic that are not over. Confined to the topic's turn. */
final class Publications {
    /** In how many publishers' dictionaries those of another are looked for. */
    private static final int MAX_HEADS_LOOKED_AT = 64;

    private final EventExecutor loop;
    private final Set<Publication> publications = new LinkedHashSet<>();

    Publications(EventExecutor loop) {
        this.loop = loop;
    }

    void add(Publication publication) {
        publications.add(publication);
    }

    void remove(Publication publication) {
        publications.remove(publication);
    }

    int size() {
        return publications.size();
    }

    /**
     * Throws {@code LIMIT_REACHED} where a newcomer must wait. Publishers may come and go while a subscription blocks: what
     * they leave is bounded by the window's size.
     */
    void requireRoom(Publication newcomer, long windowBytes) {
        long orphanedBytes = publications.stream()
                .filter(publication -> !newcomer.fences(publication)) // what waits of that one is dropped
                .mapToLong(Publication::orphanedBytes)
                .sum();
        if (orphanedBytes > windowBytes) {
            throw ProtocolException.of(
                    ErrorCode.LIMIT_REACHED,
                    "bytes that wait for a subscription",
                    orphanedBytes,
                    "<= " + windowBytes + "; topic-window");
        }
    }

    /** Returns the dictionaries that are in force for some publishers, borrowed. */
    Stream<StreamHead> heads() {
        return publications.stream().limit(MAX_HEADS_LOOKED_AT).map(Publication::head);
    }

    /** Batches have been committed; a fault in one publication is for the log alone. */
    void onCommitted() {
        for (Publication each : List.copyOf(publications)) {
            each.guarded(each::onCommitted);
        }
    }

    /** Ends all; a fault in one is for the log alone. */
    void refuse(ProtocolException reason) {
        for (Publication each : List.copyOf(publications)) {
            Steps.guarded(loop, () -> each.refuse(reason), fault -> {});
        }
    }
}
