package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The log of one topic beyond the broker's memory. The broker appends to blocks in memory; this log takes what has been appended
 * from there, and commits it once it is kept. Offsets are the same in both.
 *
 * <pre>
 *   firstOffset ... kept ... │ ... committedOffset ... appendedOffset
 *   └ newReader             └ also in memory         └ to be taken and committed
 * </pre>
 *
 * <p>The methods are called in the topic's turn, but for what says that it is for any thread. None blocks.
 */
public interface DurableLog {
    /** The topic, which the log tells what it has done. The methods are for any thread, and none blocks. */
    interface Owner {
        /**
         * The log is open. This or {@link #onOpenFailed} is called first, once.
         *
         * @param kept what it has; null where it is new
         */
        void onOpened(@Nullable KeptLog kept);

        /** The log cannot be opened; nothing follows. */
        void onOpenFailed(ProtocolException reason);

        /** All batches before an offset are kept, and may be read from memory and from the log. */
        void onCommitted(long offset);

        /** The topic is sealed for good. */
        void onSealed();

        /**
         * The log cannot write. The topic refuses publishers with this reason, until the log can write again. Batches that have been
         * appended and not committed may still be committed later.
         *
         * @param reason {@code STORAGE_FULL} or {@code STORAGE_FAILED}; null where it takes batches again
         */
        void onRefused(@Nullable ProtocolException reason);

        /** The log wants to drop all batches before an offset; {@link #dropBefore} follows as soon as nobody needs them. */
        void onSurplus(long beforeOffset);
    }

    /**
     * How much a log keeps.
     *
     * @param firstOffset of the oldest batch, or of the next one where there is none
     * @param endOffset after that of the newest batch, or as {@code firstOffset}: less than that of the next one where batches have been
     *     lost
     * @param bytes as they are kept
     */
    record Extent(long firstOffset, long endOffset, long batches, long rows, long bytes) {}

    /**
     * How far a publisher that numbers its batches has come.
     *
     * @param digest the {@linkplain ProducerId#digest() digest} of its id
     * @param lastOffset of the batch with the last sequence
     */
    record KeptProducer(String digest, long lastSequence, long lastOffset) {}

    /**
     * Finds out what is kept; the owner hears of it. Called first.
     *
     * <p>It may throw where no thread takes that: {@link java.util.concurrent.RejectedExecutionException} where the storage is closed,
     * {@link OutOfMemoryError} where there is no memory for a thread. Then the log has ended, and its owner hears nothing.
     */
    void open();

    /**
     * Begins a log that is new.
     *
     * @param id which log that is
     * @param schema consumed
     * @param appended where the log takes batches from; from then on confined to the log
     */
    void begin(String id, IpcSchema schema, AppendedBatches appended);

    /**
     * Continues with a log that is kept.
     *
     * @param appended as in {@link #begin}
     */
    void resume(AppendedBatches appended);

    /** There is something to take. */
    void onAppended();

    /** Keeps that the topic is sealed, after all that has been appended. */
    void seal();

    /** Returns what is kept now. For any thread. */
    Extent extent();

    /** Drops batches before an offset, as far as the log can drop them; nobody needs them. */
    void dropBefore(long offset);

    /**
     * Removes the topic, and all that is kept of it; nothing follows.
     *
     * @return done when none of it can come back; fails with a {@link ProtocolException}, {@code STORAGE_FAILED}, where it may, also
     *     where the storage is closed before
     */
    CompletionStage<Void> delete();

    /**
     * Keeps all that has been appended, and closes the log; nothing follows.
     *
     * @return done when the log is closed; fails with a {@link ProtocolException}, {@code STORAGE_FAILED}, where the storage is closed
     *     before
     */
    CompletionStage<Void> close();

    /**
     * Returns a reader from an offset on, owned. For any thread.
     *
     * @param allocate returns an owned buffer with room for so many bytes, in one piece
     */
    LogReader newReader(long offset, IntFunction<ByteBuf> allocate);

    /**
     * Finds the first batch that is kept and was appended at a time or later. Blocks; for the readers' threads.
     *
     * @param micros since the epoch
     * @param allocate as for {@link #newReader}
     * @param isWanted whether somebody waits for it still; asked again and again
     * @return its offset, or one after it where it is damaged; empty where there is none, or nobody waits for it any more
     * @throws ProtocolException {@code STORAGE_FAILED} where the disk fails
     */
    OptionalLong offsetOfTime(long micros, IntFunction<ByteBuf> allocate, BooleanSupplier isWanted);

    /** Returns what the readers run on, which may block. For any thread. */
    Executor readers();
}
