package io.bowstring.vector;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries that one batch refers to. Owns a reference to each. Immutable, to be closed once by any thread.
 */
final class BatchDictionaries implements DictionaryProvider, AutoCloseable {
    static final BatchDictionaries NONE = new BatchDictionaries(Map.of());

    private final Map<Long, DictionaryValues> dictionaries;

    /** Takes a reference to each of {@code dictionaries}. */
    BatchDictionaries(Map<Long, DictionaryValues> dictionaries) {
        this.dictionaries = Map.copyOf(dictionaries);
        this.dictionaries.values().forEach(DictionaryValues::retain);
    }

    @Override
    public @Nullable Dictionary lookup(long id) {
        DictionaryValues values = dictionaries.get(id);
        return values == null ? null : values.dictionary();
    }

    /** Returns the values of a dictionary that there is; borrowed. */
    DictionaryValues values(long id) {
        return Objects.requireNonNull(dictionaries.get(id));
    }

    @Override
    public Set<Long> getDictionaryIds() {
        return dictionaries.keySet();
    }

    @Override
    public void close() {
        dictionaries.values().forEach(DictionaryValues::release);
    }
}
