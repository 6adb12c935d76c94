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
 * <p>Where a dictionary has just been rebased, the head has a bridge: what the subscribers that followed the deltas have
 * to be sent to be where the others are who get the rebased one. Heads of later entries do without, see
 * {@link #settled()}.
 *
 * <p>Immutable but for its count. Thread-safe.
 */
final class StreamHead extends AbstractReferenceCounted {
    /** Two dictionaries of the same values: one by deltas, one rebased. */
    private record Bridge(Dictionary followed, Dictionary rebased) {}

    private final Map<Long, Dictionary> dictionaries;
    private final Map<Long, Bridge> bridges;

    /** Creates a head without dictionaries, with one reference. */
    StreamHead() {
        this(Map.of(), Map.of());
    }

    private StreamHead(Map<Long, Dictionary> dictionaries, Map<Long, Bridge> bridges) {
        this.dictionaries = dictionaries;
        this.bridges = bridges;
        dictionaries.values().forEach(Dictionary::retain);
        bridges.values().forEach(bridge -> bridge.followed.retain());
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
        Map<Long, Bridge> kept = new LinkedHashMap<>(bridges);
        Bridge bridge = bridges.get(id);
        if (bridge != null && !dictionary.follows(bridge.rebased)) {
            kept.remove(id);
        }
        return new StreamHead(changed, kept);
    }

    /** Returns the head with a rebased dictionary in place of one of the same values; both borrowed. Owned. */
    StreamHead withRebased(long id, Dictionary followed, Dictionary rebased) {
        Map<Long, Dictionary> changed = new LinkedHashMap<>(dictionaries);
        changed.put(id, rebased);
        Map<Long, Bridge> more = new LinkedHashMap<>(bridges);
        more.put(id, new Bridge(followed, rebased));
        return new StreamHead(changed, more);
    }

    /** Returns the head for what comes behind an entry that has this one; owned. */
    StreamHead settled() {
        return bridges.isEmpty() ? retain() : new StreamHead(dictionaries, Map.of());
    }

    /** Returns the memory of all that the head refers to, in bytes. */
    long heldBytes() {
        return bytes()
                + overheadBytes()
                + bridges.values().stream()
                        .mapToLong(bridge -> bridge.followed.bytes())
                        .sum();
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
        if (seen == this) {
            return;
        }
        dictionaries.forEach((id, dictionary) -> {
            Dictionary present = seen.dictionaries.get(id);
            Bridge bridge = bridges.get(id);
            if (present != null && bridge != null && !dictionary.follows(present) && bridge.followed.follows(present)) {
                bridge.followed.forEachAfter(present, visitor);
                dictionary.forEachAfter(bridge.rebased, visitor);
            } else {
                dictionary.forEachAfter(present, visitor);
            }
        });
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
        bridges.values().forEach(bridge -> bridge.followed.release());
    }
}
