package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.util.AbstractReferenceCounted;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries in force at some point of a publisher's stream, by the topic's ids, in the order in which each id
 * first came. Many log entries share one head, and heads share what they have in common, so that a dictionary of a thousand
 * costs little more than one alone. Owns a reference to each chunk of dictionaries.
 *
 * <p>Where a dictionary has just been rebased, the head has a bridge: the messages that bring subscribers which followed the
 * deltas to where the others are, which get the rebased one. Heads of later entries do without, see
 * {@link #settled()}.
 *
 * <p>Immutable but for its count. Thread-safe.
 */
final class StreamHead extends AbstractReferenceCounted {
    /** Two dictionaries of the same values: one by deltas, one rebased. */
    private record Bridge(Dictionary followed, Dictionary rebased) {}

    /** The places of all dictionaries of the publisher's stream, in the order in which each id first came; heads share it. */
    private final Map<Long, Integer> slots;

    private final @Nullable DictionaryChunk[] chunks;
    private final Map<Long, Bridge> bridges;
    private final long bytes;

    /** Creates a head without dictionaries, with one reference. */
    StreamHead() {
        this(new ConcurrentHashMap<>(), new DictionaryChunk[0], Map.of(), 0);
    }

    /** Takes references of its own to the chunks and bridges. */
    private StreamHead(
            Map<Long, Integer> slots, @Nullable DictionaryChunk[] chunks, Map<Long, Bridge> bridges, long bytes) {
        this.slots = slots;
        this.chunks = chunks;
        this.bridges = bridges;
        this.bytes = bytes;
        for (DictionaryChunk chunk : chunks) {
            if (chunk != null) {
                chunk.retain();
            }
        }
        bridges.values().forEach(bridge -> bridge.followed.retain());
    }

    /** Returns whether what has one of the heads can have the other: it is the same, or neither has a dictionary. */
    boolean isLike(StreamHead other) {
        return this == other || chunks.length + other.chunks.length == 0;
    }

    /** Returns a dictionary, borrowed, or null where it has not been set. */
    @Nullable
    Dictionary get(long id) {
        Integer slot = slots.get(id);
        if (slot == null) {
            return null;
        }
        DictionaryChunk chunk = chunk(slot / DictionaryChunk.LENGTH);
        return chunk == null ? null : chunk.get(slot % DictionaryChunk.LENGTH);
    }

    private @Nullable DictionaryChunk chunk(int index) {
        return index < chunks.length ? chunks[index] : null;
    }

    /** Returns the head with another dictionary under an id, which is borrowed; owned. */
    StreamHead with(long id, Dictionary dictionary) {
        Bridge bridge = bridges.get(id);
        if (bridge == null || dictionary.follows(bridge.rebased)) {
            return changed(id, dictionary, bridges);
        }
        Map<Long, Bridge> kept = new LinkedHashMap<>(bridges);
        kept.remove(id);
        return changed(id, dictionary, kept);
    }

    /** Returns the head with a rebased dictionary in place of one of the same values; both borrowed. Owned. */
    StreamHead withRebased(long id, Dictionary followed, Dictionary rebased) {
        Map<Long, Bridge> more = new LinkedHashMap<>(bridges);
        more.put(id, new Bridge(followed, rebased));
        return changed(id, rebased, more);
    }

    private StreamHead changed(long id, Dictionary dictionary, Map<Long, Bridge> changedBridges) {
        Dictionary replaced = get(id);
        int slot = slots.computeIfAbsent(id, first -> slots.size());
        int index = slot / DictionaryChunk.LENGTH;
        @Nullable DictionaryChunk[] changed = Arrays.copyOf(chunks, Math.max(chunks.length, index + 1));
        DictionaryChunk chunk = DictionaryChunk.with(chunk(index), slot % DictionaryChunk.LENGTH, dictionary);
        changed[index] = chunk;
        try {
            long changedBytes = bytes + dictionary.bytes() - (replaced == null ? 0 : replaced.bytes());
            return new StreamHead(slots, changed, changedBridges, changedBytes);
        } finally {
            chunk.release(); // the head has its own reference now
        }
    }

    /** Returns the head for what comes after an entry that has this one; owned. */
    StreamHead settled() {
        return bridges.isEmpty() ? retain() : new StreamHead(slots, chunks, Map.of(), bytes);
    }

    /** Returns the memory of all that the head refers to, in bytes. */
    long heldBytes() {
        long bridgeBytes = 0;
        for (Bridge bridge : bridges.values()) {
            bridgeBytes += bridge.followed.bytes();
        }
        return bytes + overheadBytes() + bridgeBytes;
    }

    /** Returns the memory of the dictionaries, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Returns about how many bytes of the heap the head takes that it shares with no other. */
    long overheadBytes() {
        return 64L * chunks.length;
    }

    /** Visits the batches, borrowed, that a stream which is at {@code seen} needs before it can have this head. */
    void forEachAfter(StreamHead seen, Consumer<IpcDictionaryBatch> visitor) {
        if (seen == this) {
            return;
        }
        for (int i = 0; i < chunks.length; i++) {
            DictionaryChunk chunk = chunks[i];
            if (chunk != null && chunk != seen.chunk(i)) {
                chunk.forEach(dictionary -> visitAfter(seen, dictionary, visitor));
            }
        }
    }

    private void visitAfter(StreamHead seen, Dictionary dictionary, Consumer<IpcDictionaryBatch> visitor) {
        long id = dictionary.batch().id();
        Dictionary present = seen.get(id);
        Bridge bridge = bridges.get(id);
        if (present != null && bridge != null && !dictionary.follows(present) && bridge.followed.follows(present)) {
            bridge.followed.forEachAfter(present, visitor);
            dictionary.forEachAfter(bridge.rebased, visitor);
        } else {
            dictionary.forEachAfter(present, visitor);
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
        for (DictionaryChunk chunk : chunks) {
            if (chunk != null) {
                chunk.release();
            }
        }
        bridges.values().forEach(bridge -> bridge.followed.release());
    }
}
