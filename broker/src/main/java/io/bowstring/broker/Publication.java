package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    /** Small messages are handed over by the burst; a burst of this size need not wait for its end. */
    private static final int BURST_BYTES = 64 << 10;

    private final Topic topic;
    private final PublishRequest request;
    private final PublicationListener listener;
    private final InFlight inFlight;
    private final TopicMemory memory;
    private final TaskLine toPublisher;

    // The publisher's executor.
    private List<ReferenceCounted> burst = new ArrayList<>();
    private long burstBytes;
    private boolean isHandOverScheduled;

    // The topic's turn.
    private final WaitingMessages waiting;
    private final PublishedDictionaries dictionaries;
    private @Nullable Producer producer;
    private final AppendedBatches appended;
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
        this.toPublisher = new TaskLine(task -> Steps.execute(listener.executor(), task));
        this.appended = new AppendedBatches((batches, offset) -> {
            if (request.wantsAcks()) {
                toPublisher.execute(() -> listener.onAppended(batches, offset));
            }
        });
    }

    /** Begins the publication with its schema, which is consumed. */
    void open(IpcSchema schema) {
        topic.execute(() -> topic.onPublish(this, schema));
    }

    /**
     * Appends a dictionary batch or record batch; after a refusal it is dropped.
     *
     * @param message consumed
     */
    public void append(IpcMessage message) {
        add(message);
        if (burstBytes >= BURST_BYTES) {
            handOver();
        } else if (!isHandOverScheduled) {
            isHandOverScheduled = true;
            Steps.execute(listener.executor(), this::onBurstOver);
        }
    }

    /**
     * Appends record batches that have come together; after a refusal they are dropped.
     *
     * @param run consumed
     */
    public void append(IpcRecordBatchRun run) {
        add(run);
        handOver(); // it is a burst
    }

    private void add(ReferenceCounted message) {
        long bytes = WaitingMessages.weightBytes(message);
        inFlight.add(bytes);
        burst.add(message);
        burstBytes += bytes;
    }

    /** The topic is held back because memory is short, or is not any more. For any thread. */
    void onMemory() {
        inFlight.onMemory();
    }

    private void onBurstOver() {
        isHandOverScheduled = false;
        handOver();
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
            toPublisher.execute(() -> listener.onAccepted(start));
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

    /** Returns whether messages wait to be appended. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Takes the dictionaries before the batch that has waited longest; they need no room. */
    void appendDictionaries() {
        while (waiting.beginsWithDictionary()) {
            tryAppendNext(1);
        }
    }

    /**
     * Appends what has waited longest, unless the topic has no room for it; then it waits on.
     *
     * @param maxBatches how many batches, at most, where several have come together
     * @return whether something has been appended
     */
    boolean tryAppendNext(int maxBatches) {
        IpcRecordBatchRun run = waiting.firstRun();
        boolean isLookedAt = producer != null || !dictionaries.areKnown(); // each batch by itself
        boolean isAppended = (run == null || isLookedAt) ? tryAppendMessage() : tryAppendRun(run, maxBatches);
        if (isAppended) {
            endIfDone();
        }
        return isAppended;
    }

    private boolean tryAppendMessage() {
        IpcMessage message = waiting.take(); // it is not ours any more if this publication ends meanwhile
        long weightBytes = WaitingMessages.weightBytes(message);
        long before = topic.nextOffset();
        try {
            if (!tryAppend(message)) {
                waiting.putBack(message);
                return false;
            }
        } catch (ProtocolException e) {
            memory.remove(weightBytes);
            message.release();
            refuse(e);
        } catch (RuntimeException | Error e) { // out of memory, and the message has been released; or nobody knows
            if (topic.nextOffset() == before) { // else the log counts it
                memory.remove(weightBytes);
            }
            refuse(Steps.reason(topic.turn().loop(), e));
        }
        inFlight.landed(weightBytes);
        return true;
    }

    /** Appends batches of a run, borrowed, of which none must be looked at again. */
    private boolean tryAppendRun(IpcRecordBatchRun run, int maxBatches) {
        int from = waiting.taken();
        int until = Math.min(run.count() - from, maxBatches) + from;
        long before = topic.nextOffset();
        try {
            topic.requireUnsealed();
            topic.appender().append(run, from, until, dictionaries.head(), waiting.smallBytes());
        } catch (RuntimeException | Error e) {
            onAppended(run, (int) (topic.nextOffset() - before));
            refuse(Steps.reason(topic.turn().loop(), e)); // which drops the rest
            return true;
        }
        return onAppended(run, (int) (topic.nextOffset() - before));
    }

    /** So many more batches of the first run are in the topic; returns whether there are any. */
    private boolean onAppended(IpcRecordBatchRun run, int count) {
        if (count == 0) {
            return false;
        }
        long weightBytes = WaitingMessages.weightBytes(run, waiting.taken(), waiting.taken() + count);
        waiting.take(run, count);
        appended.add(count, topic.nextOffset() - 1);
        inFlight.landed(weightBytes);
        return true;
    }

    private void endIfDone() {
        if (isEnding && !isOver && waiting.isEmpty()) {
            isComplete = isInOrder;
            try {
                end();
                if (isInOrder && request.seals()) {
                    topic.seal();
                }
            } finally {
                tellListener(listener::onFinished);
            }
        }
    }

    private void dropWaiting() {
        long bytes = waiting.dropAll();
        if (bytes > 0) {
            inFlight.landed(bytes);
            memory.remove(bytes);
        }
    }

    /** Says the last of what the listener hears, but that it may read on. */
    private void tellListener(Runnable end) {
        toPublisher.execute(() -> {
            inFlight.end();
            end.run();
        });
    }

    /**
     * Returns false where the message must wait; else it is consumed, and where it goes it counts in the memory.
     *
     * @throws ProtocolException where it is refused; then it is not consumed
     */
    private boolean tryAppend(IpcMessage message) {
        if (message instanceof IpcRecordBatch batch) {
            return tryAppendBatch(batch);
        }
        if (message instanceof IpcDictionaryBatch dictionary) {
            addDictionary(dictionary);
            return true;
        }
        throw ProtocolException.of( // of a publisher without a decoder
                ErrorCode.BAD_STREAM, "message", message.kind(), "a dictionary batch or a record batch");
    }

    private void addDictionary(IpcDictionaryBatch dictionary) {
        try {
            dictionaries.add(dictionary);
        } catch (ProtocolException e) {
            refuse(e);
        }
    }

    private boolean tryAppendBatch(IpcRecordBatch batch) {
        if (producer != null && producer.isRepeated(batch)) {
            producer.onRepeated();
            memory.remove(WaitingMessages.weightBytes(batch));
            batch.release();
            appended.add(1, producer.lastOffset());
            return true;
        }
        topic.requireUnsealed();
        dictionaries.requireFor(batch);
        // Dictionaries count with the batch that first needs them; their memory goes no sooner than that batch.
        long weightBytes = batch.frameBytes() + Block.OVERHEAD_BYTES + dictionaries.newBytes();
        if (!topic.appender().tryAppend(batch, dictionaries.head(), weightBytes, waiting.smallBytes())) {
            return false;
        }
        dictionaries.onAppended();
        long offset = topic.nextOffset() - 1;
        if (producer != null) {
            producer.onAppended(offset);
        }
        appended.add(1, offset);
        return true;
    }

    /** Tells the listener of the batches that are in the topic, where it does not know: once for many. */
    void tellAppended() {
        appended.tell();
    }

    /** Ends the publication with a reason that the publisher is told. */
    void refuse(ProtocolException reason) {
        if (!isOver) {
            try {
                end();
            } finally {
                tellListener(() -> listener.onRefused(reason));
            }
        }
    }

    private void end() {
        if (!isOver) {
            isOver = true;
            appended.tell();
            dictionaries.release();
            dropWaiting();
            memory.leave(this);
            topic.onPublicationOver(this);
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
