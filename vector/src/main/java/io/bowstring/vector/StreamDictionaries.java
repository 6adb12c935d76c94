package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.util.VectorBatchAppender;

/**
 * The dictionaries of a stream at present. What has been handed out with earlier batches is left as it is: a replacement, and
 * what a delta makes, is a vector of its own.
 *
 * <p>Owns a reference to each. Confined to one thread.
 */
final class StreamDictionaries implements DictionarySizes, AutoCloseable {
    /**
     * What values may take that are put together, for each byte that came: fields may share bytes, as {@link
     * BatchCursor} says.
     */
    private static final int BYTES_PER_BYTE = 16;

    private static final int FREE_BYTES = 1 << 20;

    private final BufferAllocator allocator;
    private final Map<Long, ArrowSchema.Values> fields;
    private final Map<Long, DictionaryValues> present = new LinkedHashMap<>();

    /** What the values that are being loaded refer to. */
    private final Map<Long, Long> neededSizes = new HashMap<>();

    /** Whether dictionaries have changed since it was checked that each has what others need of it. */
    private boolean hasChanged;

    /** Creates empty dictionaries in {@code allocator}, borrowed. */
    StreamDictionaries(Map<Long, ArrowSchema.Values> fields, BufferAllocator allocator) {
        this.fields = fields;
        this.allocator = allocator;
        fields.forEach((id, values) -> {
            FieldVector none = values.field().createVector(allocator);
            present.put(id, new DictionaryValues(values.field(), new Dictionary(none, values.encoding()), 0, Map.of()));
        });
    }

    @Override
    public long size(long id) {
        return present(id).size();
    }

    private DictionaryValues present(long id) {
        return Objects.requireNonNull(present.get(id));
    }

    @Override
    public void need(long id, long size) {
        neededSizes.merge(id, size, Math::max);
    }

    /** Returns an empty vector for values of a dictionary, which are to be loaded next; owned. */
    FieldVector begin(long id) {
        neededSizes.clear();
        return field(id).field().createVector(allocator);
    }

    /**
     * Makes values that have been loaded the dictionary's.
     *
     * @param values consumed
     * @param receivedBytes what came for them, decompressed where it was not
     */
    void set(long id, FieldVector values, long receivedBytes) {
        put(id, values, receivedBytes);
    }

    /**
     * Appends values that have been loaded to the dictionary's.
     *
     * @param values consumed, whatever is thrown
     * @param receivedBytes what came for them, decompressed where it was not
     * @throws IpcException {@code UNSUPPORTED} where arrow-java cannot append to a type; {@code MALFORMED} where fields share
     *     bytes so often that the values would take many times what came
     */
    void append(long id, FieldVector values, long receivedBytes) {
        DictionaryValues old = present(id);
        if (old.size() == 0) {
            set(id, values, receivedBytes);
            return;
        }
        long allReceivedBytes = old.receivedBytes() + receivedBytes;
        FieldVector all;
        try (values) {
            requireAppendable(id, values);
            old.neededSizes().forEach(this::need);
            requirePaid(id, old.dictionary().getVector(), values, allReceivedBytes);
            all = both(old.dictionary().getVector(), values);
        } catch (OutOfMemoryException | IpcException e) {
            throw e;
        } catch (RuntimeException e) { // of any kind: not all types have been thought of there
            throw unsupported(
                    id, "values that arrow-java can append to: " + ArrowSchema.excerpt(String.valueOf(e.getMessage())));
        }
        put(id, all, allReceivedBytes);
    }

    private static void requireAppendable(long id, FieldVector values) {
        if (!DeltaTypes.has(values)) {
            String type = String.valueOf(values.getField().getType());
            throw unsupported(id, "values of a type that deltas are read of, not " + type);
        }
    }

    private static void requirePaid(long id, FieldVector old, FieldVector delta, long receivedBytes) {
        long bytes = VectorCopies.bytes(old) + VectorCopies.bytes(delta);
        if (bytes > BYTES_PER_BYTE * receivedBytes + FREE_BYTES) {
            String what = "bytes of dictionary " + id + " put together";
            String rule = "<= " + BYTES_PER_BYTE + " for each of " + receivedBytes + " bytes, and " + FREE_BYTES;
            throw new IpcException(IpcErrorCode.MALFORMED, what, bytes, rule);
        }
    }

    private static IpcException unsupported(long id, String rule) {
        return new IpcException(IpcErrorCode.UNSUPPORTED, "delta of dictionary", id, rule);
    }

    /** Returns both in Netty's memory, owned; the allocator need not be able to allocate, as Arrow's own are not on JDK 25. */
    private FieldVector both(FieldVector old, FieldVector delta) {
        DeltaTypes.requireRoom(old, delta);
        try (BufferAllocator memory = new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT)
                        .newRootAllocator(allocator.getHeadroom());
                FieldVector all = delta.getField().createVector(memory)) {
            all.setInitialCapacity(old.getValueCount() + delta.getValueCount());
            all.allocateNew(); // else there is not the one offset of no values, at which it begins to append
            VectorBatchAppender.batchAppend(all, old, delta);
            return VectorCopies.share(all, allocator);
        }
    }

    private ArrowSchema.Values field(long id) {
        return Objects.requireNonNull(fields.get(id));
    }

    private void put(long id, FieldVector values, long receivedBytes) {
        ArrowSchema.Values of = field(id);
        DictionaryValues old = present.put(
                id,
                new DictionaryValues(of.field(), new Dictionary(values, of.encoding()), receivedBytes, neededSizes));
        if (old != null) {
            old.release();
        }
        hasChanged = true;
    }

    /**
     * Returns the dictionaries as they are, for one batch; owned.
     *
     * @throws IpcException {@code MALFORMED} where values of one refer to values that another does not have any more
     */
    BatchDictionaries snapshot() {
        if (hasChanged) {
            present.values().forEach(values -> values.neededSizes().forEach(this::requireSize));
            hasChanged = false;
        }
        return present.isEmpty() ? BatchDictionaries.NONE : new BatchDictionaries(present);
    }

    private void requireSize(long id, long size) {
        if (size(id) < size) {
            String rule = ">= " + size + ", which other dictionaries refer to";
            throw new IpcException(IpcErrorCode.MALFORMED, "size of dictionary " + id, size(id), rule);
        }
    }

    @Override
    public void close() {
        present.values().forEach(DictionaryValues::release);
        present.clear();
    }
}
