package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Tells a front end about its publication. All methods but {@link #executor()} and {@link #source()} are called on that
 * executor, where also the {@link Publication}'s methods are called. None may block.
 */
public interface PublicationListener {
    /** Returns the one thread on which the publisher lives. */
    EventExecutor executor();

    /**
     * Returns from where the publisher comes, if the topics and producers that it makes are to be counted: equal for all
     * that are bound together by the {@link TopicLimits}, and always the same. Called by any thread.
     */
    default @Nullable Object source() {
        return null;
    }

    /**
     * The topic takes this publication. Called first, and only where the publication has a producer.
     *
     * @param start which log that is, and the last batch that it has of the producer; {@link
     *     io.bowstring.protocol.BatchSequence#NONE} where there is none, or the producer is not remembered
     */
    default void onAccepted(PublicationStart start) {}

    /**
     * Batches are in the topic: they have been appended, or the topic had them already from the same producer. Of several that
     * have been appended since the last call, each stands right after the one before it.
     *
     * @param batches how many of this publication so far
     * @param lastOffset of the last of them that was appended; of a producer, also by an earlier publication
     */
    void onAppended(long batches, long lastOffset);

    /**
     * The publication is over: all that came before {@link Publication#finish()} or {@link Publication#abort()} is in
     * the topic.
     */
    void onFinished();

    /** The publication is over: nothing more of it will be appended. */
    void onRefused(ProtocolException reason);

    /** Too much is in flight ({@code false}), or little enough again ({@code true}); begins with {@code true}. */
    void onReadable(boolean isReadable);
}
