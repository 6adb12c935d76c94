package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Topics by name, and how many publishers and subscribers each has: one that nobody attends goes, unless it is to be kept.
 * Thread-safe.
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
     * Gives up what {@link #attend} gave; with the last who does so the topic goes, unless {@code isKept}. Without effect
     * where the topic has been removed.
     */
    void leave(TopicName name, T topic, BooleanSupplier isKept) {
        topics.computeIfPresent(name, (key, attendance) -> {
            if (!attendance.topic.equals(topic)) {
                return attendance; // another of that name
            }
            attendance.count--;
            return removed(attendance, attendance.count == 0 && !isKept.getAsBoolean());
        });
    }

    /** Removes a topic, whoever attends it: who comes from now on gets another. */
    void remove(TopicName name, T topic) {
        topics.computeIfPresent(name, (key, attendance) -> removed(attendance, attendance.topic.equals(topic)));
    }

    /** Removes a topic that nobody attends; returns whether it is gone. */
    boolean removeIfDeserted(TopicName name, T topic) {
        topics.computeIfPresent(
                name,
                (key, attendance) -> removed(attendance, attendance.topic.equals(topic) && attendance.count == 0));
        Attendance<T> present = topics.get(name);
        return present == null || !present.topic.equals(topic);
    }

    private @Nullable Attendance<T> removed(Attendance<T> attendance, boolean goes) {
        if (goes) {
            places.giveBack(attendance.source);
            return null;
        }
        return attendance;
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
