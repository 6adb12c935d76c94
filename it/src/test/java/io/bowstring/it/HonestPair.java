package io.bowstring.it;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A publisher and a subscriber, each on one connection that it keeps, who exchange batch after batch. A round trip is
 * from when a batch is sent until it has been received. They have a thread of their own; others ask how they are.
 */
final class HonestPair implements AutoCloseable {
    /**
     * A round trip.
     *
     * @param wall how long it took
     * @param counted without the time in which the pair's loops were ready and other processes had the processors; half of all,
     *     at least
     */
    record Trip(Duration wall, Duration counted) {}

    static final String TOPIC = "honest";

    private static final int ROWS = 1_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final Trip NO_TRIP = new Trip(Duration.ZERO, Duration.ZERO);

    private final long serverPid;
    private final MessageSocket publisher;
    private final MessageSocket subscriber;
    private final Thread thread = new Thread(this::exchange, "honest");

    // Guarded by this.
    private long trips;
    private long beganNanos = System.nanoTime();
    private @Nullable ProcessorWait wait;
    private ProcessorWait.@Nullable Reading waitBefore;
    private boolean isUnderWay = true;
    private Trip longest = NO_TRIP;
    private boolean isOver;
    private @Nullable Throwable failure;

    /** Connects both to the server of a process, and begins. */
    HonestPair(int port, long serverPid) throws IOException {
        this.serverPid = serverPid;
        publisher = new MessageSocket(port);
        subscriber = new MessageSocket(port);
        thread.start();
    }

    private void exchange() {
        byte[] batch = RequestBytes.batch(1, ROWS);
        try (publisher;
                subscriber) {
            subscriber.send(RequestBytes.subscribe(TOPIC, "bowstring.from", "earliest"));
            publisher.send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC));
            subscriber.receive().release();
            for (long offset = 0; begin(); offset++) {
                publisher.send(batch);
                expect(offset);
                end();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            fail(e);
        }
    }

    private void expect(long offset) throws IOException {
        IpcMessage message = subscriber.receive();
        try {
            long found = BatchPosition.parse((IpcRecordBatch) message).offset();
            if (found != offset) {
                throw new AssertionError("offset: " + found + " (expected: " + offset + ")");
            }
        } finally {
            message.release();
        }
    }

    private synchronized boolean begin() {
        beganNanos = System.nanoTime();
        waitBefore = wait == null ? null : wait.read();
        isUnderWay = true;
        return !isOver;
    }

    private synchronized void end() {
        longest = longest();
        isUnderWay = false;
        trips++;
        if (wait == null) { // the loops that have served this pair
            wait = ProcessorWait.find(serverPid);
        }
    }

    /** Returns the longest trip, also if that is the one under way. */
    private Trip longest() {
        ProcessorWait.Reading waitNow = wait == null ? null : wait.read();
        long nanos = System.nanoTime() - beganNanos; // read outside of the readings
        long waitNanos =
                waitNow == null || waitBefore == null ? 0 : ProcessorWait.nanosBetween(waitBefore, waitNow, nanos);
        Trip trip = new Trip(Duration.ofNanos(nanos), Duration.ofNanos(nanos - Math.min(waitNanos, nanos / 2)));
        return trip.counted().compareTo(longest.counted()) > 0 ? trip : longest;
    }

    private synchronized void fail(Throwable e) {
        if (!isOver) {
            failure = e;
        }
        isUnderWay = false;
    }

    /** Returns the longest round trip since the last call, one that is under way included. */
    synchronized Trip takeLongest() {
        if (failure != null) {
            throw new AssertionError("after " + trips + " round trips", failure);
        }
        Trip taken = isUnderWay ? longest() : longest;
        longest = NO_TRIP;
        return taken;
    }

    /** Returns how many round trips there have been. */
    synchronized long trips() {
        return trips;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            isOver = true;
        }
        publisher.disconnect();
        subscriber.disconnect();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
