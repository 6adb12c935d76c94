package io.bowstring.client;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchSequence;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a stream of messages to a topic, for those who have bytes and not vectors: each batch once, in order, over as
 * many connections as it takes. {@link Publisher} is the same for vectors.
 *
 * <p>A batch is held until it is acknowledged. While more than {@link PublisherConfig#maxInFlightBytes} are, {@link #publish}
 * blocks and {@link #tryPublish} returns null. Stages complete on an event loop, so that what is attached to them must not
 * block.
 *
 * <p>A batch that is not acknowledged when its connection is lost is published again over the next one. If that is to a
 * server that has restarted it may be in the topic's new log after it was in the old one.
 *
 * <p>Thread-safe; the order is that of the calls, and a dictionary goes with the batch after it.
 */
public final class MessagePublisher implements AutoCloseable {
    /** How long an event loop may take to let go of what it holds, which is no time unless somebody blocks it. */
    private static final long RELEASE_TIMEOUT_SECONDS = 10;

    private final PublishSession session;
    private final InFlight inFlight;
    private final Connector connector;
    private final Runnable onClosed;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final List<IpcDictionaryBatch> dictionaries = new ArrayList<>();
    private long lastSequence;
    private long nextSequence;
    private boolean isFinished;
    private boolean isClosed;
    /** Of the batch that was taken last: batches are acknowledged in order, and fail together. */
    private CompletableFuture<Receipt> lastReceipt =
            CompletableFuture.completedFuture(new Receipt(-1, Receipt.UNKNOWN));

    /** Creates the publisher of a session that is to be accepted; {@code onClosed} runs once. */
    MessagePublisher(PublishSession session, InFlight inFlight, Connector connector, Runnable onClosed) {
        this.session = session;
        this.inFlight = inFlight;
        this.connector = connector;
        this.onClosed = onClosed;
    }

    /** Waits until the session has been accepted, and numbers batches from then on. */
    void open(Numbering numbering) throws InterruptedException {
        long last = Outcomes.await(session.open());
        lock.lock();
        try {
            lastSequence = last;
            nextSequence = numbering.firstAfter(last);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Publishes a batch; blocks while too much is in flight.
     *
     * @param batch consumed
     * @return what completes when the batch is in the topic, and fails with a {@link ClientException} if that is not known
     * @throws ClientException if this publisher has failed, or has been finished or closed
     * @throws IllegalStateException on an event loop of the client
     */
    public CompletionStage<Receipt> publish(IpcRecordBatch batch) throws InterruptedException {
        try {
            awaitRoom();
        } catch (InterruptedException | RuntimeException e) {
            batch.release();
            throw e;
        }
        return submit(sequence -> List.of(numbered(batch, sequence)), batch::release);
    }

    /**
     * Publishes a batch if there is room for it now; does not block.
     *
     * @param batch consumed, unless null is returned
     * @return as {@link #publish}; null where too much is in flight
     * @throws ClientException if this publisher has failed, or has been finished or closed
     */
    public @Nullable CompletionStage<Receipt> tryPublish(IpcRecordBatch batch) {
        boolean hasRoom;
        try {
            hasRoom = hasRoom();
        } catch (RuntimeException e) {
            batch.release();
            throw e;
        }
        return hasRoom ? submit(sequence -> List.of(numbered(batch, sequence)), batch::release) : null;
    }

    private static IpcRecordBatch numbered(IpcRecordBatch batch, long sequence) {
        return batch.edited(new BatchSequence(sequence).toEdit(), ByteBufAllocator.DEFAULT);
    }

    /**
     * Publishes a dictionary, together with the next batch; does not block.
     *
     * @param dictionary with an id of the stream's schema; consumed
     * @throws ClientException if this publisher has been finished or closed
     */
    public void publish(IpcDictionaryBatch dictionary) {
        lock.lock();
        try {
            requireOpen(dictionary::release);
            dictionaries.add(dictionary);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until another batch may be in flight; throws what {@link #publish} throws. */
    void awaitRoom() throws InterruptedException {
        if (!inFlight.hasRoom()) {
            connector.requireMayBlock();
            inFlight.awaitRoom();
        }
    }

    /** Returns whether another batch may be in flight; throws what {@link #tryPublish} throws. */
    boolean hasRoom() {
        return inFlight.hasRoom();
    }

    /**
     * Publishes a batch, whether there is room or not.
     *
     * @param encoder returns the messages for the number of the batch, <i>owned</i>: dictionaries, and the batch with its
     *     number
     * @param discard runs in place of the encoder where this publisher has been finished or closed
     */
    CompletionStage<Receipt> submit(LongFunction<List<? extends IpcMessage>> encoder, Runnable discard) {
        lock.lock();
        try {
            requireOpen(discard);
            List<? extends IpcMessage> messages = encoder.apply(nextSequence);
            int last = messages.size() - 1;
            IpcRecordBatch batch = (IpcRecordBatch) messages.get(last);
            for (int i = 0; i < last; i++) {
                dictionaries.add((IpcDictionaryBatch) messages.get(i));
            }
            PendingBatch pending = new PendingBatch(nextSequence, List.copyOf(dictionaries), batch);
            dictionaries.clear();
            nextSequence++;
            try {
                inFlight.add(pending.bytes());
            } catch (ClientException e) {
                pending.fail(e);
                throw e;
            }
            session.submit(pending);
            lastReceipt = pending.receipt();
            return pending.receipt();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen(Runnable discard) {
        if (isClosed || isFinished) {
            discard.run();
            throw isClosed ? closed() : PublishSession.finished();
        }
    }

    /** Returns the number of the last batch that the topic had of this producer when this was opened; -1: none. */
    public long lastSequence() {
        lock.lock();
        try {
            return lastSequence;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number that the next batch gets. */
    public long nextSequence() {
        lock.lock();
        try {
            return nextSequence;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the stream and, where the configuration says so, completes the topic; blocks until the server has confirmed it.
     * Then this publisher can only be closed.
     *
     * @throws ClientException if this publisher has failed, or has been finished or closed before; if no acknowledgement comes
     *     for {@link TimeoutConfig#finish}
     * @throws IllegalStateException on an event loop of the client
     */
    public void finish() throws InterruptedException {
        connector.requireMayBlock();
        inFlight.hasRoom(); // throws if it has failed
        lock.lock();
        try {
            isFinished = true;
        } finally {
            lock.unlock();
        }
        await(session.finish());
    }

    /**
     * Waits until all that has been published is acknowledged; more may be published afterwards.
     *
     * @throws ClientException if it is not known of all batches that they are in the topic, since this publisher has failed, or
     *     been finished or closed; if no acknowledgement comes for {@link TimeoutConfig#finish}: then they may still come
     * @throws IllegalStateException on an event loop of the client
     */
    public void flush() throws InterruptedException {
        connector.requireMayBlock();
        inFlight.hasRoom(); // throws if it has failed
        await(lastReceipt());
    }

    private CompletableFuture<Receipt> lastReceipt() {
        lock.lock();
        try {
            return lastReceipt;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for as long as acknowledgements come. */
    private void await(CompletableFuture<?> awaited) throws InterruptedException {
        long millis = connector.timeouts().finish().toMillis();
        long removals;
        do {
            removals = inFlight.removals();
        } while (!Outcomes.isDoneWithin(awaited, millis) && inFlight.removals() > removals);
        if (!awaited.isDone()) {
            throw new ClientException(
                    "not all batches were acknowledged: there was no acknowledgement for " + millis + " ms");
        }
        Outcomes.await(awaited);
    }

    /**
     * Waits until all that is published is acknowledged, for {@link TimeoutConfig#close} at most, and closes the connection. A
     * topic that is to be completed is not, without {@link #finish}. The thread's interruption ends the wait. Idempotent.
     *
     * @throws ClientException if it is not known of all batches that they are in the topic
     * @throws IllegalStateException on an event loop of the client
     */
    @Override
    public void close() {
        connector.requireMayBlock();
        if (beginClose()) {
            endClose(System.nanoTime() + connector.timeouts().close().toNanos());
        }
    }

    /** Takes no more batches; returns false where that is so already. Does not block. */
    boolean beginClose() {
        lock.lock();
        try {
            if (isClosed) {
                return false;
            }
            isClosed = true;
            dictionaries.forEach(IpcDictionaryBatch::release);
            dictionaries.clear();
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** Waits as {@link #close} says, after {@link #beginClose}, on the same thread. */
    void endClose(long deadlineNanos) {
        try {
            long left = Math.max(0, deadlineNanos - System.nanoTime());
            CompletableFuture<Receipt> all = lastReceipt();
            if (!Outcomes.isDoneWithin(all, TimeUnit.NANOSECONDS.toMillis(left))) {
                throw new ClientException("not all batches were acknowledged in time");
            }
            Outcomes.await(all);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while batches were not acknowledged", e);
        } catch (ClientException e) { // which a call may have thrown that this close follows
            throw new ClientException("not all batches are known to be in the topic: " + e.getMessage(), e);
        } finally {
            session.close(closed())
                    .completeOnTimeout(null, RELEASE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
            onClosed.run();
        }
    }

    private static ClientException closed() {
        return new ClientException("the publisher has been closed");
    }
}
