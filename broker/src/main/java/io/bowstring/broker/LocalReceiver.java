package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;

/**
 * Receives the messages of a {@link LocalSubscriber}. Each is <i>borrowed</i>: a receiver retains a message or chunk that it keeps
 * longer than the call. An exception that it throws ends the subscription.
 */
@FunctionalInterface
public interface LocalReceiver {
    /**
     * Takes a message: the topic's schema first, then its dictionary batches and record batches, each marked as it would be on
     * the wire.
     */
    void onMessage(IpcMessage message);

    /** Returns whether batches come as {@link Chunk}s, and not as a message each; always the same. */
    default boolean takesChunks() {
        return false;
    }

    /**
     * Takes batches that follow one another, where they stand in the topic's log: no message is made of a batch that the receiver
     * does not ask for. For a receiver that {@linkplain #takesChunks() takes chunks}.
     */
    default void onChunk(Chunk chunk) {}
}
