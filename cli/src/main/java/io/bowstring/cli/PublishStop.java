package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.MessagePublisher;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How a publish ends when the process is asked to stop: its input ends, and what has been read is published. Where that finds
 * no room in the topic for some seconds, the publisher is closed, which ends the wait. Thread-safe.
 */
final class PublishStop implements Runnable {
    private static final long ROOM_SECONDS = 5;

    private final InputStream in;
    private final CountDownLatch hasPublished = new CountDownLatch(1);
    private final ReentrantLock closing = new ReentrantLock();
    private volatile @Nullable MessagePublisher publisher;

    /** Creates what ends an input, and publishes from then on. */
    PublishStop(InputStream in) {
        this.in = in;
    }

    /** Says what is to be closed; it stays the caller's. */
    void begin(MessagePublisher opened) {
        publisher = opened;
    }

    /** Ends the publish, on a thread of its own. */
    @Override
    public void run() {
        if (in instanceof StoppableInput stoppable) {
            stoppable.end();
        }
        try {
            if (!hasPublished.await(ROOM_SECONDS, TimeUnit.SECONDS)) {
                closePublisher();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ClientException e) {
            // The main thread finds the publisher closed, and says what is acknowledged.
        }
    }

    /**
     * Closes the publisher, after all that is to be published, or waits until the stop has closed it.
     *
     * @throws ClientException if it is not known of all batches that they are in the topic
     */
    void close() {
        hasPublished.countDown();
        closePublisher();
    }

    private void closePublisher() {
        closing.lock();
        try {
            MessagePublisher opened = publisher;
            if (opened != null) {
                opened.close();
            }
        } finally {
            closing.unlock();
        }
    }
}
