package io.bowstring.it;

import io.bowstring.client.Client;
import io.bowstring.client.Publisher;
import io.bowstring.client.PublisherConfig;
import io.bowstring.client.Receipt;
import io.bowstring.protocol.ProducerId;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A publisher with a producer id, on a thread of its own, that numbers its batches from 0 on, and writes a journal of what it has sent
 * and what was acknowledged:
 *
 * <pre>
 *   sent PRODUCER SEQUENCE WORDS PAYLOAD
 *   acknowledged SEQUENCE OFFSET
 * </pre>
 *
 * <p>It publishes as many batches as its pace allows. Thread-safe.
 */
final class NumberedProducer implements AutoCloseable {
    private static final int VERY_MANY = 1 << 20;
    private static final long MAX_IN_FLIGHT_BYTES = 1 << 20;

    /**
     * How fast some producers publish.
     *
     * @param permits for batches
     * @param acknowledged one for each batch that has been; very many when a producer has failed
     */
    record Pace(Semaphore permits, Semaphore acknowledged) {
        Pace() {
            this(new Semaphore(0), new Semaphore(0));
        }
    }

    private final Client client;
    private final String topic;
    private final int number;
    private final long seed;
    private final int maxBytes;
    private final Semaphore permits;
    private final Semaphore acknowledged;
    private final BufferedWriter journal;
    private final Thread thread;
    private volatile boolean isOver;

    // Guarded by this.
    private final List<NumberedBatch> sent = new ArrayList<>();
    private final List<Receipt> receipts = new ArrayList<>();
    private Throwable failure;

    /**
     * Begins to publish.
     *
     * @param number of this producer
     * @param maxBytes of a batch
     * @param pace for all producers
     * @param folder of the journal
     */
    NumberedProducer(Client client, String topic, int number, long seed, int maxBytes, Pace pace, Path folder)
            throws IOException {
        this.client = client;
        this.topic = topic;
        this.number = number;
        this.seed = seed;
        this.maxBytes = maxBytes;
        this.permits = pace.permits();
        this.acknowledged = pace.acknowledged();
        this.journal = Files.newBufferedWriter(folder.resolve("producer-" + number + ".journal"));
        this.thread = new Thread(this::run, "producer-" + number);
        thread.start();
    }

    private void run() {
        PublisherConfig config = PublisherConfig.of(topic)
                .withProducer(new ProducerId("producer-" + number), 0)
                .withMaxInFlightBytes(MAX_IN_FLIGHT_BYTES);
        try (NumberedVectors vectors = new NumberedVectors(number, seed, maxBytes, client.allocator());
                Publisher publisher = client.publisher(config, vectors.schema(), vectors.dictionaries())) {
            permits.acquire();
            while (!isOver) {
                onSent(vectors.next());
                publisher.publish(vectors.root()).whenComplete(this::onReceipt);
                permits.acquire();
            }
            publisher.flush();
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    private synchronized void onSent(NumberedBatch batch) {
        sent.add(batch);
        write("sent " + batch);
    }

    private synchronized void onReceipt(Receipt receipt, Throwable reason) {
        if (reason != null) {
            fail(reason);
            return;
        }
        receipts.add(receipt);
        write("acknowledged " + receipt.sequence() + " " + receipt.offset());
        acknowledged.release();
    }

    private void write(String line) {
        try {
            journal.write(line + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void fail(Throwable reason) {
        if (failure == null) {
            failure = reason;
            acknowledged.release(VERY_MANY);
        }
    }

    int number() {
        return number;
    }

    /** Returns what it has sent, by sequence. */
    synchronized List<NumberedBatch> sent() {
        return List.copyOf(sent);
    }

    /** Returns what has been acknowledged so far, in the order of the acknowledgements. */
    synchronized List<Receipt> receipts() {
        requireNoFailure();
        return List.copyOf(receipts);
    }

    /** Returns how many batches have been acknowledged. */
    synchronized int acknowledged() {
        requireNoFailure();
        return receipts.size();
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new AssertionError("producer " + number + " of topic " + topic, failure);
        }
    }

    /** Publishes no more from the next permit on. */
    void end() {
        isOver = true;
    }

    /** Waits until all is acknowledged, after {@link #end} and another permit. */
    void join() throws InterruptedException {
        thread.join();
        requireAll();
    }

    private synchronized void requireAll() {
        requireNoFailure();
        if (receipts.size() != sent.size()) {
            throw new AssertionError(receipts.size() + " acknowledged of " + sent.size());
        }
    }

    /** Writes the journal out; what is under way is given up. */
    @Override
    public void close() throws IOException {
        isOver = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            journal.flush(); // receipts may come yet, and must not fail
        }
    }
}
