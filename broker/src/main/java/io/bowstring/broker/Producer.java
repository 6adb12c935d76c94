package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchMarker;
import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * How far a publisher that numbers its batches has come in a topic, whatever connection it used. One publication at a
 * time holds it and may append.
 *
 * <p>Confined to the topic's turn.
 */
final class Producer {
    private final ProducerId id;
    private @Nullable Object source;
    private long lastSequence = BatchSequence.NONE;
    private long lastOffset = -1;
    private long goneNanos;
    private @Nullable BatchMarker marker;

    /** Of the batch that the holder came with before its present one; it was appended, or repeated. */
    private long precedingSequence = BatchSequence.NONE;

    /** Of the holder's present batch. */
    private long presentSequence = BatchSequence.NONE;

    private @Nullable Publication holder;

    /** Creates a producer; {@code source} is for whom it counts, null where that does not matter. */
    Producer(ProducerId id, @Nullable Object source) {
        this.id = id;
        this.source = source;
    }

    ProducerId id() {
        return id;
    }

    /** It has come as far before the broker was started. */
    void restore(DurableLog.KeptProducer kept) {
        lastSequence = kept.lastSequence();
        lastOffset = kept.lastOffset();
    }

    /**
     * Returns for whom it counts: who connected it when it got the place that it has. Null where that does not matter.
     *
     * <p>It does not count for a source that fences it or comes back in time. If it moved to whoever uses the id, two sources
     * could swap ids and take every place. So anyone who knows an id can keep its maker's place taken, and can also publish
     * under it.
     */
    @Nullable
    Object source() {
        return source;
    }

    /** Counts for another from now on. */
    void setSource(@Nullable Object newSource) {
        source = newSource;
    }

    /** Gives this producer to a publication; the one that has it is over from now on, with all that waits of it. */
    void claim(Publication publication) {
        Publication fenced = holder;
        holder = publication;
        precedingSequence = BatchSequence.NONE;
        if (fenced != null) {
            fenced.refuse(ProtocolException.of(
                    ErrorCode.FENCED,
                    "bowstring.producer",
                    id,
                    "one connection at a time; a newer one has taken over"));
        }
    }

    /** Takes this producer back from a publication, at a time; returns false where another has it by now. */
    boolean release(Publication publication, long nanos) {
        if (holder != publication) {
            return false;
        }
        holder = null;
        goneNanos = nanos;
        return true;
    }

    /** Returns since when nobody holds it. */
    long goneNanos() {
        return goneNanos;
    }

    boolean hasAppended() {
        return lastSequence != BatchSequence.NONE;
    }

    /**
     * Looks at the holder's next batch, again where it has had to wait.
     *
     * @param batch borrowed
     * @return whether the topic has had it already
     * @throws ProtocolException {@code BAD_REQUEST} where it is not numbered, or not higher than the one before it
     */
    boolean isRepeated(IpcRecordBatch batch) {
        presentSequence = BatchSequence.parse(batch).value();
        if (presentSequence <= precedingSequence) {
            throw ProtocolException.of(
                    ErrorCode.BAD_REQUEST,
                    "bowstring.sequence",
                    presentSequence,
                    "> " + precedingSequence + ", that of the batch before");
        }
        return presentSequence <= lastSequence;
    }

    /** The batch that {@link #isRepeated} has looked at is done with; the topic had it before. */
    void onRepeated() {
        precedingSequence = presentSequence;
    }

    /** The batch that {@link #isRepeated} has looked at has been appended. */
    void onAppended(long offset) {
        precedingSequence = presentSequence;
        lastSequence = presentSequence;
        lastOffset = offset;
    }

    /** Returns the number of the batch that {@link #isRepeated} has looked at. */
    long presentSequence() {
        return presentSequence;
    }

    /** Returns what marks its batches in a log on disk. */
    BatchMarker marker() {
        if (marker == null) {
            marker = BatchMarker.onDisk(id);
        }
        return marker;
    }

    long lastSequence() {
        return lastSequence;
    }

    /** Returns the offset of the last batch; -1 where there is none. */
    long lastOffset() {
        return lastOffset;
    }
}
