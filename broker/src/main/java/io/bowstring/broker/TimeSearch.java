package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.StartPosition;
import io.netty.buffer.ByteBufAllocator;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Finds on disk where a subscription begins that begins at a time. Not instantiable. */
final class TimeSearch {
    private TimeSearch() {}

    /** Returns whether the batch that a subscription begins at may have left the window, and is to be looked for on disk. */
    static boolean isNeeded(Topic topic, StartPosition from) {
        TopicLog log = topic.log();
        return from.kind() == StartPosition.Kind.TIME
                && topic.commits().firstOffset() < log.firstOffset()
                && log.offsetOfTime(from.value()) == log.firstOffset();
    }

    /**
     * Looks for that batch, and tells the topic in its turn. The buffers that it reads into count in the topic's memory.
     *
     * @param isWanted whether the subscription waits for it still; for any thread
     */
    static void begin(Topic topic, DurableLog durable, TopicSubscription subscription, BooleanSupplier isWanted) {
        long micros = subscription.request().from().value();
        try {
            durable.readers().execute(() -> tell(topic, subscription, search(topic, durable, micros, isWanted)));
        } catch (RejectedExecutionException e) {
            throw Broker.shuttingDown();
        }
    }

    /** Returns what returns the offset, or throws why it could not be looked for. */
    private static Supplier<OptionalLong> search(
            Topic topic, DurableLog durable, long micros, BooleanSupplier isWanted) {
        ByteBufAllocator allocator = topic.broker().allocator();
        try {
            OptionalLong found =
                    durable.offsetOfTime(micros, bytes -> topic.memory().newBuffer(bytes, allocator), isWanted);
            return () -> found;
        } catch (RuntimeException | Error e) {
            ProtocolException failure = Steps.reason(topic.turn().loop(), e);
            return () -> {
                throw failure;
            };
        }
    }

    private static void tell(Topic topic, TopicSubscription subscription, Supplier<OptionalLong> found) {
        Steps.execute(topic.turn().loop(), () -> topic.execute(() -> topic.onTimeFound(subscription, found)));
    }
}
