package io.bowstring.codec;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The field nodes and buffers that a record batch of given fields must have, flattened in the order of the format:
 * each field before its children. Immutable once compiled.
 *
 * <pre>
 *   node i:   parent[i], lengthFactor[i]       it has at least that parent's length × factor values
 *   buffer j: node[j], rule[j]                 whose it is, and of which sort
 *             valueBits[j]                     it has at least so many bits for each value of the node
 *             isNullFree[i]                    none of its values may be null
 * </pre>
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout">Arrow: buffer listing
 *     for each layout</a>
 */
final class BatchLayout {
    /** One bit a value; may be left out where no value is null. */
    static final byte VALIDITY = 0;
    /** So many bits a value. */
    static final byte FIXED = 1;
    /** So many bits a value and once more; may be empty where there are no values. */
    static final byte OFFSETS = 2;
    /** Any length. */
    static final byte DATA = 3;
    /** As VALIDITY, but there only with metadata V4, where all but the null type had it. */
    static final byte VALIDITY_V4 = 4;
    /** Any number of buffers of any length, as the batch says. */
    static final byte VARIADIC = 5;

    /** No relation to the parent's length. */
    static final int NO_FACTOR = -1;
    /** At least one value where the parent has any. */
    static final int NOT_EMPTY = -2;

    private static final int OFFSET32 = 32;
    private static final int OFFSET64 = 64;

    /** A field that is to be added next, before its siblings. */
    private record Pending(IpcField field, int parentNode, int factor) {}

    private final Deque<Pending> pending = new ArrayDeque<>();
    private int nodeCount;
    private int bufferCount;
    private int[] parent = new int[8];
    private int[] lengthFactor = new int[8];
    private boolean[] isNullFree = new boolean[8];
    private byte[] rule = new byte[16];
    private int[] node = new int[16];
    private int[] valueBits = new int[16];

    private BatchLayout() {}

    /**
     * Compiles the layout of record batches.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    static BatchLayout ofFields(List<IpcField> fields) {
        BatchLayout layout = new BatchLayout();
        layout.pushAll(fields, -1, 1);
        layout.addPending();
        return layout;
    }

    /**
     * Compiles the layout of the batches of a dictionary: one column of the values.
     *
     * @param field one that is encoded with the dictionary
     */
    static BatchLayout ofDictionary(IpcField field) {
        BatchLayout layout = new BatchLayout();
        layout.addValues(field, -1, 1);
        layout.addPending();
        return layout;
    }

    /** Makes {@code fields} the next to be added, the first of them first. */
    private void pushAll(List<IpcField> fields, int parentNode, int factor) {
        for (int i = fields.size() - 1; i >= 0; i--) {
            pending.push(new Pending(fields.get(i), parentNode, factor));
        }
    }

    private void add(IpcField field, int parentNode, int factor) {
        IpcDictionaryEncoding dictionary = field.dictionary();
        if (dictionary == null) {
            addValues(field, parentNode, factor);
        } else {
            addNode(parentNode, factor);
            addBuffer(VALIDITY, 1);
            addBuffer(FIXED, TypeRules.intBits(field.name(), dictionary.indexType()));
        }
    }

    private void addValues(IpcField field, int parentNode, int factor) {
        IpcType type = field.type();
        TypeRules.check(field);
        int added = addNode(parentNode, factor);
        switch (type.id()) {
            case NULL -> {}
            case RUN_END_ENCODED -> addBuffer(VALIDITY_V4, 1);
            case BINARY, UTF8 -> addBuffers(OFFSETS, OFFSET32, DATA);
            case LARGE_BINARY, LARGE_UTF8 -> addBuffers(OFFSETS, OFFSET64, DATA);
            case BINARY_VIEW, UTF8_VIEW -> addBuffers(FIXED, 128, VARIADIC);
            case LIST, MAP -> addBuffers(OFFSETS, OFFSET32);
            case LARGE_LIST -> addBuffers(OFFSETS, OFFSET64);
            case LIST_VIEW -> addBuffers(FIXED, 32, FIXED, 32);
            case LARGE_LIST_VIEW -> addBuffers(FIXED, 64, FIXED, 64);
            case STRUCT, FIXED_SIZE_LIST -> addBuffer(VALIDITY, 1);
            case UNION -> {
                addBuffer(VALIDITY_V4, 1);
                addBuffer(FIXED, 8);
                if (TypeRules.isDense(type)) {
                    addBuffer(FIXED, 32);
                }
            }
            case INT, FLOATING_POINT, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL, FIXED_SIZE_BINARY, DURATION ->
                addBuffers(FIXED, TypeRules.valueBits(field));
        }
        if (type.id() == IpcTypeId.MAP) {
            isNullFree[added + 1] = true; // the entries
        }
        if (type.id() == IpcTypeId.RUN_END_ENCODED) {
            isNullFree[added] = true; // where a run is null its value is
            isNullFree[added + 1] = true; // the run ends
            pending.push(new Pending(field.children().get(1), added + 1, 1)); // as many values as run ends, or more
            pending.push(new Pending(field.children().get(0), added, NOT_EMPTY)); // goes first
        } else {
            pushAll(field.children(), added, childFactor(type));
        }
    }

