package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.DictionaryBuffers;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries in force for one publication. What it sends of values that its topic has already is not kept a second
 * time, and subscribers that have them are not sent them again.
 *
 * <p>Owns its head. Confined to the topic's turn.
 */
final class PublishedDictionaries {
    /** So many deltas of the most that are allowed may stand against one batch that is put together. */
    private static final int DELTAS_PER_REBASED_BATCH = 8;

    private final Topic topic;
    private final TopicMemory memory;
    private Map<Long, Long> topicIds = Map.of();
    private EncodedFields fields = new EncodedFields(List.of());
    private UnsentDictionaries unsent = new UnsentDictionaries(Map.of(), List.of());
    private StreamHead head = new StreamHead();
    private long newBytes;

    PublishedDictionaries(Topic topic) {
        this.topic = topic;
        this.memory = topic.memory();
    }

    /** Sets how the publisher's ids map to the topic's, and the topic's fields. */
    void begin(Map<Long, Long> ids, List<IpcField> topicFields) {
        topicIds = ids;
        fields = new EncodedFields(topicFields);
        unsent = new UnsentDictionaries(ids, topicFields);
    }

    /** Returns the dictionaries in force; borrowed. */
    StreamHead head() {
        return head;
    }

    /**
     * Returns the memory of those that came since the last {@link #onAppended()}, also where they have replaced each
     * other.
     */
    long newBytes() {
        return newBytes;
    }

    /** Returns whether no batch need be looked at: all dictionaries have been sent, and the head has been appended. */
    boolean areKnown() {
        return unsent.isEmpty() && newBytes == 0;
    }

    /** A batch has been appended that has the head. */
    void onAppended() {
        newBytes = 0;
        replaceHead(head.settled());
    }

    /**
     * Checks a batch of a run, borrowed, that is to be appended next. Where it is all null in columns whose dictionaries have not
     * been sent, empty ones stand in for them: what its metadata says of nulls is the publisher's claim, and no subscriber
     * shall look it up in the words of another publisher.
     *
     * @throws ProtocolException {@code BAD_STREAM} where it needs a dictionary that has not been sent; {@code STORAGE_FULL}
     */
    void requireFor(IpcRecordBatchRun run, int index) {
        if (!unsent.isEmpty()) {
            IpcRecordBatch batch = run.batch(index);
            try {
                unsent.requireNoneFor(batch);
            } finally {
                batch.release();
            }
            for (long id : unsent.ids()) {
                if (head.get(id) == null) {
                    addEmpty(id);
                }
            }
        }
    }

    private void addEmpty(long id) {
        IpcField field = Objects.requireNonNull(fields.field(id));
        IpcDictionaryBatch empty;
        try {
            empty = IpcDictionaryBatch.empty(id, field, topic.broker().allocator());
        } catch (OutOfMemoryError e) {
            throw Broker.outOfMemory();
        }
        long bytes = WaitingMessages.weightBytes(empty);
        memory.add(bytes);
        int hash = new DictionaryBuffers(empty).hash();
        Dictionary same = find(id, null, empty, hash);
        if (same != null) {
            drop(empty);
            replaceHead(head.with(id, same));
            newBytes += head.overheadBytes();
            return;
        }
        try {
            append(id, empty, hash, null);
        } catch (OutOfMemoryError e) {
            memory.remove(bytes);
            throw Broker.outOfMemory();
        }
    }

    /**
     * Takes a dictionary batch, which counts in the memory, wherever it goes.
     *
     * @param message consumed
     * @throws ProtocolException {@code BAD_STREAM} where it is none, or not of the schema, or a delta to nothing, or the values are
     *     damaged; {@code TOO_LARGE} where there are too many bytes, or too many deltas that cannot be put together;
     *     {@code STORAGE_FULL} where there is no room for more dictionaries
     */
    void add(IpcMessage message) {
        if (!(message instanceof IpcDictionaryBatch batch)) { // of a publisher without a decoder
            drop(message);
            throw ProtocolException.of(
                    ErrorCode.BAD_STREAM, "message", message.kind(), "a dictionary batch or a record batch");
        }
        Dictionary present;
        Dictionary same;
        long id;
        int hash;
        try {
            id = topicId(batch);
            present = unsent.contains(id) ? null : head.get(id);
            requirePrior(batch, present);
            if (!unsent.isEmpty()) {
                unsent.onSent(id, Objects.requireNonNull(fields.field(id)), batch);
            }
            hash = new DictionaryBuffers(batch).hash();
            same = find(id, batch.isDelta() ? present : null, batch, hash);
        } catch (IpcException e) {
            drop(batch);
            throw refusal(e);
        } catch (ProtocolException e) {
            drop(batch);
            throw e;
        }
        if (same == null) {
            append(id, batch, hash, batch.isDelta() ? present : null);
        } else {
            drop(batch);
            if (same != present) {
                replaceHead(head.with(id, same));
                newBytes += head.overheadBytes();
            }
            requireBytes();
        }
    }

    private long topicId(IpcDictionaryBatch batch) {
        Long id = topicIds.get(batch.id());
        if (id == null) { // of a publisher whose messages no decoder has checked
            throw ProtocolException.of(ErrorCode.BAD_STREAM, "dictionary", batch.id(), "one of the schema");
        }
        return id;
    }

