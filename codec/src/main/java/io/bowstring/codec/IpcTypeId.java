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
    INT(2, new Parameter("bitWidth", 4, 0), new Parameter("is_signed", 1, 0)),
    FLOATING_POINT(3, new Parameter("precision", 2, 0)),
    BINARY(4),
    UTF8(5),
    BOOL(6),
    DECIMAL(7, new Parameter("precision", 4, 0), new Parameter("scale", 4, 0), new Parameter("bitWidth", 4, 128)),
    DATE(8, new Parameter("unit", 2, 1)),
    TIME(9, new Parameter("unit", 2, 1), new Parameter("bitWidth", 4, 32)),
    /** Has a time zone besides its unit. */
    TIMESTAMP(10, new Parameter("unit", 2, 0)),
    INTERVAL(11, new Parameter("unit", 2, 0)),
    LIST(12),
    STRUCT(13),
    /** Has type ids besides its mode; where the ids are left out they are 0, 1, 2 ... */
    UNION(14, new Parameter("mode", 2, 0)),
    FIXED_SIZE_BINARY(15, new Parameter("byteWidth", 4, 0)),
    FIXED_SIZE_LIST(16, new Parameter("listSize", 4, 0)),
    MAP(17, new Parameter("keysSorted", 1, 0)),
    DURATION(18, new Parameter("unit", 2, 1)),
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
    record Parameter(String name, int bytes, int absent) {}
}
