package io.bowstring.broker;

import io.bowstring.protocol.LagPolicy;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The configuration of one history of a {@link ModelDriver}. It is drawn at random: the bounds of the window, the publishers and
 * subscribers, and the number of steps.
 * Immutable.
 *
 * @param config of the broker
 * @param steps how long it lasts
 * @param topics how many there are at a time, at most
 * @param publishers likewise
 * @param subscribers likewise
 * @param texts of dictionaries that publishers share; where it is one, all send that
 * @param policies what subscribers that are too slow may want
 * @param isOneLoop whether all live on one loop
 */
record ModelHistory(
        BrokerConfig config,
        int steps,
        int topics,
        int publishers,
        int subscribers,
        int texts,
        List<LagPolicy> policies,
        boolean isOneLoop) {
    /** Most are short, for a fault that needs a rare configuration; a few are long, for one that needs many steps. */
    private static final int LONG_ONE_IN = 100;

    static ModelHistory draw(SplittableRandom random) {
        boolean isLong = random.nextInt(LONG_ONE_IN) == 0;
        return new ModelHistory(
                drawConfig(isLong, random),
                isLong ? 10_000 : 100 + random.nextInt(500),
                isLong ? 3 : 1 + random.nextInt(2),
                isLong ? 6 : 1 + random.nextInt(4),
                isLong ? 10 : 1 + random.nextInt(8),
                1 + random.nextInt(3),
                drawPolicies(random),
                random.nextInt(8) == 0);
    }

    private static BrokerConfig drawConfig(boolean isLong, SplittableRandom random) {
        PublisherLimits publishers = new PublisherLimits(
                (3 + random.nextInt(20)) * Messages.DICTIONARY_WEIGHT,
                1 + random.nextInt(6),
                (3 + random.nextInt(12)) * Messages.BATCH_WEIGHT);
        return BrokerConfig.DEFAULTS
                .withTopic(drawTopic(isLong, random))
                .withPublishers(publishers)
                .withBlocking(new BlockLimits(Duration.ofDays(1), 0));
    }

    private static TopicConfig drawTopic(boolean isLong, SplittableRandom random) {
        TopicConfig topic = TopicConfig.DEFAULTS;
        int bounds = 1 + random.nextInt(7); // a bit for each
        if ((bounds & 1) != 0) {
            topic = topic.withWindowBatches(1 + random.nextInt(12));
        }
        if ((bounds & 2) != 0) {
            boolean isWide = isLong && random.nextBoolean(); // for blocks of several batches; it takes long to fill
            topic = topic.withWindowBytes((isWide ? 150 : 2 + random.nextInt(12)) * Messages.BATCH_WEIGHT);
        }
        if ((bounds & 4) != 0) {
            topic = topic.withWindowAge(Duration.ofMillis(10 + random.nextInt(60)));
        }
        return topic;
    }

    private static List<LagPolicy> drawPolicies(SplittableRandom random) {
        List<LagPolicy> all = List.of(LagPolicy.values());
        return random.nextBoolean() ? all : List.of(all.get(random.nextInt(all.size())));
    }

    /** Returns whether batches leave because of their age. */
    boolean hasAge() {
        return !config.topic().windowAge().isZero();
    }
}
