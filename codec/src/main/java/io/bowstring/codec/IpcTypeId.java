package io.bowstring.codec;

import java.util.List;

/**
 * The logical types of Arrow, in the order of the {@code Type} union of {@code Schema.fbs}, each with the scalar
 * parameters of its table in order of declaration.
 *
 * <p>Immutable.
 */
public enum IpcTypeId {
    NULL,
    INT(Parameter.int32("bitWidth", 0), Parameter.bool("is_signed")),
    FLOATING_POINT(Parameter.int16("precision", 0)),
    BINARY,
    UTF8,
    BOOL,
    DECIMAL(Parameter.int32("precision", 0), Parameter.int32("scale", 0), Parameter.int32("bitWidth", 128)),
    DATE(Parameter.int16("unit", 1)),
    TIME(Parameter.int16("unit", 1), Parameter.int32("bitWidth", 32)),
    /** Has a time zone besides its unit. */
    TIMESTAMP(Parameter.int16("unit", 0)),
    INTERVAL(Parameter.int16("unit", 0)),
    LIST,
    STRUCT,
    /** Has type ids besides its mode; where the ids are left out they are 0, 1, 2 ... */
    UNION(Parameter.int16("mode", 0)),
    FIXED_SIZE_BINARY(Parameter.int32("byteWidth", 0)),
    FIXED_SIZE_LIST(Parameter.int32("listSize", 0)),
    MAP(Parameter.bool("keysSorted")),
    DURATION(Parameter.int16("unit", 1)),
    LARGE_BINARY,
    LARGE_UTF8,
    LARGE_LIST,
    RUN_END_ENCODED,
    BINARY_VIEW,
    UTF8_VIEW,
    LIST_VIEW,
    LARGE_LIST_VIEW;

    private static final IpcTypeId[] VALUES = values();

    private final List<Parameter> parameters;

    IpcTypeId(Parameter... parameters) {
        this.parameters = List.of(parameters);
    }

    /** Returns the value of {@code Field.type_type}. */
    int unionValue() {
        return ordinal() + 1;
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
