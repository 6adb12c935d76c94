package io.bowstring.broker;

import io.netty.util.AbstractReferenceCounted;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some of the dictionaries of a {@link StreamHead}, which heads share that differ elsewhere. Owns a reference to each.
 *
 * <p>Immutable but for its count. Thread-safe.
 */
final class DictionaryChunk extends AbstractReferenceCounted {
    /** How many dictionaries it has at most. */
    static final int LENGTH = 32;

    private final @Nullable Dictionary[] dictionaries = new Dictionary[LENGTH];

    private DictionaryChunk() {}

    /**
     * Returns a chunk that has another dictionary at an index; owned.
     *
     * @param base what it has elsewhere, null for nothing; borrowed
     * @param dictionary borrowed
     */
    static DictionaryChunk with(@Nullable DictionaryChunk base, int index, Dictionary dictionary) {
        DictionaryChunk chunk = new DictionaryChunk();
        if (base != null) {
            System.arraycopy(base.dictionaries, 0, chunk.dictionaries, 0, LENGTH);
        }
        chunk.dictionaries[index] = dictionary;
        chunk.forEach(Dictionary::retain);
        return chunk;
    }

    /** Returns a dictionary, borrowed, or null where there is none. */
    @Nullable
    Dictionary get(int index) {
        return dictionaries[index];
    }

    /** Visits the dictionaries, borrowed. */
    void forEach(Consumer<Dictionary> visitor) {
        for (Dictionary dictionary : dictionaries) {
            if (dictionary != null) {
                visitor.accept(dictionary);
            }
        }
    }

    @Override
    public DictionaryChunk touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        forEach(Dictionary::release);
    }
}
