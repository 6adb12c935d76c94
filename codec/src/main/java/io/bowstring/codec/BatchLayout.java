package io.bowstring.codec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The field nodes and buffers that a record batch of given fields must have, flattened in the order of the format:
 * each field before its children. Immutable once compiled.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout">Arrow: buffer listing
 *     for each layout</a>
 */
final class BatchLayout {
    /** What a buffer must have for the values of its node. */
    enum Rule {
        /** One bit a value; may be left out where no value is null. */
        VALIDITY,
        /** As VALIDITY, but there only with metadata V4, where all but the null type had it. */
        VALIDITY_V4,
        /** So many bits a value. */
        FIXED,
        /** So many bits a value and once more; may be empty where there are no values. */
        OFFSETS,
        /** Any length. */
        DATA,
        /** Any number of buffers of any length, as the batch says. */
        VARIADIC
    }

    /** No relation to the parent's length. */
    static final int NO_FACTOR = -1;
    /** At least one value where the parent has any. */
    static final int NOT_EMPTY = -2;

    /**
     * A field node.
     *
     * @param parent the node, an earlier one, that bounds the length of this one; -1 for a column
     * @param lengthFactor it has at least the parent's length × this many values, or one of the constants says what
     * @param isNullFree whether none of its values may be null
     */
    record Node(int parent, int lengthFactor, boolean isNullFree) {
        /** Returns how many values it has at least where its parent has {@code parentLength}, at most 2³¹. */
        long minLength(long parentLength) {
            if (lengthFactor >= 0) {
                return lengthFactor * parentLength;
            }
            return lengthFactor == NOT_EMPTY ? Math.min(1, parentLength) : 0;
        }
    }

    /**
     * A buffer, or those that one {@link Rule#VARIADIC} stands for.
     *
     * @param node whose it is
     * @param valueBits how many bits a value takes; 0 where the rule says no number
     */
    record Buffer(int node, Rule rule, int valueBits) {
        /** Returns how many bytes it has at least where its node has {@code length} values, at most 2³¹. */
        long minBytes(long length) {
            long values = rule == Rule.OFFSETS ? length + 1 : length;
            return (values * valueBits + 7) >>> 3;
        }

        boolean isValidity() {
            return rule == Rule.VALIDITY || rule == Rule.VALIDITY_V4;
        }
    }

    private static final Node COLUMN = new Node(-1, 1, false);

    private final Node[] nodes;
    private final Buffer[] buffers;

    private BatchLayout(List<Node> nodes, List<Buffer> buffers) {
        this.nodes = nodes.toArray(Node[]::new);
        this.buffers = buffers.toArray(Buffer[]::new);
    }

    /**
     * Compiles the layout of record batches.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    static BatchLayout ofFields(List<IpcField> fields) {
        Compiler compiler = new Compiler();
        compiler.pushAll(fields, COLUMN);
        return compiler.compile();
    }

    /**
     * Compiles the layout of the batches of a dictionary: one column of the values.
     *
     * @param field one that is encoded with the dictionary
     */
    static BatchLayout ofDictionary(IpcField field) {
        Compiler compiler = new Compiler();
        compiler.addValues(field, COLUMN);
        return compiler.compile();
    }

    /** Returns the nodes; not to be changed. */
    Node[] nodes() {
        return nodes;
    }

    /** Returns the buffers, {@link Rule#VALIDITY_V4} and {@link Rule#VARIADIC} ones counted once; not to be changed. */
    Buffer[] buffers() {
        return buffers;
    }

    /**
     * Returns the buffers of a batch one by one.
     *
     * @param variadicCounts how many each {@link Rule#VARIADIC} one stands for, as many as there are such
     */
    Buffer[] buffers(boolean isV4, long[] variadicCounts) {
        List<Buffer> each = new ArrayList<>();
        int variadic = 0;
        for (Buffer buffer : buffers) {
            long count = buffer.rule == Rule.VARIADIC ? variadicCounts[variadic++] : 1;
            for (long i = buffer.rule == Rule.VALIDITY_V4 && !isV4 ? 1 : 0; i < count; i++) {
                each.add(buffer);
            }
        }
        return each.toArray(Buffer[]::new);
    }

