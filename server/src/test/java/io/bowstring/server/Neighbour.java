package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/**
 * Somebody else's publisher and subscriber on topic {@code neighbour}, who exchange batch after batch while a test does
 * its worst. {@link #close} checks that not one was lost, late or wrong.
 */
final class Neighbour implements AutoCloseable {
    static final String TOPIC = "neighbour";

    private final WireClient publisher;
    private final WireClient subscriber;
    private final CountDownLatch firstBatch = new CountDownLatch(1);
    private final CompletableFuture<Long> exchanged;
    private volatile boolean isStopping;

    private Neighbour(Server server) throws IOException {
        publisher = WireClient.connect(server);
        subscriber = WireClient.connect(server);
        exchanged = CompletableFuture.supplyAsync(this::exchange, task -> new Thread(task, "neighbour").start());
    }

    /** Returns when the stream is live. */
    static Neighbour start(Server server) throws Exception {
        Neighbour neighbour = new Neighbour(server);
        neighbour.firstBatch.await();
        return neighbour;
    }

    private long exchange() {
        try (publisher;
                subscriber) {
            publisher.send(Messages.publish(TOPIC));
            subscriber
                    .send(Messages.subscribe(TOPIC, "bowstring.from", "earliest"))
                    .expectStart(TOPIC, 0);
            long offset = 0;
            while (!isStopping) {
                publisher.send(Messages.batch(offset, -offset));
                subscriber.expectBatch(offset, offset, -offset);
                offset++;
                firstBatch.countDown();
            }
            publisher.send(Messages.END);
            return offset;
        } catch (IOException e) {
            throw new CompletionException(e);
        } finally {
            firstBatch.countDown();
        }
    }

    @Override
    public void close() {
        isStopping = true;
        assertThat(exchanged.join()).isPositive();
    }
}
