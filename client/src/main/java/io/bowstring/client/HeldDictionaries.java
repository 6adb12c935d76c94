package io.bowstring.client;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.protocol.DictionaryConcatenation;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries after the last batch that is acknowledged: what a new connection begins with. Owns them. Confined to one
 * event loop.
 */
final class HeldDictionaries {
    /** So many are put together into one, where their type allows it. */
    private static final int MAX_BATCHES = 64;

    private final Map<Long, IpcField> fields = new HashMap<>();

    /** By the order in which they were set: one that refers to another comes after it. */
    private final Map<Long, List<IpcDictionaryBatch>> batches = new LinkedHashMap<>();

    private final ByteBufAllocator allocator;

    /** There was one that could not be kept. */
    private boolean isIncomplete;

    /** Creates what holds none yet; {@code allocator} is for what is put together. */
    HeldDictionaries(List<IpcField> fields, ByteBufAllocator allocator) {
        this.allocator = allocator;
        collect(fields);
    }

    private void collect(List<IpcField> from) {
        for (IpcField field : from) {
            if (field.dictionary() != null) {
                fields.put(field.dictionary().id(), field);
            }
            collect(field.children());
        }
    }

    /**
     * Takes what comes next in the stream.
     *
     * @param dictionary consumed; if this throws, no connection can begin with what is held
     */
    void add(IpcDictionaryBatch dictionary) {
        List<IpcDictionaryBatch> present;
        try {
            present = batches(dictionary);
            present.add(dictionary);
        } catch (RuntimeException | Error e) {
            isIncomplete = true;
            dictionary.release();
            throw e;
        }
        if (present.size() % MAX_BATCHES == 0) {
            IpcDictionaryBatch all = concatenated(present);
            if (all != null) {
                present.forEach(IpcDictionaryBatch::release);
                present.clear();
                present.add(all);
            }
        }
    }

    /** Returns the list that a dictionary is to be added to, which is borrowed: an empty one where it is set. */
    private List<IpcDictionaryBatch> batches(IpcDictionaryBatch dictionary) {
        List<IpcDictionaryBatch> present = batches.get(dictionary.id());
        if (!dictionary.isDelta() || present == null) {
            List<IpcDictionaryBatch> replaced = batches.remove(dictionary.id());
            if (replaced != null) {
                replaced.forEach(IpcDictionaryBatch::release);
            }
            present = new ArrayList<>();
            batches.put(dictionary.id(), present);
        }
        return present;
    }

    /** Returns one in place of several, owned; null where that cannot be. */
    private @Nullable IpcDictionaryBatch concatenated(List<IpcDictionaryBatch> present) {
        IpcField field = fields.get(present.get(0).id());
        try {
            return field == null ? null : DictionaryConcatenation.of(present, field, allocator);
        } catch (IpcException | OutOfMemoryError e) { // what the server has taken, it may be sent again as it is
            return null;
        }
    }

    /**
     * Hands out what a new connection begins with, in order; each <i>borrowed</i>.
     *
     * @throws ClientException where some of it could not be kept
     */
    void forEach(Consumer<IpcDictionaryBatch> action) {
        if (isIncomplete) {
            throw new ClientException("there was no memory to keep a dictionary, which a new connection needs");
        }
        batches.values().forEach(present -> present.forEach(action));
    }

    void release() {
        batches.values().forEach(present -> present.forEach(IpcDictionaryBatch::release));
        batches.clear();
    }
}
