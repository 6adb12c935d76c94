package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A topic of a {@link ModelDriver}, with all who publish and subscribe to it. Confined to the test's thread. */
final class ModelTopic {
    final TopicName name;
    final ReferenceTopic reference;
    final List<ModelPublisher> publishers = new ArrayList<>();
    final List<ModelSubscriber> subscribers = new ArrayList<>();
    /** The kinds of the columns that most publish. */
    final String kinds;

    /** Null until somebody publishes. */
    ModelColumns columns;

    long lastTimeMicros;

    private final ModelDriver driver;
    private TopicLog log;

    /** Null where the topic is in memory alone. */
    private final ReferenceLog durable;

    private FakeLog kept;

    ModelTopic(ModelDriver driver, String name, String kinds) {
        this.driver = driver;
        this.name = new TopicName(name);
        this.kinds = kinds;
        this.durable = driver.storage() == null ? null : new ReferenceLog();
        this.reference = new ReferenceTopic(driver.history.config().topic(), durable);
    }

    boolean isDurable() {
        return durable != null;
    }

    long surplusBefore() {
        return durable.surplusBefore();
    }

    void setSurplus(long before) {
        durable.setSurplus(before);
    }

    boolean hasSchema() {
        return columns != null;
    }

    /** The broker has a topic of this name. */
    void open(Topic topic) {
        log = topic.log();
        if (isDurable()) {
            kept = driver.storage().log(name.value());
        }
    }

    /** Sees what has been appended to a durable topic, and what its log has done; else that is heard at once. */
    private void observeLog() {
        durable.observe(log, driver.nowNanos());
        while (reference.next() < log.appendedOffset()) {
            long offset = reference.next();
            long value = value(offset);
            publishers.stream()
                    .filter(publisher -> publisher.nextValue() == value)
                    .findFirst()
                    .orElseThrow()
                    .appended(offset);
        }
        long dropped = kept.extent().firstOffset();
        if (dropped > durable.dropped()) {
            reference.observeDropped(durable.dropped(), dropped);
            driver.saw("dropped");
            durable.setDropped(dropped);
        }
    }

    private long value(long offset) {
        Block block = log.find(offset, null);
        IpcRecordBatch batch = block.batch(offset);
        long value = columns.value(batch);
        batch.release();
        return value;
    }

    /** Sees what has left the window since it was seen last. */
    void observe() {
        if (isDurable() && log != null && (reference.next() < log.appendedOffset() || !durable.isSeen(log, kept))) {
            observeLog();
        }
        if (isDurable() && !reference.isSealed() && publishers.stream().anyMatch(ModelPublisher::hasSealed)) {
            reference.seal();
        }
        if (log != null && reference.observe(log.firstOffset(), driver.nowNanos()) > 0) {
            driver.saw("aged");
        }
    }

    /** Somebody publishes: if nobody did before, then the fields are the topic's, and who has waited begins. */
    void accept(ModelColumns published) {
        if (!hasSchema()) {
            columns = published;
            subscribers.forEach(ModelSubscriber::onSchema);
        }
    }

    /** Returns all dictionaries that are in force: some publisher's, the newest batch's, and the other publishers'. */
    Stream<ModelDictionaries> inForce(ModelDictionaries own) {
        Stream<ModelDictionaries> published =
                publishers.stream().filter(publisher -> !publisher.isOver()).map(ModelPublisher::dictionaries);
        return Stream.concat(Stream.of(own, reference.newestDictionaries()), published);
    }

    /** Returns what waits of publishers that are gone. */
    long orphanedBytes() {
        return publishers.stream().mapToLong(ModelPublisher::orphanedBytes).sum();
    }

    /** The broker says that the topic is sealed, though perhaps not yet to the publisher whose end has done it. */
    void requireSealed() {
        if (!reference.isSealed()) {
            boolean isSealing = publishers.stream().anyMatch(ModelPublisher::isSealing);
            ReferenceTopic.require(isSealing, "somebody seals it", this);
            reference.seal();
        }
    }

    /** Returns whether one publisher at least must wait, and thus all that are behind it in the line. */
    boolean mustPublisherWait() {
        return publishers.stream().anyMatch(ModelPublisher::mustWait);
    }

    /** Nothing happens any more: checks that all that should have happened has. */
    void rest() {
        observe();
        reference.rest(driver.nowNanos());
        if (reference.isOverdue(driver.nowNanos())) {
            driver.saw("overdue");
        }
        publishers.forEach(ModelPublisher::rest);
        subscribers.forEach(ModelSubscriber::rest);
        publishers.removeIf(ModelPublisher::isOver);
        subscribers.removeIf(ModelSubscriber::isOver);
    }

    /** Returns how many timers run at rest, at least. */
    int leastTimers() {
        boolean isHeld = !isDurable() && mustPublisherWait();
        return timers(reference.committed(), reference.isOverdue(driver.nowNanos())) + (isHeld ? 1 : 0);
    }

    /** Returns how many timers run at rest, at most. */
    int mostTimers() {
        // Where it waits for the log, the timer may still run of a surplus that was held before.
        boolean isHeld = (!isDurable() || durable.surplusBefore() > 0) && mustPublisherWait();
        // That for the age may have been set for batches that others have pushed out.
        return timers(reference.next(), reference.isSeenOverdue(driver.nowNanos())) + (isHeld ? 1 : 0);
    }

    /** Returns how many timers run, but for batches that somebody holds: for the age of batches, and for the end of the topic. */
    private int timers(long until, boolean isOverdue) {
        boolean hasAge = driver.history.hasAge() && until > reference.first() && !isOverdue;
        boolean isDeserted = hasSchema() && attendingPublishers() == 0 && subscribers.isEmpty();
        return (hasAge ? 1 : 0) + (isDeserted ? 1 : 0);
    }

    private int attendingPublishers() {
        return (int)
                publishers.stream().filter(publisher -> !publisher.isGone()).count();
    }

    /** Checks what the broker says of the topic at rest. */
    void check(TopicStatus status) {
        long first = isDurable() ? durable.dropped() : reference.first();
        TopicStatus expected = new TopicStatus(
                name,
                status.fields(),
                first,
                reference.committed(),
                reference.committed() - first,
                reference.rows(first),
                isDurable() ? kept.extent().bytes() : reference.bytes(),
                attendingPublishers(),
                subscribers.size(),
                reference.isSealed(),
                status.totals());
        ReferenceTopic.require(status.equals(expected), "it should be listed as " + expected, status);
        ReferenceTopic.require(
                status.totals().appendedBatches() == reference.next(), "it should count what is appended", status);
    }

    @Override
    public String toString() {
        return name + " " + reference;
    }
}
