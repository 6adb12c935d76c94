package io.bowstring.vector;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.Map;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * The values of one dictionary as they are from one dictionary batch to the next; shared by all batches in between, so they
 * never change. Owns the vector; counted by any thread.
 */
final class DictionaryValues extends AbstractReferenceCounted {
    private final Field field;
    private final Dictionary dictionary;
    private final long receivedBytes;
    private final Map<Long, Long> neededSizes;

    /**
     * Takes over a vector.
     *
     * @param field what the vector was made of
     * @param dictionary consumed
     * @param receivedBytes how much came for the values, and was made of it by decompressing
     * @param neededSizes how many values other dictionaries must have, by their ids, because these values refer to them
     */
    DictionaryValues(Field field, Dictionary dictionary, long receivedBytes, Map<Long, Long> neededSizes) {
        this.field = field;
        this.dictionary = dictionary;
        this.receivedBytes = receivedBytes;
        this.neededSizes = Map.copyOf(neededSizes);
    }

    /** Returns what the vector was made of; the vector does not tell where there are unions. */
    Field field() {
        return field;
    }

    /** Returns the values; borrowed. */
    Dictionary dictionary() {
        return dictionary;
    }

    int size() {
        return dictionary.getVector().getValueCount();
    }

    long receivedBytes() {
        return receivedBytes;
    }

    Map<Long, Long> neededSizes() {
        return neededSizes;
    }

    @Override
    public DictionaryValues retain() {
        super.retain();
        return this;
    }

    @Override
    protected void deallocate() {
        dictionary.getVector().close();
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}