    private static void requirePrior(IpcDictionaryBatch batch, @Nullable Dictionary present) {
        if (batch.isDelta() && present == null) {
            throw ProtocolException.of(
                    ErrorCode.BAD_STREAM, "dictionary " + batch.id(), "a delta", "a whole dictionary before it");
        }
    }

    /** Keeps a batch, which is consumed, after what it is appended to. */
    private void append(long id, IpcDictionaryBatch batch, int hash, @Nullable Dictionary prior) {
        long countedBytes = WaitingMessages.weightBytes(batch);
        // Also where the id stays: what is kept long must not be a slice that pins a whole receive buffer.
        IpcDictionaryBatch kept = counted(batch.withId(id, topic.broker().allocator()), countedBytes);
        Dictionary added = new Dictionary(kept, hash, prior);
        try {
            replaceHead(head.with(id, added));
            newBytes += Dictionary.weightBytes(kept) + head.overheadBytes();
            requireBytes();
            if (added.length() - 1 > topic.broker().config().publishers().maxDictionaryDeltas()) {
                rebase(id, added);
                requireBytes();
            }
        } finally {
            added.release(); // the head has its own reference now
        }
    }

    /** Has a batch, consumed, that counts in the memory count as a dictionary until its own memory is free. */
    private IpcDictionaryBatch counted(IpcDictionaryBatch batch, long bytes) {
        IpcDictionaryBatch counted =
                batch.watched(() -> memory.freeDictionary(bytes), topic.broker().allocator());
        if (!memory.keepDictionary(bytes)) {
            counted.release();
            throw ProtocolException.of(
                    ErrorCode.STORAGE_FULL,
                    "dictionaries of all topics",
                    bytes + " bytes more",
                    "no more of one topic than is left of " + memory.budget().maxKeptBytes()
                            + " bytes, half of memory");
        }
        return counted;
    }

    /** Keeps nothing of a batch. */
    private void drop(IpcMessage message) {
        memory.remove(WaitingMessages.weightBytes(message));
        message.release();
    }

    private static ProtocolException refusal(IpcException e) {
        return new ProtocolException(ErrorCode.of(e.code()), String.valueOf(e.getMessage()));
    }

    private void requireBytes() {
        long maxBytes = topic.broker().config().publishers().maxDictionaryBytes();
        if (head.bytes() > maxBytes) {
            throw ProtocolException.of(
                    ErrorCode.TOO_LARGE,
                    "dictionary bytes",
                    head.bytes(),
                    "<= " + maxBytes + "; max-dictionary-memory");
        }
    }

    private void rebase(long id, Dictionary followed) {
        DictionaryRebase.Rebased rebased = newRebased(id, followed);
        IpcDictionaryBatch batch = rebased.batch();
        int hash = new DictionaryBuffers(batch).hash();
        Dictionary same = find(id, rebased.previous(), batch, hash);
        Dictionary dictionary;
        if (same == null) {
            long bytes = Dictionary.weightBytes(batch);
            memory.add(bytes);
            dictionary = new Dictionary(counted(batch, bytes), hash, rebased.previous());
            newBytes += bytes;
        } else {
            dictionary = same.retain();
            batch.release();
        }
        replaceHead(head.withRebased(id, followed, dictionary));
        dictionary.release(); // the head has its own reference now
    }

    private DictionaryRebase.Rebased newRebased(long id, Dictionary followed) {
        IpcField field = Objects.requireNonNull(fields.field(id));
        DictionaryRebase.Rebased rebased;
        try {
            int maxDeltas = topic.broker().config().publishers().maxDictionaryDeltas();
            int minBatches = Math.max(2, maxDeltas / DELTAS_PER_REBASED_BATCH);
            rebased = DictionaryRebase.of(
                    followed, field, minBatches, topic.broker().allocator());
        } catch (IpcException e) {
            throw refusal(e);
        } catch (OutOfMemoryError e) { // the last delta is in the head by now and counts there
            throw Broker.outOfMemory();
        }
        if (rebased == null) {
            throw ProtocolException.of(
                    ErrorCode.TOO_LARGE,
                    "deltas of a dictionary",
                    followed.length() - 1,
                    "<= " + topic.broker().config().publishers().maxDictionaryDeltas()
                            + ", then a whole dictionary; max-dictionary-deltas");
        }
        return rebased;
    }

    /**
     * Returns a dictionary of the topic that the same values after {@code prior} make, borrowed, or null. Values that refer
     * to another dictionary are never the same: when that has changed they may mean something else, and there are readers
     * that look them up just once, as they come.
     */
    private @Nullable Dictionary find(long id, @Nullable Dictionary prior, IpcDictionaryBatch values, int hash) {
        if (fields.refersToOthers(id)) {
            return null;
        }
        Dictionary found = Stream.concat(Stream.of(head), topic.heads())
                .map(any -> any.find(id, prior, hash))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        // One comparison at most, so that values made to have one hash cost no more than others.
        return found != null && new DictionaryBuffers(found.batch()).isSame(new DictionaryBuffers(values))
                ? found
                : null;
    }

    /** Takes over the reference to {@code changed}. */
    private void replaceHead(StreamHead changed) {
        head.release();
        head = changed;
    }

    void release() {
        head.release();
    }
}
