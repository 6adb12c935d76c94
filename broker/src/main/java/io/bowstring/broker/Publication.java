package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One publisher's stream into a topic. The public methods are called on the executor of its {@link PublicationListener}. They never
 * block, and hand over to the topic's turn, which mostly runs inside of them. All else is confined to that turn.
 *
 * <p>Messages that do not fit yet, because a subscription holds the window, wait here. What is in flight between the
 * two threads is bounded: above the limit the listener is told to stop reading, and so it is where the broker's memory is
 * short and the topic uses more than its share.
 */
public final class Publication {
    /** So much is handed over at once, and does not wait for the end of the burst. */
    private static final int HAND_OVER_BYTES = 64 << 10;

    private final Topic topic;
    private final PublishRequest request;
    private final PublicationListener listener;
    private final InFlight inFlight;
    private final TopicMemory memory;
    private final PublisherAnswers answers;

    // The publisher's executor.
    private List<ReferenceCounted> burst = new ArrayList<>();
    private long burstBytes;
    private boolean isInBurst;

    // The topic's turn.
    private final WaitingMessages waiting;
    private final PublishedDictionaries dictionaries;
    private @Nullable Producer producer;
    private boolean isEnding;
    private boolean isInOrder;
    private boolean isComplete;
    private boolean isOver;

    Publication(Topic topic, PublishRequest request, PublicationListener listener, long maxInFlightBytes) {
        this.topic = topic;
        this.request = request;
        this.listener = listener;
        this.memory = topic.memory();
        this.inFlight = new InFlight(listener, memory, topic.counts(), maxInFlightBytes);
        this.waiting = new WaitingMessages(topic.log());
        this.dictionaries = new PublishedDictionaries(topic);
        this.answers = new PublisherAnswers(listener, inFlight, topic.log());
    }

    /**
     * Appends a dictionary batch or record batch; after a refusal it is dropped.
     *
     * @param message consumed
     */
    public void append(IpcMessage message) {
        add(message instanceof IpcRecordBatch batch ? IpcRecordBatchRun.of(batch) : message);
    }

    /**
     * Appends record batches that have come together; after a refusal they are dropped.
     *
     * @param run consumed
     */
    public void append(IpcRecordBatchRun run) {
        add(run);
    }

    private void add(ReferenceCounted message) {
        long bytes = WaitingMessages.weightBytes(message);
        burst.add(message); // first: whatever the listener throws, it is not lost
        inFlight.add(bytes);
        burstBytes += bytes;
        if (burstBytes >= HAND_OVER_BYTES) {
            handOver();
        }
        if (!isInBurst) {
            isInBurst = true;
            Steps.execute(listener.executor(), this::onBurstOver);
        }
    }

    /** The topic is held back because memory is short, or is not any more. For any thread. */
    void onMemory() {
        inFlight.onMemory();
    }

    /** All that could be read without a wait has come: subscribers are woken once for it. */
    private void onBurstOver() {
        isInBurst = false;
        handOver();
        topic.execute(topic::wake);
    }

    /** Passes on what has come since the last time: one task, however many messages. */
    private void handOver() {
        if (!burst.isEmpty()) {
            List<ReferenceCounted> messages = burst;
            burst = new ArrayList<>();
            burstBytes = 0;
            topic.execute(() -> onAppend(messages));
        }
    }

    /** The publisher's stream has ended in order: what still waits is appended, and the topic sealed where it shall be. */
    public void finish() {
        handOver();
        topic.execute(() -> onEnd(true));
    }

    /**
     * The publisher is gone, or its stream is broken: what came whole is appended, also what still waits; nothing more
     * will come. Without effect after {@link #finish()}.
     */
    public void abort() {
        handOver();
        topic.execute(() -> onEnd(false));
    }

    // The topic's turn from here on.

    Topic topic() {
        return topic;
    }

    PublishRequest request() {
        return request;
    }

    /** Returns whether this publication, where the topic takes it, is the end of another. */
    boolean fences(Publication other) {
        return request.producer() != null && request.producer().equals(other.request.producer());
    }

    /** Takes its producer, if it has one, from the publication that has it. */
    void claim(Producers producers) {
        ProducerId id = request.producer();
        if (id != null) {
            producer = producers.claim(id, listener.source(), this);
        }
    }

    /** Gives its producer back, where it has one. */
    void unclaim(Producers producers) {
        if (producer != null) {
            producers.release(producer, this, isComplete, isComplete && request.seals());
        }
    }

    /** The topic, which has {@code fields}, takes this publication; {@code ids} maps its dictionary ids to the topic's. */
    void accept(Map<Long, Long> ids, List<IpcField> fields) {
        dictionaries.begin(ids, fields);
        if (producer != null) {
            PublicationStart start = new PublicationStart(topic.log().id(), producer.lastSequence());
            answers.onAccepted(start, producer.lastOffset());
        }
    }

    private void onAppend(List<ReferenceCounted> messages) {
        guarded(() -> {
            waiting.addAll(messages);
            if (isOver) {
                dropWaiting();
            } else {
                topic.onWaiting(this);
            }
        });
    }

    /** Runs a step; where it fails, this publication is refused and no other notices. */
    void guarded(Runnable step) {
        Steps.guarded(topic.turn().loop(), step, this::refuse);
    }

