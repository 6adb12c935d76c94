package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream of numbered batches, over as many connections as it takes. What is not acknowledged when a connection is lost is
 * sent again over the next one; the server knows by the numbers what it has.
 *
 * <pre>
 *   submitted ──► unsent ──► unacknowledged ──► receipt
 *                   ▲               │
 *                   └───────────────┘ a new connection
 * </pre>
 *
 * <p>Owns the batches and the schema. Confined to the link's event loop, but for {@link #submit}, {@link #finish} and {@link
 * #close}.
 */
final class PublishSession implements LinkOwner, ServerWatch.Progress {
    private final Link link;
    private final InFlight inFlight;
    private final PublisherConfig config;
    private final IpcSchema head;
    private final HeldDictionaries dictionaries;
    private final LogNumbers numbers;
    private final Object lock = new Object();

    /** Guarded by the lock. The first that comes into it wakes the loop. */
    private Deque<PendingBatch> submitted = new ArrayDeque<>();

    /** The batches to send next, before those in {@code submitted}. When it is empty, the two queues change places. */
    private Deque<PendingBatch> unsent = new ArrayDeque<>();

    private final Deque<PendingBatch> unacknowledged = new ArrayDeque<>();
    private final CompletableFuture<Long> accepted = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** Of the batches that this connection has carried. */
    private long acknowledgedBatches;

    /** Of the last of them. */
    private long acknowledgedOffset = Receipt.UNKNOWN;

    private boolean isAccepted;

    /** The server has been sent a request that it has not answered. */
    private boolean isUnanswered;

    /** A connection was given up before its request was answered. */
    private boolean wasLeftUnanswered;

    private boolean isSending;
    private boolean isFinishing;
    private boolean isEndSent;
    private @Nullable ClientException failure;

    /**
     * Creates a session.
     *
     * @param head the schema with the request; consumed
     */
    PublishSession(Link link, InFlight inFlight, PublisherConfig config, IpcSchema head) {
        this.link = link;
        this.inFlight = inFlight;
        this.config = config;
        this.head = head;
        this.dictionaries = new HeldDictionaries(head.fields(), ByteBufAllocator.DEFAULT);
        this.numbers = new LogNumbers(config.numbering());
    }

    /**
     * Connects; returns what is complete once the server takes batches: with the number of the last batch that the topic has
     * of this producer, -1 where there is none.
     */
    CompletableFuture<Long> open() {
        link.execute(() -> link.open(this));
        return accepted;
    }

    /**
     * Takes a batch, which is consumed. For any thread; the order is that of the calls.
     *
     * @throws ClientException if the event loop is full; then no more batches are taken
     */
    void submit(PendingBatch batch) {
        boolean isFirst;
        synchronized (lock) {
            isFirst = submitted.isEmpty();
            submitted.add(batch);
        }
        if (isFirst) {
            try {
                link.execute(this::onSubmitted);
            } catch (RuntimeException | Error e) {
                inFlight.fail(
                        e instanceof ClientException full ? full : new ClientException("the batch is not sent", e));
                throw e;
            }
        }
    }

    private void onSubmitted() {
        if (failure == null) {
            send();
        } else {
            failUnsent(failure);
        }
    }

    /** Returns what is to be sent first; null where there is nothing. */
    private @Nullable PendingBatch first() {
        if (unsent.isEmpty()) {
            synchronized (lock) {
                Deque<PendingBatch> empty = unsent;
                unsent = submitted;
                submitted = empty;
            }
        }
        return unsent.peekFirst();
    }

    private void failUnsent(ClientException reason) {
        for (PendingBatch batch = first(); batch != null; batch = first()) {
            unsent.removeFirst();
            batch.fail(reason);
        }
    }

    /** Ends the stream after what is submitted; returns what is complete once the server has all. For any thread. */
    CompletableFuture<Void> finish() {
        link.execute(() -> {
            isFinishing = true;
            onSubmitted();
        });
        return ended;
    }

