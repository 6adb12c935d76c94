package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Topics by name, and how many publishers and subscribers each has: one that nobody attends goes, unless it is to be kept.
 * Those that are listed are in the order of their names besides, so that a page of them costs a page. Thread-safe.
 *
 * @param <T> the topics
 */
final class TopicRegistry<T> {
    /** A topic and how many attend it. Guarded by the map's entry. */
    private static final class Attendance<T> {
        private final T topic;
        private final @Nullable Object source;
        private int count;

        private Attendance(T topic, @Nullable Object source) {
            this.topic = topic;
            this.source = source;
        }
    }

    private final FairPlaces places;
    private final ConcurrentMap<TopicName, Attendance<T>> topics = new ConcurrentHashMap<>();

    /** Changed within a change of the entry of {@link #topics} alone, which is atomic; what one does here alone is not. */
    private final ConcurrentNavigableMap<String, T> listed = new ConcurrentSkipListMap<>();

    TopicRegistry(int maxTopics) {
        this.places = new FairPlaces("topics", maxTopics, "", "max-topics");
    }

    /**
     * Returns a topic that stays at least until {@link #leave}.
     *
     * @param source whose topic it is where it is made; null where that does not count
     * @param newTopic makes it where there is none of that name
     * @throws ProtocolException {@code LIMIT_REACHED} where there are too many
     */
    T attend(TopicName name, @Nullable Object source, Supplier<T> newTopic) {
        return topics.compute(name, (key, present) -> {
                    Attendance<T> attendance = present == null ? placed(source, newTopic) : present;
                    attendance.count++;
                    return attendance;
                })
                .topic;
    }

    private Attendance<T> placed(@Nullable Object source, Supplier<T> newTopic) {
        places.take(source);
        try {
            return new Attendance<>(newTopic.get(), source);
        } catch (RuntimeException | Error e) {
            places.giveBack(source);
            throw e;
        }
    }

    /**
     * Gives up what {@link #attend} gave; with the last call the topic goes, unless {@code isKept}. Without effect
     * where the topic has been removed.
     *
     * @return whether it has gone with this call
     */
    boolean leave(TopicName name, T topic, BooleanSupplier isKept) {
        AtomicBoolean isGone = new AtomicBoolean();
        topics.computeIfPresent(name, (key, attendance) -> {
            if (!attendance.topic.equals(topic)) {
                return attendance; // another of that name
            }
            attendance.count--;
            boolean goes = attendance.count == 0 && !isKept.getAsBoolean();
            return removed(name, attendance, goes, () -> isGone.set(true));
        });
        return isGone.get();
    }

    /** Removes a topic, whoever attends it: a later caller gets another. */
    void remove(TopicName name, T topic) {
        topics.computeIfPresent(
                name, (key, attendance) -> removed(name, attendance, attendance.topic.equals(topic), () -> {}));
    }

    /**
     * Removes a topic that nobody attends; returns whether it is gone.
     *
     * @param onGone runs where it goes, before there can be another of that name; must not throw
     */
    boolean removeIfDeserted(TopicName name, T topic, Runnable onGone) {
        topics.computeIfPresent(
                name,
                (key, attendance) ->
                        removed(name, attendance, attendance.topic.equals(topic) && attendance.count == 0, onGone));
        Attendance<T> present = topics.get(name);
        return present == null || !present.topic.equals(topic);
    }

    private @Nullable Attendance<T> removed(TopicName name, Attendance<T> attendance, boolean goes, Runnable onGone) {
        if (goes) {
            onGone.run();
            listed.remove(name.value());
            places.giveBack(attendance.source);
            return null;
        }
        return attendance;
    }

    /** Lists a topic from now on; without effect where it has been removed. */
    void list(TopicName name, T topic) {
        topics.computeIfPresent(name, (key, attendance) -> {
            if (attendance.topic.equals(topic)) {
                listed.put(name.value(), topic);
            }
            return attendance;
        });
    }

    /**
     * Returns the first of the listed topics whose names begin with a prefix, in the order of their names. One that is there
     * all the time is in exactly one page of those that follow one another.
     *
     * @param after the name of the last topic of the page before; null where this is the first
     * @param max how many, at most
     */
    List<T> page(String prefix, @Nullable String after, int max) {
        List<T> page = new ArrayList<>();
        for (Map.Entry<String, T> entry :
                listed.tailMap(after == null ? prefix : after, after == null).entrySet()) {
            if (page.size() == max || !entry.getKey().startsWith(prefix)) {
                break;
            }
            page.add(entry.getValue());
        }
        return page;
    }

    /** Returns the topic of a name, null where there is none. */
    @Nullable
    T find(TopicName name) {
        Attendance<T> attendance = topics.get(name);
        return attendance == null ? null : attendance.topic;
    }

    /** Returns the topics that are there; of those that come or go meanwhile it may have any. */
    Stream<T> stream() {
        return topics.values().stream().map(attendance -> attendance.topic);
    }
}
