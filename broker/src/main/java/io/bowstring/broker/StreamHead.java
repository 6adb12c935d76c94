package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.util.AbstractReferenceCounted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries in force at some point of a publisher's stream, by the topic's ids, in the order in which each id
 * first came. Many log entries share one head. Owns a reference to each dictionary.
 *
 * <p>Immutable but for its count. Thread-safe.
 */
final class StreamHead extends AbstractReferenceCounted {
    private final Map<Long, Dictionary> dictionaries;

    /** Creates a head without dictionaries, with one reference. */
    StreamHead() {
        this(Map.of());
    }

    private StreamHead(Map<Long, Dictionary> dictionaries) {
        this.dictionaries = dictionaries;
        dictionaries.values().forEach(Dictionary::retain);
    }

    /** Returns a dictionary, borrowed, or null where it has not been set. */
    @Nullable
    Dictionary get(long id) {
        return dictionaries.get(id);
    }

    /** Returns what {@link Dictionary#find} does for the dictionary under an id; borrowed, null where there is none. */
    @Nullable
    Dictionary find(long id, @Nullable Dictionary prior, int hash) {
        Dictionary dictionary = dictionaries.get(id);
        return dictionary == null ? null : dictionary.find(prior, hash);
    }

    /** Returns the head with another dictionary under an id, which is borrowed; owned. */
    StreamHead with(long id, Dictionary dictionary) {
        Map<Long, Dictionary> changed = new LinkedHashMap<>(dictionaries);
        changed.put(id, dictionary);
        return new StreamHead(changed);
    }

    /** Returns the memory of the dictionaries, in bytes. */
    long bytes() {
        return dictionaries.values().stream().mapToLong(Dictionary::bytes).sum();
    }

    /** Returns what the head itself takes on the heap, roughly. */
    long overheadBytes() {
        return 64L * dictionaries.size();
    }

    /** Visits the batches, borrowed, that a stream which is at {@code seen} needs before it can have this head. */
    void forEachAfter(StreamHead seen, Consumer<IpcDictionaryBatch> visitor) {
        if (seen != this) {
            dictionaries.forEach((id, dictionary) -> dictionary.forEachAfter(seen.dictionaries.get(id), visitor));
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
        dictionaries.values().forEach(Dictionary::release);
    }
}
