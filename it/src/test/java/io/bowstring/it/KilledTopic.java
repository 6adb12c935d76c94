package io.bowstring.it;

import io.bowstring.client.Client;
import io.bowstring.client.Receipt;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;

/** A topic of a server that is killed: its publishers, a subscription that follows it, and what is known of it. Confined to a thread. */
final class KilledTopic implements AutoCloseable {
    private final Client client;
    private final TopicRecord record;
    private final List<NumberedProducer> producers;
    private final LiveReader reader;

    /** What had been read again after the last kill. */
    private long verifiedOffset;

    KilledTopic(Client client, String topic, List<NumberedProducer> producers) {
        this.client = client;
        this.record = new TopicRecord(topic);
        this.producers = producers;
        this.reader = new LiveReader(client, record, LagPolicy.BLOCK);
    }

    TopicRecord record() {
        return record;
    }

    /** Reads again what is new since the last time: it is what anybody has got, and has all that was acknowledged before. */
    void verify() {
        verify(StartPosition.offset(verifiedOffset));
    }

    /** Reads from a position on, as {@link #verify()}; returns the offset where it has begun. */
    long verify(StartPosition from) {
        List<List<Receipt>> receipts = new ArrayList<>();
        for (NumberedProducer producer : producers) {
            receipts.add(producer.receipts());
        }
        long got = record.nextOffset();
        if (got == 0 && receipts.stream().allMatch(List::isEmpty)) {
            return 0; // there may be no such topic yet
        }
        long first = from.kind() == StartPosition.Kind.OFFSET ? from.value() : TopicRecord.ANY;
        TopicRecord.Range range = record.addAll(
                client,
                SubscribeRequest.of(record.topic()).from(from).untilEnd().onLag(LagPolicy.BLOCK),
                first);
        if (range.next() < got) {
            throw new AssertionError(
                    record.topic() + " has " + range + ", but a subscriber has had " + got + " batches");
        }
        for (int i = 0; i < producers.size(); i++) {
            NumberedProducer producer = producers.get(i);
            record.requireAll(producer.number(), producer.sent(), receipts.get(i));
        }
        verifiedOffset = got;
        return range.first();
    }

    /** Waits until the subscription has got all before an offset. */
    void awaitReader(long offset) throws InterruptedException {
        reader.await(offset);
    }

    /** Waits until the subscription has got all that is known. */
    void awaitReader() throws InterruptedException {
        reader.await(record.nextOffset());
    }

    @Override
    public void close() {
        reader.close();
    }
}
