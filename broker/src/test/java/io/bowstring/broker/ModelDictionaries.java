package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.protocol.DictionaryConcatenation;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The dictionaries that a batch of a {@link ModelDriver} needs, by id, and what a subscriber has to be sent to have them.
 * Immutable.
 *
 * @param present those in force
 * @param followed where such a one has been put together in front of this batch: what those have who followed its deltas
 * @param rebased what that is the same as
 */
record ModelDictionaries(Map<Long, Chain> present, Map<Long, Chain> followed, Map<Long, Chain> rebased) {
    static final ModelDictionaries NONE = new ModelDictionaries(Map.of(), Map.of(), Map.of());

    /** What a dictionary of several texts takes beside its body. */
    private static final long REBASED_OVERHEAD = rebasedWeight() - 8 - 16;

    /** Texts, and those that they were appended to. It is the same as another only where the broker has both once. */
    static final class Chain {
        private final Chain previous;
        private final List<String> texts;

        Chain(Chain previous, List<String> texts) {
            this.previous = previous;
            this.texts = texts;
        }

        List<String> allTexts() {
            List<String> all = new ArrayList<>(previous == null ? List.of() : previous.allTexts());
            all.addAll(texts);
            return all;
        }

        int deltas() {
            return previous == null ? 0 : previous.deltas() + 1;
        }

        long weight() {
            return ModelDictionaries.weight(texts) + (previous == null ? 0 : previous.weight());
        }

        private boolean follows(Chain other) {
            return this == other || previous != null && previous.follows(other);
        }

        /** Returns this one, or one before it, that came about by texts after {@code prior}; null where there is none. */
        private Chain find(Chain prior, List<String> wanted) {
            if (previous == prior && texts.equals(wanted)) {
                return this;
            }
            return previous == null ? null : previous.find(prior, wanted);
        }

        /** Returns the messages from {@code seen} on, or all where it does not follow that. */
        private List<String> after(Chain seen) {
            if (this == seen) {
                return List.of();
            }
            List<String> messages = new ArrayList<>(previous == null ? List.of() : previous.after(seen));
            messages.add((previous == null ? "" : "+") + String.join("+", texts));
            return messages;
        }

        @Override
        public String toString() {
            return allTexts().toString();
        }
    }

    /** Returns what one message counts for. */
    static long weight(List<String> texts) {
        long bytes = texts.stream().mapToLong(String::length).sum();
        return texts.size() == 1
                ? Messages.DICTIONARY_WEIGHT
                : REBASED_OVERHEAD + padded(4L * (texts.size() + 1)) + padded(bytes);
    }

    private static long padded(long bytes) {
        return (bytes + 7) & -8;
    }

    private static long rebasedWeight() {
        IpcDictionaryBatch one = Messages.dictionary(0, "x", UnpooledByteBufAllocator.DEFAULT);
        IpcDictionaryBatch two = DictionaryConcatenation.of(
                List.of(one, one), Messages.encoded("", 0), UnpooledByteBufAllocator.DEFAULT);
        one.release();
        long weight = two.frameBytes() + Block.OVERHEAD_BYTES;
        two.release();
        return weight;
    }

    /** Returns what has come about by texts after {@code prior}, null for none, and is in force; null where nothing is. */
    static Chain find(long id, Chain prior, List<String> texts, Stream<ModelDictionaries> inForce) {
        return inForce.map(any -> any.present.get(id))
                .filter(Objects::nonNull)
                .map(chain -> chain.find(prior, texts))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    ModelDictionaries with(long id, Chain chain) {
        boolean isOther = rebased.containsKey(id) && !chain.follows(rebased.get(id));
        return new ModelDictionaries(
                changed(present, id, chain),
                isOther ? changed(followed, id, null) : followed,
                isOther ? changed(rebased, id, null) : rebased);
    }

    ModelDictionaries withRebased(long id, Chain whole) {
        return new ModelDictionaries(
                changed(present, id, whole), changed(followed, id, present.get(id)), changed(rebased, id, whole));
    }

    private static Map<Long, Chain> changed(Map<Long, Chain> chains, long id, Chain chain) {
        Map<Long, Chain> changed = new LinkedHashMap<>(chains);
        changed.put(id, chain);
        changed.values().removeAll(Collections.singleton(null));
        return changed;
    }

    /** Returns what the batches behind one that has these begin with. */
    ModelDictionaries settled() {
        return new ModelDictionaries(present, Map.of(), Map.of());
    }

    long weight() {
        return present.values().stream().mapToLong(Chain::weight).sum();
    }

    /** Returns the messages of a dictionary that a subscriber must be sent who has had {@code seen}. */
    List<String> after(ModelDictionaries seen, long id) {
        Chain chain = present.get(id);
        Chain had = seen.present.get(id);
        boolean isBridged = had != null && rebased.containsKey(id) && !chain.follows(had);
        if (isBridged && followed.get(id).follows(had)) {
            List<String> messages = new ArrayList<>(followed.get(id).after(had));
            messages.addAll(chain.after(rebased.get(id)));
            return messages;
        }
        return chain.after(had);
    }
}
