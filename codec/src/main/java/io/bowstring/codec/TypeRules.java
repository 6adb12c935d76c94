package io.bowstring.codec;

import java.util.Arrays;
import java.util.List;

/** What the parameters and children of each type may be. Not instantiable. */
final class TypeRules {
    private static final int DENSE = 1;

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
            throw IpcException.malformed("children of " + describe(field), children, String.valueOf(expected));
        }
        switch (type.id()) {
            case UNION -> requireOneOf(field, "mode", type.parameters().get(0), 0, DENSE);
            case FIXED_SIZE_LIST -> requireNotNegative(field, type.parameters().get(0));
            default -> {}
        }
    }

    static boolean isDense(IpcType union) {
        return union.parameters().get(0) == DENSE;
    }

    /** Returns the width of an integer type in bits. */
    static int intBits(String name, IpcType type) {
        int bits = type.parameters().get(0);
        if (type.id() != IpcTypeId.INT || !List.of(8, 16, 32, 64).contains(bits)) {
            throw IpcException.malformed("type of " + IpcMessage.excerpt(name), type, "an integer of 8 to 64 bits");
        }
        return bits;
    }

    /** Returns the width of a value of a type of fixed width, in bits. */
    static int valueBits(IpcField field) {
        List<Integer> parameters = field.type().parameters();
        return switch (field.type().id()) {
            case BOOL -> 1;
            case INT -> intBits(field.name(), field.type());
            case FLOATING_POINT -> 16 << requireOneOf(field, "precision", parameters.get(0), 0, 1, 2);
            case DECIMAL -> requireOneOf(field, "bitWidth", parameters.get(2), 32, 64, 128, 256);
            case DATE -> 32 << requireOneOf(field, "unit", parameters.get(0), 0, 1);
            case TIME -> requireOneOf(field, "bitWidth", parameters.get(1), 32, 64);
            case TIMESTAMP, DURATION -> 64 + 0 * requireOneOf(field, "unit", parameters.get(0), 0, 1, 2, 3);
            case INTERVAL -> 32 << requireOneOf(field, "unit", parameters.get(0), 0, 1, 2);
            case FIXED_SIZE_BINARY -> 8 * requireNotNegative(field, parameters.get(0));
            default -> throw new AssertionError("has no fixed width: " + field.type());
        };
    }

    private static int requireOneOf(IpcField field, String parameter, int value, int... allowed) {
        for (int one : allowed) {
            if (value == one) {
                return value;
            }
        }
        throw IpcException.malformed(parameter + " of " + describe(field), value, Arrays.toString(allowed));
    }

    private static int requireNotNegative(IpcField field, int value) {
        if (value < 0 || value > Integer.MAX_VALUE / 8) {
            throw IpcException.malformed("width of " + describe(field), value, "0.." + Integer.MAX_VALUE / 8);
        }
        return value;
    }

    private static String describe(IpcField field) {
        return IpcMessage.excerpt(field.name());
    }
}
