package io.bowstring.cli.bench;

import io.bowstring.client.ClientException;
import io.bowstring.client.MessageSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * One subscriber: takes the batches of its topic, looks at their stamps and drops them. Owns its subscription. Confined to its
 * thread until that has ended, but for what is said to be for any.
 */
final class SubscriberLoad implements Callable<Void> {
    private static final int HISTOGRAM_DIGITS = 3;

    private final MessageSubscription subscription;
    private final DeliveryCheck check;
    private final BenchClock clock;
    private final Histogram latencyNanos = new Histogram(HISTOGRAM_DIGITS);
    private final RateMeter rate = new RateMeter();

    // Written by its thread, read by any.
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private volatile boolean isReady;
    private volatile boolean counts;

    private volatile boolean isEnding;

    /**
     * Takes over a subscription.
     *
     * @param check knows the streams that are to come; it is the caller's again when the thread has ended
     */
    SubscriberLoad(MessageSubscription subscription, DeliveryCheck check, BenchClock clock) {
        this.subscription = subscription;
        this.check = check;
        this.clock = clock;
    }

    @Override
    public Void call() throws InterruptedException {
        try {
            for (IpcMessage message = subscription.next(); message != null; message = subscription.next()) {
                try {
                    onMessage(message);
                } finally {
                    message.release();
                }
            }
        } catch (ClientException e) {
            if (!isEnding) {
                throw e;
            }
        }
        return null;
    }

    /** Borrows a message. */
    private void onMessage(IpcMessage message) {
        if (!(message instanceof IpcRecordBatch batch)) {
            isReady = true; // the schema comes when the server has accepted
            return;
        }
        Stamp stamp = Stamp.read(batch.body());
        check.onBatch(stamp.stream(), stamp.sequence());
        if (stamp.counts()) {
            long now = clock.nanos();
            rate.add(stamp.dueNanos(), now);
            latencyNanos.recordValue(Math.max(0, now - stamp.dueNanos())); // clocks of two machines may differ
            counts = true;
        }
        received.lazySet(received.get() + 1);
        receivedBytes.lazySet(receivedBytes.get() + batch.body().readableBytes());
    }

    /** Ends the subscription, and its thread. For any thread. */
    void end() {
        isEnding = true;
        subscription.close();
    }

    /** Returns whether the server has accepted it, so that it gets what is published from now on. For any thread. */
    boolean isReady() {
        return isReady;
    }

    /** Returns whether it has received a batch that counts. For any thread. */
    boolean hasCounted() {
        return counts;
    }

    /** Returns how many batches it has received. For any thread. */
    long received() {
        return received.get();
    }

    /** Returns how many bytes of bodies it has received. For any thread. */
    long receivedBytes() {
        return receivedBytes.get();
    }

    DeliveryCheck check() {
        return check;
    }

    /** Returns how fast it received batches that count. */
    RateMeter rate() {
        return rate;
    }

    /** Returns how long batches that count took, in nanoseconds; borrowed. */
    Histogram latencyNanos() {
        return latencyNanos;
    }
}
