package io.bowstring.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The places that the dictionaries of one publisher's stream have in its heads, in the order in which each id first came.
 * Only grows. Thread-safe: the topic's turn assigns, any thread looks up.
 */
final class DictionarySlots {
    private final Map<Long, Integer> slots = new ConcurrentHashMap<>();

    /** Returns the slot of an id, the next one where it has none. */
    int assign(long id) {
        Integer next = slots.size();
        Integer present = slots.putIfAbsent(id, next);
        return present == null ? next : present;
    }

    /** Returns the slot of an id, or null where it has none. */
    @Nullable
    Integer find(long id) {
        return slots.get(id);
    }
}
