package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.protocol.DictionaryConcatenation;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Makes one batch of a dictionary's last ones, so that a late joiner gets few messages however long deltas have come.
 * It puts together 4 MiB at most, so that the topic is soon free again. Confined to its maker.
 *
 * <pre>
 *   whole ◄─── delta ◄─── delta ◄─── delta         │ up to 4 MiB, all of it where it is no more │
 *   whole ◄─── delta                               the same values
 * </pre>
 */
final class DictionaryRebase {
    /** Nothing else happens in the topic while it puts these together. */
    static final long MAX_BYTES = 4 << 20;

    private final Deque<IpcDictionaryBatch> batches = new ArrayDeque<>();
    private final int minBatches;
    private final @Nullable Dictionary previous;

    /**
     * Chooses the batches.
     *
     * @param dictionary whose last ones they are; borrowed, as long as this lives
     * @param minBatches how many must be put together at least, 2 or more: each delta could have all the others moved else
     */
    DictionaryRebase(Dictionary dictionary, int minBatches) {
        this.minBatches = minBatches;
        long bytes = 0;
        Dictionary next = dictionary;
        while (next != null && bytes + next.batch().frameBytes() <= MAX_BYTES) {
            bytes += next.batch().frameBytes();
            batches.push(next.batch());
            next = next.previous();
        }
        this.previous = next;
    }

    /**
     * Returns the batch that stands for them, owned; null where values of this type, or that are compressed, cannot be put
     * together, or where so many of the last batches are too large.
     *
     * @param field one that is encoded with the dictionary
     * @throws io.bowstring.codec.IpcException where the values are not what the publisher says that they are
     */
    @Nullable
    IpcDictionaryBatch newBatch(IpcField field, ByteBufAllocator allocator) {
        return batches.size() < minBatches
                ? null
                : DictionaryConcatenation.of(batches.stream().toList(), field, allocator);
    }

    /** Returns the dictionary that the batch is to be appended to; borrowed, null where it is whole. */
    @Nullable
    Dictionary previous() {
        return previous;
    }
}
