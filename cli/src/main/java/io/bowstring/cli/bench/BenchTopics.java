package io.bowstring.cli.bench;

import io.bowstring.protocol.TopicName;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The topics of a load: {@code PREFIX.0}, {@code PREFIX.1} ... Immutable.
 *
 * @param prefix of their names
 * @param areOwn whether nobody else knows them, so that they are deleted in the end
 * @param areSealed whether they are complete when the publishers of this process are done
 * @param awaitedSubscribers how many must read them before the first batch, besides those of this process
 */
public record BenchTopics(String prefix, boolean areOwn, boolean areSealed, int awaitedSubscribers) {
    /** Returns topics that no other load has. */
    public static BenchTopics ofOneRun() {
        long random = ThreadLocalRandom.current().nextLong(1L << 40);
        return new BenchTopics("bench." + Long.toString(random, Character.MAX_RADIX), true, true, 0);
    }

    /**
     * Returns topics that several processes have agreed on.
     *
     * @param areSealed whether the publishers of this process are the last ones
     * @param awaitedSubscribers how many of other processes must read them before the first batch
     * @throws io.bowstring.protocol.ProtocolException if no topic can be named so
     */
    public static BenchTopics shared(String prefix, boolean areSealed, int awaitedSubscribers) {
        return new BenchTopics(new TopicName(prefix).value(), false, areSealed, awaitedSubscribers);
    }

    /** Returns the name of a topic. */
    String name(int topic) {
        return prefix + "." + topic;
    }
}
