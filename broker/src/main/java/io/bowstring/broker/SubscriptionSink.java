package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Where a front end takes a subscription's reply; {@link LocalSubscriber} is one that is ready to use. All methods but
 * {@link #executor()}, {@link #source()}, {@link #pendingBytes()} and {@link #unsentBytes()} are called on that executor,
 * in the order: {@link #start}, then {@link #write} and {@link #flush}, then {@link #complete} or {@link #cut}; or {@link
 * #refuse} alone. None may block. None is called after the last of them, but {@link #abandon}, nor after {@link
 * TopicSubscription#cancel()} has returned on that executor.
 */
public interface SubscriptionSink {
    /** Returns the one thread on which the sink lives. */
    EventExecutor executor();

    /**
     * Returns from where the subscriber comes, if the topics that it makes are to be counted: equal for all that are bound
     * together by the {@link TopicLimits}. Called once, by {@link Broker#subscribe}.
     */
    default @Nullable Object source() {
        return null;
    }

    /** Returns whether more should be written now; when that changes to true, call {@link TopicSubscription#resume()}. */
    boolean isWritable();

    /**
     * Returns how much has been written that is not sent, in bytes: all of a message of which some is not sent. If memory
     * is short, the subscription that pins most is cut first. For any thread.
     *
     * @return 0, where the sink keeps nothing
     */
    default long pendingBytes() {
        return 0;
    }

    /**
     * Returns how many written bytes are not sent yet; of a partly sent message only the rest. If memory is short, this
     * shows which subscriptions make progress. For any thread; a moment's error does no harm.
     */
    default long unsentBytes() {
        return pendingBytes();
    }

    /**
     * Begins the reply.
     *
     * @param schema the topic's schema, marked for this subscription; consumed
     */
    void start(IpcSchema schema);

    /**
     * Writes a message.
     *
     * @param message a dictionary batch or record batch, whose bytes others share; consumed
     */
    void write(IpcMessage message);

    /** Returns whether batches that follow one another come as {@link Chunk}s of up to 256 KiB; always the same. */
    default boolean takesChunks() {
        return false;
    }

    /**
     * Writes batches that follow one another, where the sink {@linkplain #takesChunks() takes} them as one.
     *
     * @param chunk consumed
     */
    default void write(Chunk chunk) {
        chunk.release();
        throw new UnsupportedOperationException("takesChunks: true (expected: false, or another write)");
    }

    /** Returns whether batches that are on disk may come as {@link FilePart}s; always the same. */
    default boolean takesFiles() {
        return false;
    }

    /**
     * Writes batches that follow one another, where the sink {@linkplain #takesFiles() takes} them as a part of a file.
     *
     * @param part consumed
     */
    default void write(FilePart part) {
        part.release();
        throw new UnsupportedOperationException("takesFiles: true (expected: false, or another write)");
    }

    /** Sends what has been started and written. */
    void flush();

    /**
     * Sends what has been written, and ends the reply in order: an end-of-stream marker. A sink that has {@link
     * #pendingBytes()} calls {@link TopicSubscription#onSent()} when all of it is sent, or never will be.
     */
    void complete();

    /** Sends a refusal; nothing has been started. */
    void refuse(ProtocolException reason);

    /** Breaks the reply off in such a way that no reader takes it for complete. */
    void cut(ProtocolException reason);

    /**
     * Breaks off what is left of a reply that has been {@linkplain #complete() completed} and is not sent: its memory is
     * wanted. For a sink that has {@link #pendingBytes()}.
     */
    default void abandon(ProtocolException reason) {}
}
