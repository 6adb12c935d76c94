package io.bowstring.bench.peers;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A publisher of JetStream: its batches in turn, of which a bounded number is not acknowledged yet, as NATS advises. Owns its
 * connection.
 */
final class JetStreamPublishing implements Publishing {
    /** As many as NATS's Go client lets wait; the Java client has no bound. */
    private static final int MAX_IN_FLIGHT = 4_000;

    private static final int MAX_BYTES_IN_FLIGHT = 64 << 20;

    private final Connection connection;
    private final JetStream stream;
    private final String subject;
    private final List<List<byte[]>> batches;
    private final int maxInFlight;
    private final Semaphore free;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private int sent;

    JetStreamPublishing(Connection connection, String subject, List<List<byte[]>> batches) throws IOException {
        this.connection = connection;
        this.stream = connection.jetStream();
        this.subject = subject;
        this.batches = batches;
        this.maxInFlight =
                Math.min(MAX_IN_FLIGHT, MAX_BYTES_IN_FLIGHT / batches.get(0).get(0).length);
        this.free = new Semaphore(maxInFlight);
    }

    @Override
    public void send(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            for (byte[] piece : batches.get(sent++ % batches.size())) {
                free.acquire();
                requireNoFailure();
                stream.publishAsync(subject, piece).whenComplete(this::onAcknowledged);
            }
        }
    }

    private void onAcknowledged(@Nullable PublishAck acknowledgement, @Nullable Throwable refusal) {
        if (refusal != null) {
            failure.compareAndSet(null, refusal);
        }
        free.release();
    }

    private void requireNoFailure() {
        Throwable first = failure.get();
        if (first != null) {
            throw new IllegalStateException("publish: " + first + " (expected: an acknowledgement)", first);
        }
    }

    @Override
    public void finish() throws InterruptedException {
        if (!free.tryAcquire(maxInFlight, NatsParties.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("acknowledged: not all after " + NatsParties.PATIENCE.toSeconds() + " s");
        }
        requireNoFailure();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