    private static int childFactor(IpcType type) {
        return switch (type.id()) {
            case STRUCT -> 1;
            case UNION -> TypeRules.isDense(type) ? NO_FACTOR : 1;
            case FIXED_SIZE_LIST -> type.parameters().get(0);
            default -> NO_FACTOR;
        };
    }

    private int addNode(int parentNode, int factor) {
        if (nodeCount == parent.length - 1) { // there is always room to mark the next one
            int longer = 2 * parent.length;
            parent = Arrays.copyOf(parent, longer);
            lengthFactor = Arrays.copyOf(lengthFactor, longer);
            isNullFree = Arrays.copyOf(isNullFree, longer);
        }
        parent[nodeCount] = parentNode;
        lengthFactor[nodeCount] = factor;
        return nodeCount++;
    }

    /** Adds a validity buffer and then, for each pair of rule and width, another; a lone last rule has none. */
    private void addBuffers(int... rulesAndWidths) {
        addBuffer(VALIDITY, 1);
        for (int i = 0; i < rulesAndWidths.length; i += 2) {
            addBuffer((byte) rulesAndWidths[i], i + 1 < rulesAndWidths.length ? rulesAndWidths[i + 1] : 0);
        }
    }

    /** Adds a buffer of the last node. */
    private void addBuffer(byte bufferRule, int bits) {
        if (bufferCount == rule.length) {
            int longer = 2 * bufferCount;
            node = Arrays.copyOf(node, longer);
            rule = Arrays.copyOf(rule, longer);
            valueBits = Arrays.copyOf(valueBits, longer);
        }
        node[bufferCount] = nodeCount - 1;
        rule[bufferCount] = bufferRule;
        valueBits[bufferCount++] = bits;
    }

    /** Adds what is pending, and what that brings with it. */
    private void addPending() {
        for (Pending next = pending.poll(); next != null; next = pending.poll()) {
            add(next.field, next.parentNode, next.factor);
        }
    }

    int nodeCount() {
        return nodeCount;
    }

    /** Returns the node, an earlier one, that bounds the length of this one; -1 for a column. */
    int parent(int childNode) {
        return parent[childNode];
    }

    int lengthFactor(int childNode) {
        return lengthFactor[childNode];
    }

    /** Returns whether none of a node's values may be null. */
    boolean isNullFree(int anyNode) {
        return isNullFree[anyNode];
    }

    /** Returns how many buffers there are, {@link #VALIDITY_V4} and {@link #VARIADIC} ones counted once. */
    int bufferCount() {
        return bufferCount;
    }

    /** Returns the node that a buffer belongs to. */
    int node(int buffer) {
        return node[buffer];
    }

    byte rule(int buffer) {
        return rule[buffer];
    }

    /** Returns how many bits of a buffer a value takes; 0 where the rule says no number. */
    int valueBits(int buffer) {
        return valueBits[buffer];
    }

    /** Returns how many bytes a buffer has at least where its node has {@code length} values, at most 2³¹. */
    long minBytes(int buffer, long length) {
        long values = rule[buffer] == OFFSETS ? length + 1 : length;
        return (values * valueBits[buffer] + 7) >>> 3;
    }
}
