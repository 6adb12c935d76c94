package io.bowstring.cli.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The publishers, subscribers and topics of a load. Publishers are spread over the topics: publisher i has topic i modulo the
 * topics. If there are more topics than publishers, it has all topics that are i modulo the publishers, and publishes to them
 * in turn. Subscriber i reads topic i modulo the topics. Immutable.
 *
 * @param publishers 0 if those of other processes publish
 * @param subscribers 0 if those of other processes read
 * @param topics at least 1
 */
public record Parties(int publishers, int subscribers, int topics) {
    /** Returns the topics of a publisher, at least one. */
    List<Integer> topicsOfPublisher(int publisher) {
        return topics <= publishers
                ? List.of(publisher % topics)
                : IntStream.range(0, topics)
                        .filter(topic -> topic % publishers == publisher)
                        .boxed()
                        .toList();
    }

    /** Returns the topic of a subscriber. */
    int topicOfSubscriber(int subscriber) {
        return subscriber % topics;
    }

    /** Returns them for people. */
    @Override
    public String toString() {
        return counted(publishers, "publisher") + ", " + counted(subscribers, "subscriber") + ", "
                + counted(topics, "topic");
    }

    private static String counted(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
