package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.util.AbstractReferenceCounted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A dictionary at some point of a stream: the batch that came last and, where that is a delta, the dictionary that it was
 * appended to. Dictionaries that began alike share what they have in common; each owns one reference to its batch and to
 * what is before it.
 *
 * <pre>
 *   whole ◄─── delta ◄─── delta        in force for one publisher
 *                └◄────── delta        and for another
 * </pre>
 *
 * <p>Immutable but for its count. Thread-safe. Identity is what tells whether a subscriber has it.
 */
final class Dictionary extends AbstractReferenceCounted {
    private final IpcDictionaryBatch batch;
    private final @Nullable Dictionary previous;
    private final Dictionary first;
    private final int valuesHash;
    private final int length;
    private final long bytes;

    /**
     * Creates a dictionary with one reference.
     *
     * @param batch with the topic's id; consumed
     * @param valuesHash of the batch
     * @param previous what it was appended to, null for a whole one; borrowed
     */
    Dictionary(IpcDictionaryBatch batch, int valuesHash, @Nullable Dictionary previous) {
        this.batch = batch;
        this.valuesHash = valuesHash;
        this.previous = previous == null ? null : previous.retain();
        this.first = previous == null ? this : previous.first;
        this.length = previous == null ? 1 : previous.length + 1;
        this.bytes = WaitingMessages.weightBytes(batch) + (previous == null ? 0 : previous.bytes);
    }

    /** Returns the last batch; borrowed. */
    IpcDictionaryBatch batch() {
        return batch;
    }

    /** Returns how many batches it is made of. */
    int length() {
        return length;
    }

    /** Returns the memory of all its batches, those included that it shares. */
    long bytes() {
        return bytes;
    }

    /**
     * Returns the dictionary, this one or one before it, that came about by values with a hash after {@code prior};
     * borrowed, null where there is none.
     */
    @Nullable
    Dictionary find(@Nullable Dictionary prior, int hash) {
        Dictionary next = prior == null ? first : after(prior);
        return next != null && next.valuesHash == hash ? next : null;
    }

    /** Returns whether it is {@code other} or came about by deltas to it. */
    boolean follows(Dictionary other) {
        return this == other || after(other) != null;
    }

    /** Returns the dictionary, this one or one before it, that was appended to {@code prior}; null where none was. */
    private @Nullable Dictionary after(Dictionary prior) {
        if (first != prior.first) {
            return null; // without a walk: many publishers may have many deltas each
        }
        Dictionary next = this;
        while (next != null && next.length > prior.length + 1) {
            next = next.previous;
        }
        return next != null && next.previous == prior ? next : null;
    }

    /**
     * Collects as many of its last batches, borrowed, as have so many bytes at most, in their order.
     *
     * @return the dictionary that they were appended to; borrowed, null where they are all
     */
    @Nullable
    Dictionary collectLast(long maxBytes, Deque<IpcDictionaryBatch> batches) {
        long leftBytes = maxBytes;
        Dictionary next = this;
        while (next != null && next.batch.frameBytes() <= leftBytes) {
            leftBytes -= next.batch.frameBytes();
            batches.push(next.batch);
            next = next.previous;
        }
        return next;
    }

    /** Visits the batches after {@code seen}, or all where it does not {@linkplain #follows follow} it; borrowed. */
    void forEachAfter(@Nullable Dictionary seen, Consumer<IpcDictionaryBatch> visitor) {
        if (seen == this) {
            return;
        }
        Deque<IpcDictionaryBatch> batches = new ArrayDeque<>();
        for (Dictionary next = this; next != null && next != seen; next = next.previous) {
            batches.push(next.batch);
        }
        batches.forEach(visitor);
    }

    @Override
    public Dictionary retain() {
        super.retain();
        return this;
    }

    @Override
    public Dictionary touch(Object hint) {
        return this;
    }

    /** Also what is before it, in a loop: there may be more of that than the stack has room for. */
    @Override
    public boolean release() {
        boolean isFree = super.release();
        Dictionary next = isFree ? previous : null;
        while (next != null && next.releaseAlone()) {
            next = next.previous;
        }
        return isFree;
    }

    private boolean releaseAlone() {
        return super.release();
    }

    @Override
    protected void deallocate() {
        batch.release();
    }
}
