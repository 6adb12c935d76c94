package io.bowstring.vector;

import io.bowstring.codec.IpcType;
import java.util.List;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** The codec's types as arrow-java has them. Not instantiable. */
final class ArrowTypes {
    private static final List<FloatingPointPrecision> PRECISIONS = List.of(FloatingPointPrecision.values());
    private static final List<DateUnit> DATE_UNITS = List.of(DateUnit.values());
    private static final List<TimeUnit> TIME_UNITS = List.of(TimeUnit.values());
    private static final List<IntervalUnit> INTERVAL_UNITS = List.of(IntervalUnit.values());

    private ArrowTypes() {}

    /**
     * Returns the type as arrow-java has it.
     *
     * @param type of a schema whose parameters have been verified
     * @throws IllegalArgumentException if arrow-java does not have it
     */
    static ArrowType toArrow(IpcType type) {
        List<Integer> parameters = type.parameters();
        return switch (type.id()) {
            case NULL -> ArrowType.Null.INSTANCE;
            case INT -> toInt(type);
            case FLOATING_POINT -> new ArrowType.FloatingPoint(PRECISIONS.get(parameters.get(0)));
            case BINARY -> ArrowType.Binary.INSTANCE;
            case UTF8 -> ArrowType.Utf8.INSTANCE;
            case BOOL -> ArrowType.Bool.INSTANCE;
            case DECIMAL -> toDecimal(parameters);
            case DATE -> new ArrowType.Date(DATE_UNITS.get(parameters.get(0)));
            case TIME -> new ArrowType.Time(TIME_UNITS.get(parameters.get(0)), parameters.get(1));
            case TIMESTAMP -> {
                String timeZone = type.timeZone().isEmpty() ? null : type.timeZone();
                yield new ArrowType.Timestamp(TIME_UNITS.get(parameters.get(0)), timeZone);
            }
            case INTERVAL -> new ArrowType.Interval(INTERVAL_UNITS.get(parameters.get(0)));
            case LIST -> ArrowType.List.INSTANCE;
            case STRUCT -> ArrowType.Struct.INSTANCE;
            case UNION -> toUnion(parameters);
            case FIXED_SIZE_BINARY -> toFixedSizeBinary(parameters.get(0));
            case FIXED_SIZE_LIST -> new ArrowType.FixedSizeList(parameters.get(0));
            case MAP -> new ArrowType.Map(parameters.get(0) != 0);
            case DURATION -> new ArrowType.Duration(TIME_UNITS.get(parameters.get(0)));
            case LARGE_BINARY -> ArrowType.LargeBinary.INSTANCE;
            case LARGE_UTF8 -> ArrowType.LargeUtf8.INSTANCE;
            case LARGE_LIST -> ArrowType.LargeList.INSTANCE;
            case RUN_END_ENCODED -> ArrowType.RunEndEncoded.INSTANCE;
            case BINARY_VIEW -> ArrowType.BinaryView.INSTANCE;
            case UTF8_VIEW -> ArrowType.Utf8View.INSTANCE;
            case LIST_VIEW -> ArrowType.ListView.INSTANCE;
            case LARGE_LIST_VIEW -> ArrowType.LargeListView.INSTANCE;
        };
    }

    /** Returns the type in which the values of an extension type are stored; any other type is its own. */
    static ArrowType storage(ArrowType type) {
        ArrowType storage = type;
        while (storage instanceof ArrowType.ExtensionType extension) {
            storage = extension.storageType();
        }
        return storage;
    }

    /** Returns an integer type, what a dictionary's indices have. */
    static ArrowType.Int toInt(IpcType type) {
        return new ArrowType.Int(type.parameters().get(0), type.parameters().get(1) != 0);
    }

    private static ArrowType toDecimal(List<Integer> parameters) {
        int bits = Math.max(parameters.get(2), WideDecimals.BITS);
        return new ArrowType.Decimal(parameters.get(0), parameters.get(1), bits);
    }

    private static ArrowType toFixedSizeBinary(int bytes) {
        if (bytes == 0) {
            throw new IllegalArgumentException("values of at least a byte"); // by which its vectors divide
        }
        return new ArrowType.FixedSizeBinary(bytes);
    }

    private static ArrowType toUnion(List<Integer> parameters) {
        int[] typeIds = parameters.stream().skip(1).mapToInt(Integer::intValue).toArray();
        return new ArrowType.Union(parameters.get(0) == 0 ? UnionMode.Sparse : UnionMode.Dense, typeIds);
    }
}
