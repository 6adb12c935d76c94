package io.bowstring.broker;

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

    ModelTopic(ModelDriver driver, String name, String kinds) {
        this.driver = driver;
        this.name = new TopicName(name);
        this.kinds = kinds;
        this.reference = new ReferenceTopic(driver.history.config().topic());
    }

    boolean hasSchema() {
        return columns != null;
    }

    /** The broker has a topic of this name. */
    void open(Topic topic) {
        log = topic.log();
    }

    /** Sees what has left the window since it was seen last. */
    void observe() {
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
        return timers(reference.isOverdue(driver.nowNanos()));
    }

    /** Returns how many timers run at rest, at most. */
    int mostTimers() {
        return timers(reference.isSeenOverdue(driver.nowNanos()));
    }

    /** Returns how many timers run: for the age of batches, for those that somebody holds, and for the end of the topic. */
    private int timers(boolean isOverdue) {
        boolean hasAge = driver.history.hasAge() && reference.next() > reference.first() && !isOverdue;
        boolean isDeserted = hasSchema() && publishers.isEmpty() && subscribers.isEmpty();
        return (hasAge ? 1 : 0) + (mustPublisherWait() ? 1 : 0) + (isDeserted ? 1 : 0);
    }

    /** Checks what the broker says of the topic at rest. */
    void check(TopicStatus status) {
        TopicStatus expected = new TopicStatus(
                name,
                status.fields(),
                reference.first(),
                reference.next(),
                reference.next() - reference.first(),
                reference.rows(),
                reference.bytes(),
                publishers.size(),
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