    /**
     * Gives up, also what is not acknowledged; a session that has ended or failed stays as it is. Returns what is complete
     * once nothing is held any more. For any thread.
     */
    CompletableFuture<Void> close(ClientException reason) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        link.execute(() -> {
            try {
                link.close(!ended.isDone());
                onFailed(reason);
            } finally {
                closed.complete(null);
            }
        });
        return closed;
    }

    @Override
    public void onConnected() {
        wasLeftUnanswered |= isUnanswered;
        isUnanswered = true;
        isAccepted = false;
        isEndSent = false;
        acknowledgedBatches = 0;
        acknowledgedOffset = Receipt.UNKNOWN;
        while (!unacknowledged.isEmpty()) {
            unsent.addFirst(unacknowledged.removeLast());
        }
        link.write(head.retain());
        link.flush();
        link.watch().awaitAnswer(link::retryMute);
    }

    @Override
    public void onMessage(IpcMessage message) {
        try {
            if (message instanceof IpcSchema schema) {
                onSchema(schema);
            } else if (message instanceof IpcRecordBatch batch) {
                onAcknowledgement(Acknowledgement.parse(batch));
            } else if (message instanceof IpcEndOfStream) {
                onEnd();
            }
        } finally {
            message.release();
        }
    }

    private void onSchema(IpcSchema schema) {
        isUnanswered = false;
        Refusal refusal = Refusal.parse(schema);
        if (refusal != null) {
            onRefused(new RefusedException(refusal));
            return;
        }
        PublicationStart start = PublicationStart.parse(schema);
        try {
            if (numbers.begin(start)) {
                link.events().onNewLog(start.log());
            }
            numbers.requireOwn(start.lastSequence(), first());
        } catch (ClientException e) {
            link.fail(e);
            return;
        }
        link.onAccepted();
        long known = start.lastSequence();
        for (PendingBatch batch = first(); batch != null && batch.sequence() <= known; batch = first()) {
            unsent.removeFirst();
            inFlight.remove(batch.bytes());
            complete(batch, Receipt.UNKNOWN);
        }
        dictionaries.forEach(dictionary -> link.write(dictionary.retain()));
        link.flush(); // they may fill the socket, and nothing else is written until it has room again
        // Not before: whoever gets a receipt may publish more, which is to come after the dictionaries.
        isAccepted = true;
        accepted.complete(known);
        link.watch().awaitProgress(new TopicName(config.topic()), this);
        send();
    }

    /** Writing and flushing change whether more may be written, which is told at once: the loop that is under way sees it. */
    private void send() {
        if (isSending) {
            return;
        }
        isSending = true;
        try {
            while (isAccepted && failure == null && link.isWritable() && first() != null) {
                sendWhileWritable();
                link.flush();
            }
        } finally {
            isSending = false; // the next connection is to send again
        }
        sendEnd();
    }

    private void sendWhileWritable() {
        for (PendingBatch next = first(); next != null && link.isWritable(); next = first()) {
            unacknowledged.add(next);
            unsent.removeFirst();
            numbers.onSent(next.sequence());
            next.writeTo(link);
        }
    }

    private void sendEnd() {
        if (isAccepted && failure == null && isFinishing && first() == null && !isEndSent) {
            isEndSent = true;
            link.write(IpcEndOfStream.INSTANCE);
            link.flush();
        }
    }

    @Override
    public void onWritabilityChanged() {
        send();
    }

    private void onAcknowledgement(Acknowledgement row) {
        long count = row.batches() - acknowledgedBatches;
        if (count > unacknowledged.size()) {
            link.fail(new ClientException("batches: " + row.batches() + " (expected: at most "
                    + (acknowledgedBatches + unacknowledged.size()) + ", which were sent)"));
            return;
        }
        if (count < 0) {
            link.fail(new ClientException("batches: " + row.batches() + " (expected: at least " + acknowledgedBatches
                    + ", as in the row before)"));
            return;
        }
        boolean isRun = row.offset() - acknowledgedOffset == count; // else others have appended between them
        acknowledgedOffset = row.offset();
        complete(row, isRun, makeRoom(count));
        String error = row.error();
        if (error != null) {
            onRefused(RefusedException.parse(error));
        }
    }

    /** Takes the batches that are acknowledged next out of flight, all before the first has its receipt; returns their bytes. */
    private long makeRoom(long batches) {
        long bytes = 0;
        long left = batches;
        for (Iterator<PendingBatch> each = unacknowledged.iterator(); left > 0; left--) {
            bytes += each.next().bytes();
        }
        inFlight.remove(bytes);
        return bytes;
    }

    /** Completes what a row acknowledges, of which so many bytes have left. */
    private void complete(Acknowledgement row, boolean isRun, long bytes) {
        long bytesLeft = bytes;
        try {
            for (; acknowledgedBatches < row.batches(); acknowledgedBatches++) {
                long after = row.batches() - acknowledgedBatches - 1;
                PendingBatch batch = unacknowledged.removeFirst();
                bytesLeft -= batch.bytes();
                complete(batch, isRun || after == 0 ? row.offset() - after : Receipt.UNKNOWN);
            }
        } catch (Throwable e) {
            inFlight.remove(-bytesLeft); // they are sent again, and leave once more
            throw e;
        }
    }

    private void complete(PendingBatch batch, long offset) {
        boolean wasThere = numbers.acknowledge(batch.sequence());
        batch.acknowledge(dictionaries, new Receipt(batch.sequence(), wasThere ? Receipt.UNKNOWN : offset, wasThere));
    }

    @Override
    public boolean isAwaited() {
        return isEndSent || !unacknowledged.isEmpty() || first() != null;
    }

    @Override
    public long count() {
        return acknowledgedBatches;
    }

    private void onEnd() {
        if (isEndSent && unacknowledged.isEmpty()) {
            link.close(false);
            ClientException over = finished();
            inFlight.fail(over); // before whoever waits for the end continues
            ended.complete(null);
            onFailed(over);
        } else {
            link.retry(ConnectionFailures.broken(null));
        }
    }

    /** Returns why a publisher whose stream has ended takes no more. */
    static ClientException finished() {
        return new ClientException("the publisher has been finished");
    }

    private void onRefused(RefusedException reason) {
        // One's own connection from before may have reached the server after this one.
        boolean isOwnFence = wasLeftUnanswered && reason.code() == ErrorCode.FENCED;
        wasLeftUnanswered &= !isOwnFence;
        if (reason.isTransient() || isOwnFence) {
            link.retry(reason);
        } else {
            link.fail(reason);
        }
    }

    @Override
    public void onFailed(ClientException reason) {
        if (failure != null) {
            return;
        }
        failure = reason;
        inFlight.fail(reason);
        unacknowledged.forEach(batch -> batch.fail(reason));
        unacknowledged.clear();
        failUnsent(reason);
        accepted.completeExceptionally(reason);
        ended.completeExceptionally(reason);
        dictionaries.release();
        head.release();
    }
}