    /** Makes a layout of fields, and is of no use afterwards. */
    private static final class Compiler {
        /** A field that is to be added next, before its siblings. */
        private record Pending(IpcField field, Node node) {}

        private final Deque<Pending> pending = new ArrayDeque<>();
        private final List<Node> nodes = new ArrayList<>();
        private final List<Buffer> buffers = new ArrayList<>();

        /** Adds what is pending, and what that brings with it; returns all of it. */
        private BatchLayout compile() {
            for (Pending next = pending.poll(); next != null; next = pending.poll()) {
                IpcField field = next.field;
                IpcDictionaryEncoding dictionary = field.dictionary();
                if (dictionary == null) {
                    addValues(field, next.node);
                } else {
                    nodes.add(next.node);
                    addBuffers(TypeRules.intBits(field.name(), dictionary.indexType()), Rule.VALIDITY, Rule.FIXED);
                }
            }
            return new BatchLayout(nodes, buffers);
        }

        /** Makes {@code fields} the next to be added, the first of them first. */
        private void pushAll(List<IpcField> fields, Node node) {
            for (int i = fields.size() - 1; i >= 0; i--) {
                pending.push(new Pending(fields.get(i), node));
            }
        }

        private void addValues(IpcField field, Node node) {
            IpcType type = field.type();
            TypeRules.check(field);
            int added = nodes.size();
            nodes.add(node);
            switch (type.id()) {
                case NULL -> {}
                case BINARY, UTF8 -> addBuffers(32, Rule.VALIDITY, Rule.OFFSETS, Rule.DATA);
                case LARGE_BINARY, LARGE_UTF8 -> addBuffers(64, Rule.VALIDITY, Rule.OFFSETS, Rule.DATA);
                case BINARY_VIEW, UTF8_VIEW -> addBuffers(128, Rule.VALIDITY, Rule.FIXED, Rule.VARIADIC);
                case LIST, MAP -> addBuffers(32, Rule.VALIDITY, Rule.OFFSETS);
                case LARGE_LIST -> addBuffers(64, Rule.VALIDITY, Rule.OFFSETS);
                case LIST_VIEW -> addBuffers(32, Rule.VALIDITY, Rule.FIXED, Rule.FIXED);
                case LARGE_LIST_VIEW -> addBuffers(64, Rule.VALIDITY, Rule.FIXED, Rule.FIXED);
                case STRUCT, FIXED_SIZE_LIST -> addBuffers(1, Rule.VALIDITY);
                case RUN_END_ENCODED -> addBuffers(1, Rule.VALIDITY_V4);
                case UNION -> {
                    addBuffers(8, Rule.VALIDITY_V4, Rule.FIXED);
                    if (TypeRules.isDense(type)) {
                        addBuffers(32, Rule.FIXED);
                    }
                }
                case INT, FLOATING_POINT, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL, FIXED_SIZE_BINARY, DURATION ->
                    addBuffers(TypeRules.valueBits(field), Rule.VALIDITY, Rule.FIXED);
            }
            if (type.id() == IpcTypeId.RUN_END_ENCODED) {
                nodes.set(added, new Node(node.parent, node.lengthFactor, true)); // where a run is null its value is
                // The run ends go first. Each run has a value, and there may be more values.
                pending.push(new Pending(field.children().get(1), new Node(added + 1, 1, false)));
                pending.push(new Pending(field.children().get(0), new Node(added, NOT_EMPTY, true)));
            } else {
                boolean isMap = type.id() == IpcTypeId.MAP; // whose entries are never null
                pushAll(field.children(), new Node(added, childFactor(type), isMap));
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

        /** Adds buffers of the last node; {@code valueBits} is for those that have so many bits a value. */
        private void addBuffers(int valueBits, Rule... rules) {
            for (Rule rule : rules) {
                int bits = switch (rule) {
                    case VALIDITY, VALIDITY_V4 -> 1;
                    case FIXED, OFFSETS -> valueBits;
                    case DATA, VARIADIC -> 0;
                };
                buffers.add(new Buffer(nodes.size() - 1, rule, bits));
            }
        }
    }
}
