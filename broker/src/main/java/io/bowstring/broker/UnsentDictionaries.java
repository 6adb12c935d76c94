package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries that a publisher has not sent yet. Without them it may send batches whose indices are all null, and no
 * others: a subscriber would look them up in the dictionary that another publisher has sent. Ids are the topic's.
 *
 * <p>Confined to the topic's turn.
 */
final class UnsentDictionaries {
    private final Map<Long, Long> topicIds;
    private final List<IpcField> topicFields;
    private final Set<Long> unsent;

    /** Those of them that values of others refer to. */
    private final Set<Long> awaited = new HashSet<>();

    private @Nullable IndexNodes batchNodes;

    UnsentDictionaries(Map<Long, Long> topicIds, List<IpcField> topicFields) {
        this.topicIds = topicIds;
        this.topicFields = topicFields;
        this.unsent = new HashSet<>(topicIds.values());
    }

    boolean isEmpty() {
        return unsent.isEmpty();
    }

    boolean contains(long id) {
        return unsent.contains(id);
    }

    /** Returns the ids; borrowed. */
    Set<Long> ids() {
        return unsent;
    }

    /**
     * A dictionary has been sent.
     *
     * @param field one that is encoded with it
     * @param values borrowed
     */
    void onSent(long id, IpcField field, IpcDictionaryBatch values) {
        unsent.remove(id);
        awaited.remove(id);
        if (!unsent.isEmpty() && !field.children().isEmpty()) {
            awaited.addAll(IndexNodes.ofValues(field).seen(values.batchMetadata(), unsent));
        }
    }

    /**
     * Checks that a batch, borrowed, needs none of them.
     *
     * @throws ProtocolException {@code BAD_STREAM}
     */
    void requireNoneFor(IpcRecordBatch batch) {
        if (batchNodes == null) {
            batchNodes = IndexNodes.ofBatch(topicFields);
        }
        Set<Long> missing = new HashSet<>(batchNodes.seen(batch.batchMetadata(), unsent));
        missing.addAll(awaited);
        if (!missing.isEmpty()) {
            Long id = topicIds.entrySet().stream()
                    .filter(entry -> missing.contains(entry.getValue()))
                    .map(Map.Entry::getKey)
                    .min(Long::compare)
                    .orElseThrow();
            throw ProtocolException.of(
                    ErrorCode.BAD_STREAM,
                    "dictionary " + id,
                    "not sent, with indices that are not null",
                    "the publisher's own dictionary before them");
        }
    }
}
