package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;

/**
 * What a front end hears about a publication. All methods but {@link #executor()} are called on that executor, where
 * also the {@link Publication}'s methods are called. None may block.
 */
public interface PublicationListener {
    /** Returns the one thread on which the publisher lives. */
    EventExecutor executor();

    /**
     * Batches have been appended.
     *
     * @param batches appended so far by this publication
     * @param lastOffset of the last of them
     */
    void onAppended(long batches, long lastOffset);

    /** The publication is over: all that came before {@link Publication#finish()} or {@link Publication#abort()} is in the topic. */
    void onFinished();

    /** The publication is over: nothing more of it will be appended. */
    void onRefused(ProtocolException reason);

    /** Too much is in flight ({@code false}), or little enough again ({@code true}); begins with {@code true}. */
    void onReadable(boolean isReadable);
}
