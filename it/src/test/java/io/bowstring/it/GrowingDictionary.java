package io.bowstring.it;

import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * Words of one publisher that grow at times, and are replaced by others at times. Owns its vector. Confined to one thread at a
 * time.
 */
final class GrowingDictionary implements AutoCloseable {
    private final String name;
    private final VarCharVector words;
    private final DictionaryProvider provider;
    private int generation;

    /** Creates a dictionary with some words that nobody else has. */
    GrowingDictionary(String name, DictionaryEncoding encoding, BufferAllocator allocator) {
        this.name = name;
        words = new VarCharVector("words", allocator);
        provider = new DictionaryProvider.MapDictionaryProvider(new Dictionary(words, encoding));
        replace(2);
    }

    DictionaryProvider provider() {
        return provider;
    }

    int size() {
        return words.getValueCount();
    }

    /** Replaces all words, one time in sixteen; adds some, one time in four. */
    void change(Random random) {
        int draw = random.nextInt(16);
        if (draw == 0) {
            replace(1 + random.nextInt(5));
        } else if (draw < 4) {
            add(1 + random.nextInt(3));
        }
    }

    private void replace(int count) {
        generation++;
        words.reset();
        words.setValueCount(0);
        add(count);
    }

    private void add(int count) {
        int size = words.getValueCount();
        for (int i = size; i < size + count; i++) {
            words.setSafe(i, NumberedBatch.bytes(name + " " + generation + " " + i));
        }
        words.setValueCount(size + count);
    }

    @Override
    public void close() {
        words.close();
    }
}
