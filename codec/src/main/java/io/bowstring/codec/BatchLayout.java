package io.bowstring.codec;

import java.util.Arrays;
import java.util.List;

/**
 * The field nodes and buffers that a record batch of given fields must have, flattened in the order of the format:
 * each field before its children. Immutable once compiled.
 *
 * <pre>
 *   node i:   firstBuffer[i] .. firstBuffer[i + 1]   its buffers
 *             parent[i], lengthFactor[i]             it has at least that parent's length × factor values
 *   buffer j: rule[j], width[j]                      how long it is at least
 * </pre>
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout">Arrow: buffer listing
 *     for each layout</a>
 */
final class BatchLayout {
    /** One bit a value; may be left out where no value is null. */
    static final byte VALIDITY = 0;
    /** As VALIDITY, but there only with metadata V4, where all but the null type had it. */
    static final byte VALIDITY_V4 = 1;
    /** {@code width} bits a value. */
    static final byte FIXED = 2;
    /** {@code width} bytes a value and once more; may be empty where there are no values. */
    static final byte OFFSETS = 3;
    /** Any length. */
    static final byte DATA = 4;

    /** No relation to the parent's length. */
    static final int NO_FACTOR = -1;
    /** At least one value where the parent has any. */
    static final int NOT_EMPTY = -2;

    private static final int OFFSET32 = 4;
    private static final int OFFSET64 = 8;

    private int nodeCount;
    private int bufferCount;
    private int[] firstBuffer = new int[8];
    private int[] parent = new int[8];
    private int[] lengthFactor = new int[8];
    private boolean[] isVariadic = new boolean[8];
    private byte[] rule = new byte[16];
    private int[] width = new int[16];

    private BatchLayout() {}

    /**
     * Compiles the layout of record batches.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    static BatchLayout ofFields(List<IpcField> fields) {
        BatchLayout layout = new BatchLayout();
        fields.forEach(field -> layout.add(field, -1, 1));
        layout.seal();
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
        layout.seal();
        return layout;
    }

    private void add(IpcField field, int parentNode, int factor) {
        IpcDictionaryEncoding dictionary = field.dictionary();
        if (dictionary == null) {
            addValues(field, parentNode, factor);
        } else {
            addNode(parentNode, factor);
            addBuffer(VALIDITY, 0);
            addBuffer(FIXED, TypeRules.intBits(field.name(), dictionary.indexType()));
        }
    }

    private void addValues(IpcField field, int parentNode, int factor) {
        IpcType type = field.type();
        TypeRules.check(field);
        int node = addNode(parentNode, factor);
        switch (type.id()) {
            case NULL -> {}
            case RUN_END_ENCODED -> addBuffer(VALIDITY_V4, 0);
            case BINARY, UTF8 -> addBuffers(OFFSETS, OFFSET32, DATA);
            case LARGE_BINARY, LARGE_UTF8 -> addBuffers(OFFSETS, OFFSET64, DATA);
            case BINARY_VIEW, UTF8_VIEW -> {
                addBuffers(FIXED, 128);
                isVariadic[node] = true;
            }
            case LIST, MAP -> addBuffers(OFFSETS, OFFSET32);
            case LARGE_LIST -> addBuffers(OFFSETS, OFFSET64);
            case LIST_VIEW -> addBuffers(FIXED, 32, FIXED, 32);
            case LARGE_LIST_VIEW -> addBuffers(FIXED, 64, FIXED, 64);
            case STRUCT, FIXED_SIZE_LIST -> addBuffer(VALIDITY, 0);
            case UNION -> addUnion(type);
            case INT, FLOATING_POINT, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL, FIXED_SIZE_BINARY, DURATION ->
                addBuffers(FIXED, TypeRules.valueBits(field));
        }
        if (type.id() == IpcTypeId.RUN_END_ENCODED) {
            add(field.children().get(0), node, NOT_EMPTY);
            add(field.children().get(1), node + 1, 1); // as many values as run ends, or more
        } else {
            field.children().forEach(child -> add(child, node, childFactor(type)));
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

    private void addUnion(IpcType type) {
        addBuffer(VALIDITY_V4, 0);
        addBuffer(FIXED, 8);
        if (TypeRules.isDense(type)) {
            addBuffer(FIXED, 32);
        }
    }

    private int addNode(int parentNode, int factor) {
        if (nodeCount == parent.length - 1) {
            int longer = 2 * parent.length;
            firstBuffer = Arrays.copyOf(firstBuffer, longer);
            parent = Arrays.copyOf(parent, longer);
            lengthFactor = Arrays.copyOf(lengthFactor, longer);
            isVariadic = Arrays.copyOf(isVariadic, longer);
        }
        firstBuffer[nodeCount] = bufferCount;
        parent[nodeCount] = parentNode;
        lengthFactor[nodeCount] = factor;
        return nodeCount++;
    }

    /** Adds a validity buffer and then, for each pair of rule and width, another; a lone last rule has no width. */
    private void addBuffers(int... rulesAndWidths) {
        addBuffer(VALIDITY, 0);
        for (int i = 0; i < rulesAndWidths.length; i += 2) {
            addBuffer((byte) rulesAndWidths[i], i + 1 < rulesAndWidths.length ? rulesAndWidths[i + 1] : 0);
        }
    }

    private void addBuffer(byte bufferRule, int bufferWidth) {
        if (bufferCount == rule.length) {
            rule = Arrays.copyOf(rule, 2 * bufferCount);
            width = Arrays.copyOf(width, 2 * bufferCount);
        }
        rule[bufferCount] = bufferRule;
        width[bufferCount++] = bufferWidth;
    }

    private void seal() {
        firstBuffer[nodeCount] = bufferCount;
    }

    int nodeCount() {
        return nodeCount;
    }

    int firstBuffer(int node) {
        return firstBuffer[node];
    }

    /** Returns the node, an earlier one, that bounds the length of this one; -1 for a column. */
    int parent(int node) {
        return parent[node];
    }

    int lengthFactor(int node) {
        return lengthFactor[node];
    }

    boolean isVariadic(int node) {
        return isVariadic[node];
    }

    byte rule(int buffer) {
        return rule[buffer];
    }

    int width(int buffer) {
        return width[buffer];
    }
}
