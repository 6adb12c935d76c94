package io.bowstring.broker;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Topics by the size of their windows, to within a factor of 1.6: which is the largest costs the logarithm of their number,
 * and a window that grows or shrinks a little costs nothing. Topics of which nothing can be had are not in it.
 *
 * <p>Thread-safe; takes no locks.
 */
final class WindowIndex {
    private record Key(int sizeClass, long id) {}

    /** The larger first; of two as large the older. */
    private final ConcurrentNavigableMap<Key, Topic> topics = new ConcurrentSkipListMap<>(
            Comparator.comparingInt(Key::sizeClass).reversed().thenComparingLong(Key::id));

    private final AtomicLong ids = new AtomicLong();

    /** Returns one of the largest, or null where there is none. */
    @Nullable
    Topic largest() {
        Map.Entry<Key, Topic> first = topics.firstEntry();
        return first == null ? null : first.getValue();
    }

    /** Returns the place of a topic, which is not in the index yet. */
    Place newPlace(Topic topic) {
        return new Place(topic);
    }

    private static int sizeClass(long bytes) {
        if (bytes < 4) {
            return (int) bytes;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes);
        return 4 * (exponent - 1) + (int) (bytes >> (exponent - 2) & 3);
    }

    /** Where a topic stands. Confined to the topic's turn. */
    final class Place {
        private final Topic topic;
        private final long id = ids.getAndIncrement();

        /** Grows by 4 where the size doubles; 0 where the topic is not in the index. */
        private int sizeClass;

        private Place(Topic topic) {
            this.topic = topic;
        }

        /** Notes how much is to be had of the topic, in bytes. */
        void set(long bytes) {
            int now = sizeClass(bytes);
            boolean isNear = now == sizeClass || (now == sizeClass - 1 && now > 0); // else it might go to and fro
            if (!isNear) {
                move(now);
            }
        }

        /** Nothing is to be had of the topic until the next {@link #set}. */
        void leave() {
            move(0);
        }

        private void move(int newClass) {
            if (newClass > 0) {
                topics.put(new Key(newClass, id), topic);
            }
            if (sizeClass > 0 && sizeClass != newClass) {
                topics.remove(new Key(sizeClass, id));
            }
            sizeClass = newClass;
        }
    }
}