    private void onEnd(boolean inOrder) {
        if (!isEnding) {
            isEnding = true;
            isInOrder = inOrder;
            guarded(this::endIfDone);
        }
    }

    /** Returns whether batches wait to be appended. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Takes the dictionaries before the batch that has waited longest; they need no room. */
    void takeDictionaries() {
        IpcMessage message = waiting.takeMessage();
        while (message != null) {
            long weightBytes = WaitingMessages.weightBytes(message);
            try {
                dictionaries.add(message);
            } catch (RuntimeException | Error e) {
                refuse(Steps.reason(topic.turn().loop(), e));
            }
            inFlight.landed(weightBytes);
            message = waiting.takeMessage();
        }
        endIfDone();
    }

    /**
     * Appends the batches that have waited longest, unless the topic has no room for them; then they wait on. The dictionaries
     * after them are taken too.
     *
     * @param maxBatches how many, at most
     * @return whether some wait no longer
     */
    boolean tryAppendNext(int maxBatches) {
        try {
            return appendNext(maxBatches);
        } catch (RuntimeException | Error e) {
            guarded(() -> refuse(Steps.reason(topic.turn().loop(), e))); // which drops the rest
            return true;
        }
    }

    private boolean appendNext(int maxBatches) {
        IpcRecordBatchRun run = Objects.requireNonNull(waiting.firstRun());
        int from = waiting.taken();
        long before = topic.log().appendedOffset();
        boolean isRepeated = isRepeated(run, from);
        if (isRepeated) {
            onRepeated(run);
        } else {
            boolean isLookedAt = producer != null || !dictionaries.areKnown(); // each batch by itself
            append(run, from, from + Math.min(run.count() - from, isLookedAt ? 1 : maxBatches));
        }
        takeDictionaries();
        return isRepeated || topic.log().appendedOffset() > before;
    }

    private void append(IpcRecordBatchRun run, int from, int until) {
        long before = topic.log().appendedOffset();
        try {
            topic.requireUnsealed();
            dictionaries.requireFor(run, from);
            topic.window().append(run, from, until, dictionaries, producer, waiting.smallBytes());
        } finally {
            onAppended(run, (int) (topic.log().appendedOffset() - before)); // also of those before a failure
        }
    }

    /** Returns whether the topic has had a batch of a run, borrowed, already. */
    private boolean isRepeated(IpcRecordBatchRun run, int index) {
        if (producer == null) {
            return false;
        }
        IpcRecordBatch batch = run.batch(index);
        try {
            return producer.isRepeated(batch);
        } finally {
            batch.release();
        }
    }

    /** The topic has had the next batch already. */
    private void onRepeated(IpcRecordBatchRun run) {
        Producer repeating = Objects.requireNonNull(producer);
        repeating.onRepeated();
        long bytes = waiting.take(run, 1);
        memory.remove(bytes);
        answers.onInTopic(1, repeating.lastOffset(), request.wantsAcks());
        inFlight.landed(bytes);
    }

    /** So many more batches of the first run are in the topic, or none. */
    private void onAppended(IpcRecordBatchRun run, int count) {
        if (count == 0) {
            return;
        }
        long last = topic.log().appendedOffset() - 1;
        if (producer != null) {
            producer.onAppended(last); // first: whatever fails, it is not appended again
        }
        long bytes = waiting.take(run, count);
        answers.onInTopic(count, last, request.wantsAcks());
        inFlight.landed(bytes);
        dictionaries.onAppended();
    }

    private void endIfDone() {
        if (isEnding && !isOver && waiting.isEmpty() && answers.isAllCommitted()) {
            isComplete = isInOrder;
            try {
                end();
            } finally {
                if (isInOrder && request.seals()) {
                    topic.seal(this);
                } else {
                    answers.finish();
                }
            }
        }
    }

    /** The topic is sealed, as this publication wanted, and will stay so. */
    void onSealed() {
        answers.finish();
    }

    /** It is not known whether the topic will stay sealed, as this publication wanted. */
    void onSealFailed(ProtocolException reason) {
        answers.refuse(reason);
    }

    /** Batches of the topic have been committed. */
    void onCommitted() {
        answers.onCommitted();
        endIfDone();
    }

    private void dropWaiting() {
        long bytes = waiting.dropAll();
        if (bytes > 0) {
            memory.remove(bytes);
            inFlight.landed(bytes);
        }
    }

    /** Tells the listener of the batches that are committed, where it does not know: once for many. */
    void tellCommitted() {
        answers.tellCommitted();
    }

    /** Ends the publication with a reason that the publisher is told. */
    void refuse(ProtocolException reason) {
        if (!isOver) {
            try {
                end();
            } finally {
                answers.refuse(reason);
            }
        }
    }

    private void end() {
        if (!isOver) {
            isOver = true;
            try {
                dropWaiting(); // first: nobody appends with dictionaries that are free
                dictionaries.release();
                answers.tellCommitted();
            } finally {
                memory.leave(this);
                topic.onPublicationOver(this);
            }
        }
    }

    /** Returns the dictionaries in force; borrowed. */
    StreamHead head() {
        return dictionaries.head();
    }

    /** Returns what waits of a publisher that has ended, in bytes: no socket holds it back any more. */
    long orphanedBytes() {
        return isEnding ? inFlight.bytes() : 0;
    }
}
