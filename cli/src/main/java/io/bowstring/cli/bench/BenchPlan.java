package io.bowstring.cli.bench;

/**
 * One load. Immutable.
 *
 * @param parties how many publishers, subscribers and topics
 * @param body how long the bodies of batches are wanted; they are as long as whole rows of all columns
 * @param columns of each batch, at least 1
 * @param targetRate how fast and how long
 * @param topics which
 */
public record BenchPlan(Parties parties, BodySize body, int columns, TargetRate targetRate, BenchTopics topics) {
    BatchShape shape() {
        return BatchShape.of(columns, body);
    }
}
