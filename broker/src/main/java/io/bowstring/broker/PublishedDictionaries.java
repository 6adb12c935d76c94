package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.DictionaryBuffers;
import io.bowstring.protocol.DictionaryConcatenation;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
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

    /** Nothing else happens in the topic while it puts these together. */
    private static final long MAX_REBASED_BYTES = 4 << 20;

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
        IpcDictionaryBatch empty =
                IpcDictionaryBatch.empty(id, field, topic.broker().allocator());
        count(empty);
        put(id, empty, null);
    }

    /**
     * Takes a dictionary batch, which counts in the memory until it is dropped, also where this throws.
     *
     * @param message consumed
     * @throws ProtocolException {@code BAD_STREAM} where it is none, or not of the schema, or a delta to nothing, or the values
     *     are damaged; {@code TOO_LARGE} where there are too many bytes, or too many deltas that cannot be put together;
     *     {@code STORAGE_FULL} where there is no room for more dictionaries
     */
    void add(IpcMessage message) {
        try {
            IpcDictionaryBatch batch;
            long id;
            Dictionary prior;
            try {
                batch = requireDictionary(message);
                id = topicId(batch);
                prior = prior(id, batch);
                if (!unsent.isEmpty()) {
                    unsent.onSent(id, Objects.requireNonNull(fields.field(id)), batch);
                }
            } catch (RuntimeException | Error e) {
                drop(message);
                throw e;
            }
            put(id, batch, prior);
        } catch (IpcException e) {
            throw new ProtocolException(ErrorCode.of(e.code()), String.valueOf(e.getMessage()));
        }
    }

    private static IpcDictionaryBatch requireDictionary(IpcMessage message) {
        if (message instanceof IpcDictionaryBatch batch) {
            return batch;
        }
        throw ProtocolException.of( // of a publisher without a decoder
                ErrorCode.BAD_STREAM, "message", message.kind(), "a dictionary batch or a record batch");
    }

    private long topicId(IpcDictionaryBatch batch) {
        Long id = topicIds.get(batch.id());
        if (id == null) { // of a publisher whose messages no decoder has checked
            throw ProtocolException.of(ErrorCode.BAD_STREAM, "dictionary", batch.id(), "one of the schema");
        }
        return id;
    }

    /** Returns what a batch, borrowed, is appended to; null where it is whole. */
    private @Nullable Dictionary prior(long id, IpcDictionaryBatch batch) {
        Dictionary present =
                unsent.contains(id) ? null : head.get(id); // else an empty one that the publisher has not sent
        if (batch.isDelta() && present == null) {
            throw ProtocolException.of(
                    ErrorCode.BAD_STREAM, "dictionary " + batch.id(), "a delta", "a whole dictionary before it");
        }
        return batch.isDelta() ? present : null;
    }

    /** Puts values in force, which are consumed and count in the memory, after what they are appended to. */
    private void put(long id, IpcDictionaryBatch values, @Nullable Dictionary prior) {
        // Also where the id stays: what is kept long must not be a slice that pins a whole receive buffer.
        Dictionary added = dictionary(
                id, values, prior, batch -> batch.withId(id, topic.broker().allocator()));
        try {
            if (added != head.get(id)) {
                replaceHead(head.with(id, added));
                newBytes += head.overheadBytes();
            }
            requireBytes();
            if (added.length() - 1 > topic.broker().config().publishers().maxDictionaryDeltas()) {
                rebase(id, added);
                requireBytes();
            }
        } finally {
            added.release(); // the head has its own reference now
        }
    }

    /**
     * Returns the dictionary that values make after what they are appended to: the one that the topic has, where they are the same.
     * Owned.
     *
     * @param values consumed; they count in the memory, and what becomes of them does until its memory is free
     * @param toKeep makes of them what is kept; consumes and returns owned
     */
    private Dictionary dictionary(
            long id, IpcDictionaryBatch values, @Nullable Dictionary prior, UnaryOperator<IpcDictionaryBatch> toKeep) {
        int hash;
        Dictionary same;
        try {
            hash = new DictionaryBuffers(values).hash();
            same = find(id, prior, values, hash);
        } catch (RuntimeException | Error e) {
            drop(values);
            throw e;
        }
        if (same != null) {
            drop(values);
            return same.retain();
        }
        IpcDictionaryBatch kept = keep(values, toKeep);
        newBytes += WaitingMessages.weightBytes(kept);
        try {
            return new Dictionary(kept, hash, prior);
        } catch (OutOfMemoryError e) {
            kept.release();
            throw e;
        }
    }

    /** Counts values that the topic has made; they are dropped where this throws. */
    private void count(IpcDictionaryBatch values) {
        try {
            memory.add(WaitingMessages.weightBytes(values)); // counts also where it throws
        } catch (RuntimeException | Error e) {
            drop(values);
            throw e;
        }
    }

    /** Keeps a batch, which is consumed, until nobody needs it. */
    private IpcDictionaryBatch keep(IpcDictionaryBatch batch, UnaryOperator<IpcDictionaryBatch> toKeep) {
        long bytes = WaitingMessages.weightBytes(batch);
        IpcDictionaryBatch kept;
        try {
            kept = toKeep.apply(batch)
                    .watched(() -> memory.freeDictionary(bytes), topic.broker().allocator());
        } catch (RuntimeException | Error e) { // it has been released
            memory.remove(bytes);
            throw e;
        }
        if (!memory.keepDictionary(bytes)) {
            kept.release();
            throw ProtocolException.of(
                    ErrorCode.STORAGE_FULL,
                    "dictionaries of all topics",
                    bytes + " bytes more",
                    "no more of one topic than is left of " + memory.budget().maxKeptBytes()
                            + " bytes, half of memory");
        }
        return kept;
    }

    /** Keeps nothing of a batch. */
    private void drop(IpcMessage message) {
        memory.remove(WaitingMessages.weightBytes(message));
        message.release();
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

    /**
     * Makes one batch of the last ones of a dictionary, borrowed, that has too many deltas: so a late joiner gets few messages, however
     * long deltas have come.
     *
     * <pre>
     *   whole ◄─── delta ◄─── delta ◄─── delta         │ up to 4 MiB, all of it where it is no more │
     *   whole ◄─── delta                               the same values
     * </pre>
     */
    private void rebase(long id, Dictionary followed) {
        Deque<IpcDictionaryBatch> last = new ArrayDeque<>();
        Dictionary previous = followed.collectLast(MAX_REBASED_BYTES, last);
        int maxDeltas = topic.broker().config().publishers().maxDictionaryDeltas();
        IpcDictionaryBatch batch = null;
        if (last.size()
                >= Math.max(2, maxDeltas / DELTAS_PER_REBASED_BATCH)) { // else each delta could have the others moved
            IpcField field = Objects.requireNonNull(fields.field(id));
            batch = DictionaryConcatenation.of(
                    List.copyOf(last), field, topic.broker().allocator());
        }
        if (batch == null) {
            throw ProtocolException.of(
                    ErrorCode.TOO_LARGE,
                    "deltas of a dictionary",
                    followed.length() - 1,
                    "<= " + maxDeltas + ", then a whole dictionary; max-dictionary-deltas");
        }
        count(batch);
        Dictionary rebased = dictionary(id, batch, previous, UnaryOperator.identity());
        try {
            replaceHead(head.withRebased(id, followed, rebased));
        } finally {
            rebased.release(); // the head has its own reference now
        }
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
                .map(any -> any.get(id))
                .filter(Objects::nonNull)
                .map(present -> present.find(prior, hash))
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
