package io.bowstring.broker;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcField;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of a batch are indices, and of which dictionary: those of a record batch, or those among the values of a
 * dictionary. Immutable.
 *
 * <pre>
 *   field       list &lt; dictionary &lt; struct &lt; dictionary &lt; utf8 &gt; &gt; &gt; &gt;
 *   batch        0        1                                           node 1 is indices of the outer dictionary
 *   its values                        0           1                   node 1 is indices of the inner one
 * </pre>
 */
final class IndexNodes {
    /** A node, the node above it (-1: none), and the dictionary whose indices it is; null where it has none. */
    private record Node(int parent, @Nullable Long dictionaryId) {}

    private final List<Node> nodes = new ArrayList<>();

    private IndexNodes() {}

    /** Returns those of record batches. */
    static IndexNodes ofBatch(List<IpcField> fields) {
        IndexNodes all = new IndexNodes();
        fields.forEach(field -> all.add(field, -1));
        return all;
    }

    /** Returns those of the values of the dictionary that a field is encoded with. */
    static IndexNodes ofValues(IpcField encoded) {
        IndexNodes all = new IndexNodes();
        all.addValues(encoded, -1);
        return all;
    }

    private void add(IpcField field, int parent) {
        if (field.dictionary() == null) {
            addValues(field, parent);
        } else {
            nodes.add(new Node(parent, field.dictionary().id()));
        }
    }

    private void addValues(IpcField field, int parent) {
        int added = nodes.size();
        nodes.add(new Node(parent, null));
        field.children().forEach(child -> add(child, added));
    }

    /**
     * Returns which of some dictionaries a batch has indices of that may be seen: not where all of a node, or of one above
     * it, are null, as its metadata says.
     *
     * @param batch borrowed
     * @throws ProtocolException {@code BAD_STREAM} where the batch has fewer nodes than its schema
     */
    Set<Long> seen(IpcBatchMetadata batch, Set<Long> dictionaryIds) {
        if (batch.nodeCount() < nodes.size()) { // of a publisher whose messages no decoder has checked
            throw ProtocolException.of(
                    ErrorCode.BAD_STREAM, "field nodes", batch.nodeCount(), nodes.size() + ", as the schema implies");
        }
        boolean[] isHidden = new boolean[nodes.size()];
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < isHidden.length; i++) {
            Node node = nodes.get(i);
            isHidden[i] = batch.nullCount(i) == batch.length(i) || (node.parent >= 0 && isHidden[node.parent]);
            if (!isHidden[i] && node.dictionaryId != null && dictionaryIds.contains(node.dictionaryId)) {
                seen.add(node.dictionaryId);
            }
        }
        return seen;
    }
}
