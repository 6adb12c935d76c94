package io.bowstring.cli.bench;

import io.bowstring.client.Client;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import org.apache.arrow.vector.BigIntVector;

/**
 * The sums of a server's list over the topics of a load. Immutable.
 *
 * @param subscribers of other processes too
 * @param batches that have been published
 * @param delivered that have been handed to subscribers' connections, once for each subscriber
 */
record TopicTotals(long subscribers, long batches, long delivered) {
    private static final TopicTotals NONE = new TopicTotals(0, 0, 0);

    /** Asks the server; blocks. */
    static TopicTotals of(Client client, BenchTopics topics) throws InterruptedException {
        TopicTotals totals = NONE;
        try (Subscription listing = client.topics(topics.prefix() + ".")) {
            for (ReceivedBatch next = listing.next(); next != null; next = listing.next()) {
                try (ReceivedBatch batch = next) {
                    totals = totals.plus(new TopicTotals(
                            sum(batch, "subscribers"), sum(batch, "next_offset"), sum(batch, "delivered_batches")));
                }
            }
        }
        return totals;
    }

    private TopicTotals plus(TopicTotals more) {
        return new TopicTotals(subscribers + more.subscribers, batches + more.batches, delivered + more.delivered);
    }

    private static long sum(ReceivedBatch batch, String column) {
        BigIntVector numbers = (BigIntVector) batch.root().getVector(column);
        long sum = 0;
        for (int row = 0; row < batch.rowCount(); row++) {
            sum += numbers.get(row);
        }
        return sum;
    }
}
