package io.bowstring.broker;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The storage of a {@link ModelDriver} whose topics are durable: commits late, keeps seals late, and drops. It draws from a source of
 * its own, so that a history in memory is the same whether others have a storage. Confined to the test's thread.
 */
final class ModelStorage {
    final FakeStorage storage = new FakeStorage();

    private static final int DURABLE_ONE_IN = 8;

    private final ModelDriver driver;
    private final SplittableRandom random;
    private final boolean drops;

    private ModelStorage(ModelDriver driver, SplittableRandom random) {
        this.driver = driver;
        this.random = random;
        this.drops = random.nextBoolean();
        storage.pieceBatches = 1 + random.nextInt(6);
    }

    /** Draws whether a history has a storage; null where it has none. */
    static ModelStorage draw(ModelDriver driver, long seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        return random.nextInt(DURABLE_ONE_IN) == 0 ? new ModelStorage(driver, random) : null;
    }

    /** Does something now and then, for one of the topics. */
    void step(List<ModelTopic> topics) {
        if (random.nextInt(8) == 0) {
            ModelTopic topic = topics.get(random.nextInt(topics.size()));
            FakeLog log = storage.log(topic.name.value());
            if (log != null && log.hasBegun()) {
                topic.observe();
                step(topic, log);
            }
        }
    }

    private void step(ModelTopic topic, FakeLog log) {
        int dice = random.nextInt(8);
        if (dice == 0 && drops) {
            long before = log.committedOffset() - random.nextInt(10);
            if (before > topic.surplusBefore()) {
                topic.setSurplus(before);
                log.surplus(before);
                driver.saw("surplus");
            }
        } else if (dice < 3) {
            commitAll(topic, log);
        } else {
            log.take();
            long left = log.disk().takenOffset - log.committedOffset();
            log.commit(log.committedOffset() + random.nextInt((int) left + 1));
            driver.saw("some committed");
        }
    }

    /** Now and then commits all, so that publishers come to an end. */
    void rest(List<ModelTopic> topics) {
        if (random.nextBoolean()) {
            commitAll(topics);
        }
    }

    void commitAll(List<ModelTopic> topics) {
        for (ModelTopic topic : topics) {
            FakeLog log = storage.log(topic.name.value());
            if (log != null && log.hasBegun()) {
                topic.observe();
                commitAll(topic, log);
            }
        }
    }

    private void commitAll(ModelTopic topic, FakeLog log) {
        log.commit();
        if (log.isSealing()) {
            log.keepSeal();
            driver.saw("seal kept");
        }
    }
}
