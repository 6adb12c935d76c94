package io.bowstring.codec;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** What the parameters and children of each type may be. Not instantiable. */
final class TypeRules {
    private static final int DENSE = 1;
    private static final int MILLISECOND = 1;
    private static final int[] TIME_UNITS = {0, 1, 2, 3};
    private static final List<IpcType> RUN_END_TYPES =
            List.of(IpcType.of(IpcTypeId.INT, 16, 1), IpcType.INT32, IpcType.INT64);

    private TypeRules() {}

    /**
     * Checks how many children a field has for its type, and what they are where that matters.
     *
     * @throws IpcException {@code MALFORMED}
     */
    static void check(IpcField field) {
        IpcType type = field.type();
        int children = field.children().size();
        int expected = switch (type.id()) {
            case LIST, LARGE_LIST, LIST_VIEW, LARGE_LIST_VIEW, FIXED_SIZE_LIST, MAP -> 1;
            case RUN_END_ENCODED -> 2;
            case UNION -> type.parameters().size() - 1;
            case STRUCT -> children;
            default -> 0;
        };
        if (children != expected) {
            throw IpcException.malformed(
                    "children of " + IpcMessage.excerpt(field.name()), children, String.valueOf(expected));
        }
        switch (type.id()) {
            case UNION -> checkUnion(field);
            case MAP -> checkMap(field);
            case RUN_END_ENCODED -> checkRunEnds(field);
            case FIXED_SIZE_LIST ->
                requireInRange(field.name(), "listSize", type.parameters().get(0), 0, Integer.MAX_VALUE);
            default -> {}
        }
    }

    private static void checkUnion(IpcField field) {
        List<Integer> parameters = field.type().parameters();
        requireOneOf(field.name(), "mode", parameters.get(0), 0, DENSE);
        List<Integer> typeIds = parameters.subList(1, parameters.size());
        for (int id : typeIds) {
            requireInRange(field.name(), "type id", id, 0, Byte.MAX_VALUE);
            if (Collections.frequency(typeIds, id) != 1) {
                throw IpcException.malformed("type id of " + IpcMessage.excerpt(field.name()), id, "each once");
            }
        }
    }

    /** A map's one child is a struct of a key and a value. Neither the struct nor the key may be null. */
    private static void checkMap(IpcField field) {
        IpcField entries = field.children().get(0);
        boolean isPairs = entries.type().id() == IpcTypeId.STRUCT
                && entries.dictionary() == null
                && entries.children().size() == 2;
        if (!isPairs || entries.isNullable() || entries.children().get(0).isNullable()) {
            String rule = "a struct of key and value, neither struct nor key nullable";
            throw IpcException.malformed("entries of " + IpcMessage.excerpt(field.name()), entries.type(), rule);
        }
    }

    private static void checkRunEnds(IpcField field) {
        IpcField runEnds = field.children().get(0);
        if (!RUN_END_TYPES.contains(runEnds.type()) || runEnds.dictionary() != null) {
            throw IpcException.malformed(
                    "run ends of " + IpcMessage.excerpt(field.name()), runEnds.type(), RUN_END_TYPES.toString());
        }
    }

    static boolean isDense(IpcType union) {
        return union.parameters().get(0) == DENSE;
    }

    /** Returns the width of an integer type in bits; {@code name} is that of the field. */
    static int intBits(String name, IpcType type) {
        return requireOneOf(name, "bitWidth", type.parameters().get(0), 8, 16, 32, 64);
    }

    /** Returns the width of a value of a type of fixed width, in bits. */
    static int valueBits(IpcField field) {
        List<Integer> parameters = field.type().parameters();
        return switch (field.type().id()) {
            case BOOL -> 1;
            case INT -> intBits(field.name(), field.type());
            case FLOATING_POINT -> 16 << requireOneOf(field.name(), "precision", parameters.get(0), 0, 1, 2);
            case DECIMAL -> decimalBits(field, parameters.get(2), parameters.get(0));
            case DATE -> 32 << requireOneOf(field.name(), "unit", parameters.get(0), 0, 1);
            case TIME -> {
                int unit = requireOneOf(field.name(), "unit", parameters.get(0), TIME_UNITS);
                yield requireOneOf(field.name(), "bitWidth", parameters.get(1), unit <= MILLISECOND ? 32 : 64);
            }
            case TIMESTAMP, DURATION -> {
                requireOneOf(field.name(), "unit", parameters.get(0), TIME_UNITS);
                yield 64;
            }
            case INTERVAL -> 32 << requireOneOf(field.name(), "unit", parameters.get(0), 0, 1, 2);
            case FIXED_SIZE_BINARY ->
                8 * requireInRange(field.name(), "byteWidth", parameters.get(0), 0, Integer.MAX_VALUE / 8);
            default ->
                throw new IllegalArgumentException("type: " + field.type() + " (expected: one of a fixed width)");
        };
    }

    private static int decimalBits(IpcField field, int bits, int precision) {
        int maxPrecision = switch (requireOneOf(field.name(), "bitWidth", bits, 32, 64, 128, 256)) {
            case 32 -> 9;
            case 64 -> 18;
            case 128 -> 38;
            default -> 76;
        };
        requireInRange(field.name(), "precision", precision, 1, maxPrecision);
        return bits;
    }

    private static int requireOneOf(String name, String parameter, int value, int... allowed) {
        if (IntStream.of(allowed).noneMatch(one -> one == value)) {
            throw IpcException.malformed(
                    parameter + " of " + IpcMessage.excerpt(name), value, Arrays.toString(allowed));
        }
        return value;
    }

    private static int requireInRange(String name, String parameter, int value, int min, int max) {
        if (value < min || value > max) {
            throw IpcException.malformed(parameter + " of " + IpcMessage.excerpt(name), value, min + ".." + max);
        }
        return value;
    }
}
