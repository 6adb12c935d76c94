package io.bowstring.vector;

import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.ByteFunctionHelpers;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.compare.Range;
import org.apache.arrow.vector.compare.RangeEqualsVisitor;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.util.TransferPair;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries of a stream as they were sent last, so that only what has changed is sent. Owns copies of them, whose
 * memory the messages share: what a user does to a dictionary changes no message. It is Netty's, accounted in the allocators
 * of the vectors, which need not be able to allocate: on JDK 25 Arrow's own are not.
 *
 * <p>Confined to one thread.
 */
final class SentDictionaries implements AutoCloseable {
    private final List<Long> ids;
    private final DictionaryProvider provider;
    private final boolean isWritingDeltas;
    private final BatchUnloader unloader;
    private final Map<Long, FieldVector> sent = new HashMap<>();

    /** Copies of dictionaries of which messages have been made that may yet fail to be sent. */
    private final Map<Long, FieldVector> changed = new HashMap<>();

    /** What is copied to, and accounted elsewhere. */
    private final BufferAllocator memory;

    private long copiedBytes;

    /**
     * Creates a record of nothing sent.
     *
     * @param ids of the dictionaries, those inside others first, as they are to be sent
     * @param provider of what they are now; borrowed
     * @param allocator for copies
     */
    SentDictionaries(
            List<Long> ids,
            DictionaryProvider provider,
            boolean isWritingDeltas,
            BatchUnloader unloader,
            ByteBufAllocator allocator) {
        this.memory = new NettyAllocationFactory(allocator).newRootAllocator(Long.MAX_VALUE);
        this.ids = ids;
        this.provider = provider;
        this.isWritingDeltas = isWritingDeltas;
        this.unloader = unloader;
    }

    long copiedBytes() {
        return copiedBytes;
    }

    /** Appends messages, owned, that make the dictionaries of a reader what they are now, if they are sent. */
    void addChanges(List<IpcMessage> messages) {
        for (long id : ids) {
            FieldVector now = lookUp(id);
            FieldVector before = sent.get(id);
            if (before == null || hasChangedInside(now.getField()) || !isSame(before, now)) {
                messages.add(change(id, before, now));
            }
        }
    }

    /** Whether values refer to a dictionary that has changed: readers may have replaced the indices with what they were. */
    private boolean hasChangedInside(Field values) {
        return values.getChildren().stream()
                .anyMatch(child -> (child.getDictionary() != null
                                && changed.containsKey(child.getDictionary().getId()))
                        || hasChangedInside(child));
    }

    /** Returns a message of a copy, which is kept in the allocator of the vector, where that need not be able to allocate. */
    private IpcMessage change(long id, @Nullable FieldVector before, FieldVector now) {
        try (FieldVector copy = VectorCopies.copy(now, memory)) {
            copiedBytes += VectorCopies.bytes(copy);
            changed.put(id, VectorCopies.share(copy, now.getAllocator()));
            return message(id, before, copy);
        }
    }

    private FieldVector lookUp(long id) {
        Dictionary dictionary = provider.lookup(id);
        if (dictionary == null) {
            throw new IllegalArgumentException("dictionary " + id + ": absent (expected: as in the beginning)");
        }
        return dictionary.getVector();
    }

    /** Keeps what has changed: it will be sent. */
    void commit() {
        changed.forEach((id, copy) -> {
            FieldVector before = sent.put(id, copy);
            if (before != null) {
                before.close();
            }
        });
        changed.clear();
    }

    /** Forgets what has changed: it will not be sent. */
    void rollBack() {
        changed.values().forEach(FieldVector::close);
        changed.clear();
    }

    private IpcMessage message(long id, @Nullable FieldVector before, FieldVector now) {
        if (before == null || !isWritingDeltas || !isExtended(before, now)) {
            return unloader.dictionaryBatch(id, false, now);
        }
        TransferPair pair = now.getTransferPair(memory);
        try (FieldVector added = (FieldVector) pair.getTo()) {
            pair.splitAndTransfer(before.getValueCount(), now.getValueCount() - before.getValueCount());
            return unloader.dictionaryBatch(id, true, added);
        }
    }

    /**
     * Whether new values have come after all the old ones. Readers have no deltas of dictionaries of dictionaries, nor
     * of some types.
     */
    private static boolean isExtended(FieldVector before, FieldVector now) {
        return now.getValueCount() > before.getValueCount()
                && before.getValueCount() > 0
                && DeltaTypes.has(now)
                && now.getField().getChildren().stream().noneMatch(SentDictionaries::isEncoded)
                && hasSameValues(before, now);
    }

    private static boolean isEncoded(Field field) {
        return field.getDictionary() != null || field.getChildren().stream().anyMatch(SentDictionaries::isEncoded);
    }

    /** Whether nothing has changed; mostly the bytes show that at once. */
    private static boolean isSame(FieldVector before, FieldVector now) {
        return before.getValueCount() == now.getValueCount()
                && (hasSameBytes(before, now) || hasSameValues(before, now));
    }

    private static boolean hasSameBytes(FieldVector before, FieldVector now) {
        List<ArrowBuf> old = before.getFieldBuffers();
        List<ArrowBuf> buffers = now.getFieldBuffers();
        List<FieldVector> oldChildren = before.getChildrenFromFields();
        List<FieldVector> children = now.getChildrenFromFields();
        if (old.size() != buffers.size() || oldChildren.size() != children.size()) {
            return false;
        }
        for (int i = 0; i < buffers.size(); i++) {
            long bytes = buffers.get(i).readableBytes();
            if (old.get(i).readableBytes() != bytes
                    || ByteFunctionHelpers.equal(old.get(i), 0, bytes, buffers.get(i), 0, bytes) == 0) {
                return false;
            }
        }
        for (int i = 0; i < children.size(); i++) {
            if (oldChildren.get(i).getValueCount() != children.get(i).getValueCount()
                    || !hasSameBytes(oldChildren.get(i), children.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the values that were there before still are, and first. */
    private static boolean hasSameValues(FieldVector before, FieldVector now) {
        return new RangeEqualsVisitor(before, now).rangeEquals(new Range(0, 0, before.getValueCount()));
    }

    @Override
    public void close() {
        sent.values().forEach(FieldVector::close);
        sent.clear();
        memory.close();
    }
}
