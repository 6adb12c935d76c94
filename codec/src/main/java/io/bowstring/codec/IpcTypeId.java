package io.bowstring.codec;

import java.util.List;

/**
 * The logical types of Arrow, each with its value in the {@code Type} union of {@code Schema.fbs}, in that order, and the
 * scalar parameters of its table in order of declaration.
 *
 * <p>Immutable.
 */
public enum IpcTypeId {
    NULL(1),
    INT(2, Parameter.int32("bitWidth", 0), Parameter.bool("is_signed")),
    FLOATING_POINT(3, Parameter.int16("precision", 0)),
    BINARY(4),
    UTF8(5),
    BOOL(6),
    DECIMAL(7, Parameter.int32("precision", 0), Parameter.int32("scale", 0), Parameter.int32("bitWidth", 128)),
    DATE(8, Parameter.int16("unit", 1)),
    TIME(9, Parameter.int16("unit", 1), Parameter.int32("bitWidth", 32)),
    /** Has a time zone besides its unit. */
    TIMESTAMP(10, Parameter.int16("unit", 0)),
    INTERVAL(11, Parameter.int16("unit", 0)),
    LIST(12),
    STRUCT(13),
    /** Has type ids besides its mode; where the ids are left out they are 0, 1, 2 ... */
    UNION(14, Parameter.int16("mode", 0)),
    FIXED_SIZE_BINARY(15, Parameter.int32("byteWidth", 0)),
    FIXED_SIZE_LIST(16, Parameter.int32("listSize", 0)),
    MAP(17, Parameter.bool("keysSorted")),
    DURATION(18, Parameter.int16("unit", 1)),
    LARGE_BINARY(19),
    LARGE_UTF8(20),
    LARGE_LIST(21),
    RUN_END_ENCODED(22),
    BINARY_VIEW(23),
    UTF8_VIEW(24),
    LIST_VIEW(25),
    LARGE_LIST_VIEW(26);

    private static final IpcTypeId[] VALUES = values();

    private final int unionValue;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<Parameter> parameters;

    IpcTypeId(int unionValue, Parameter... parameters) {
        this.unionValue = unionValue;
        this.parameters = List.of(parameters);
    }

    /** Returns the value of {@code Field.type_type}. */
    int unionValue() {
        return unionValue;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Maps a {@code type_type} from the wire.
     *
     * @throws IpcException {@code UNSUPPORTED} for a type that the format does not define
     */
    static IpcTypeId fromUnionValue(int value) {
        if (value < 1 || value > VALUES.length) {
            throw IpcException.unsupported("type_type", value, "1.." + VALUES.length);
        }
        return VALUES[value - 1];
    }

    /** One scalar of a type table: its width on the wire in bytes and the value it has where it is left out. */
    record Parameter(String name, int bytes, int absent) {
        static Parameter bool(String name) {
            return new Parameter(name, 1, 0);
        }

        static Parameter int16(String name, int absent) {
            return new Parameter(name, 2, absent);
        }

        static Parameter int32(String name, int absent) {
            return new Parameter(name, 4, absent);
        }
    }
}
