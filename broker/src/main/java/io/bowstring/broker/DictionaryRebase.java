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
 * It puts together 4 MiB at most, so that the topic is soon free again. Not instantiable.
 *
 * <pre>
 *   whole ◄─── delta ◄─── delta ◄─── delta         │ up to 4 MiB, all of it where it is no more │
 *   whole ◄─── delta                               the same values
 * </pre>
 */
final class DictionaryRebase {
    /** Nothing else happens in the topic while it puts these together. */
    static final long MAX_BYTES = 4 << 20;

    private DictionaryRebase() {}

    /**
     * Puts the last batches of a dictionary together.
     *
     * @param dictionary borrowed
     * @param field one that is encoded with it
     * @param minBatches how many must be put together at least, 2 or more: each delta could have all the others moved else
     * @return the batch that stands for them and what it comes after; null where values of this type, or that are
     *     compressed, cannot be put together, or where so many of the last batches are too large
     * @throws io.bowstring.codec.IpcException where the values are not what the publisher says that they are
     */
    static @Nullable Rebased of(Dictionary dictionary, IpcField field, int minBatches, ByteBufAllocator allocator) {
        Deque<IpcDictionaryBatch> batches = new ArrayDeque<>();
        long bytes = 0;
        Dictionary next = dictionary;
        while (next != null && bytes + next.batch().frameBytes() <= MAX_BYTES) {
            bytes += next.batch().frameBytes();
            batches.push(next.batch());
            next = next.previous();
        }
        if (batches.size() < minBatches) {
            return null;
        }
        IpcDictionaryBatch batch = DictionaryConcatenation.of(batches.stream().toList(), field, allocator);
        return batch == null ? null : new Rebased(batch, next);
    }

    /** A batch, owned, and the dictionary that it is to be appended to, borrowed, or null. */
    static final class Rebased {
        private final IpcDictionaryBatch batch;
        private final @Nullable Dictionary previous;

        private Rebased(IpcDictionaryBatch batch, @Nullable Dictionary previous) {
            this.batch = batch;
            this.previous = previous;
        }

        IpcDictionaryBatch batch() {
            return batch;
        }

        @Nullable
        Dictionary previous() {
            return previous;
        }
    }
}
