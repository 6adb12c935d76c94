package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Producers that publish as many batches as the test permits, all of them together. Confined to the test's thread. */
final class NumberedProducers implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final NumberedProducer.Pace pace = new NumberedProducer.Pace();
    private final List<NumberedProducer> all = new ArrayList<>();
    private final long seed;
    private final int maxBatchBytes;
    private final Path folder;

    /**
     * Creates none yet.
     *
     * @param folder of their journals
     */
    NumberedProducers(long seed, int maxBatchBytes, Path folder) {
        this.seed = seed;
        this.maxBatchBytes = maxBatchBytes;
        this.folder = folder;
    }

    /** Starts so many for a topic, which go on with the numbers of those before. */
    List<NumberedProducer> start(Client client, String topic, int count) throws IOException {
        List<NumberedProducer> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NumberedProducer producer =
                    new NumberedProducer(client, topic, all.size(), seed, maxBatchBytes, pace, folder);
            all.add(producer);
            started.add(producer);
        }
        return started;
    }

    /** Lets them publish so many more batches. */
    void permit(int batches) {
        pace.permits().release(batches);
    }

    /** Waits until so many more batches are acknowledged. */
    void awaitAcknowledged(int batches) throws InterruptedException {
        boolean isInTime = pace.acknowledged().tryAcquire(batches, TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        all.forEach(NumberedProducer::acknowledged); // throws where one has failed
        assertThat(isInTime).as("acknowledged in time").isTrue();
    }

    /** Waits for none of the batches that are acknowledged by now. */
    void forgetAcknowledged() {
        pace.acknowledged().drainPermits();
    }

    /** Ends all, and waits until all that they have sent is acknowledged. */
    void end() throws InterruptedException {
        all.forEach(NumberedProducer::end);
        permit(all.size());
        for (NumberedProducer producer : all) {
            producer.join();
        }
    }

    @Override
    public void close() throws IOException {
        for (NumberedProducer producer : all) {
            producer.close();
        }
    }
}
