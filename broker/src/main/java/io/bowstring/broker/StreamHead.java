package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.util.AbstractReferenceCounted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The dictionaries in force at some point of a publisher's stream, by the topic's ids, in the order in which each id
 * first came. Many log entries share one head. Owns a reference to each dictionary.
 *
 * <p>Immutable but for its count. Thread-safe.
 */
final class StreamHead extends AbstractReferenceCounted {
    private final Map<Long, Dictionary.Version> dictionaries;

    /** Creates a head without dictionaries, with one reference. */
    StreamHead() {
        this(Map.of());
    }

    private StreamHead(Map<Long, Dictionary.Version> dictionaries) {
        this.dictionaries = dictionaries;
        dictionaries.values().forEach(version -> version.dictionary().retain());
    }

    /** Returns whether a dictionary has been set. */
    boolean has(long id) {
        return dictionaries.containsKey(id);
    }

    /**
     * Returns the head that is in force after a dictionary batch; owned.
     *
     * @param batch whole, or a delta to a dictionary that has been set; consumed
     */
    StreamHead with(IpcDictionaryBatch batch) {
        Map<Long, Dictionary.Version> changed = new LinkedHashMap<>(dictionaries);
        if (batch.isDelta()) {
            Dictionary present =
                    Objects.requireNonNull(dictionaries.get(batch.id())).dictionary();
            present.append(batch);
            changed.put(batch.id(), present.version());
            return new StreamHead(changed);
        }
        Dictionary dictionary = new Dictionary(batch);
        changed.put(batch.id(), dictionary.version());
        StreamHead head = new StreamHead(changed);
        dictionary.release(); // the head has its own reference now
        return head;
    }

    /** Returns the memory of the dictionaries, in bytes. */
    long bytes() {
        return dictionaries.values().stream()
                .mapToLong(version -> version.dictionary().bytes())
                .sum();
    }

    /** Returns what the head itself takes on the heap, roughly. */
    long overheadBytes() {
        return 64L * dictionaries.size();
    }

    /** Visits the batches, borrowed, that a stream which is at {@code seen} needs before it can have this head. */
    void forEachAfter(StreamHead seen, Consumer<IpcDictionaryBatch> visitor) {
        if (seen != this) {
            dictionaries.forEach((id, version) -> version.forEachAfter(seen.dictionaries.get(id), visitor));
        }
    }

    @Override
    public StreamHead retain() {
        super.retain();
        return this;
    }

    @Override
    public StreamHead touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        dictionaries.values().forEach(version -> version.dictionary().release());
    }
}
