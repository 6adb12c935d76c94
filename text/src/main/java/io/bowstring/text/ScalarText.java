package io.bowstring.text;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntervalDayVector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.IntervalYearVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.types.Types;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Text to values that are not nested: what {@link Scalars} makes of a value is that value again. Not instantiable. */
final class ScalarText {
    private ScalarText() {}

    /** Returns whether an empty text is a value of a type, and not none. */
    static boolean hasEmptyText(ArrowType type) {
        return switch (type.getTypeID()) {
            case Utf8, LargeUtf8, Utf8View, Binary, LargeBinary, BinaryView -> true;
            default -> false;
        };
    }

    /** Returns whether every text is a value of a type. */
    static boolean isText(ArrowType type) {
        return switch (type.getTypeID()) {
            case Utf8, LargeUtf8, Utf8View -> true;
            default -> false;
        };
    }

    /** Returns the value for {@link #set}; null where the text is none of this type. */
    static @Nullable Object parse(ArrowType type, String text) {
        return switch (Types.getMinorTypeForArrowType(type)) {
            case BIT -> parseBool(text);
            case TINYINT, SMALLINT, INT, BIGINT, UINT1, UINT2, UINT4, UINT8 -> parseInt((ArrowType.Int) type, text);
            case FLOAT2 -> NumberText.parseHalf(text);
            case FLOAT4 -> NumberText.parseFloat(text);
            case FLOAT8 -> NumberText.parseDouble(text);
            case DECIMAL, DECIMAL256 -> parseDecimal((ArrowType.Decimal) type, text);
            case VARCHAR, LARGEVARCHAR, VIEWVARCHAR ->
                text.getBytes(StandardCharsets.UTF_8); // readers let Unicode pass
            case VARBINARY, LARGEVARBINARY, VIEWVARBINARY -> parseBinary(text);
            case FIXEDSIZEBINARY -> {
                byte[] bytes = parseBinary(text);
                int width = ((ArrowType.FixedSizeBinary) type).getByteWidth();
                yield bytes == null || bytes.length != width ? null : bytes;
            }
            case DATEDAY -> Temporals.parseDate(text);
            case DATEMILLI -> Temporals.parseDateMillis(text);
            case TIMESEC, TIMEMILLI, TIMEMICRO, TIMENANO ->
                Temporals.parseTime(text, Temporals.unit(((ArrowType.Time) type).getUnit()));
            case TIMESTAMPSEC, TIMESTAMPMILLI, TIMESTAMPMICRO, TIMESTAMPNANO ->
                Temporals.parseTimestamp(text, Temporals.unit(((ArrowType.Timestamp) type).getUnit()), false);
            case TIMESTAMPSECTZ, TIMESTAMPMILLITZ, TIMESTAMPMICROTZ, TIMESTAMPNANOTZ ->
                Temporals.parseTimestamp(text, Temporals.unit(((ArrowType.Timestamp) type).getUnit()), true);
            case DURATION -> Interval.parseDuration(text, Temporals.unit(((ArrowType.Duration) type).getUnit()));
            case INTERVALYEAR, INTERVALDAY, INTERVALMONTHDAYNANO ->
                Interval.parse(text, ((ArrowType.Interval) type).getUnit());
            default -> null;
        };
    }

    private static @Nullable Boolean parseBool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static @Nullable Long parseInt(ArrowType.Int type, String text) {
        int bits = type.getBitWidth();
        if (!type.getIsSigned() && bits == Long.SIZE) {
            return NumberText.parseUnsignedLong(text);
        }
        Long value = NumberText.parseLong(text);
        long max = type.getIsSigned() ? (1L << (bits - 1)) - 1 : (1L << bits) - 1;
        long min = type.getIsSigned() ? -max - 1 : 0;
        return value == null || value < min || value > max ? null : value;
    }

    private static @Nullable BigDecimal parseDecimal(ArrowType.Decimal type, String text) {
        BigDecimal value = NumberText.parseDecimal(text);
        if (value == null) {
            return null;
        }
        BigDecimal plain = value.stripTrailingZeros(); // so that no more digits are made than there may be
        long digits = plain.signum() == 0 ? 1 : (long) plain.precision() + type.getScale() - plain.scale();
        boolean fits = plain.signum() == 0 || (plain.scale() <= type.getScale() && digits <= type.getPrecision());
        return fits ? plain.setScale(type.getScale()) : null;
    }

    private static byte @Nullable [] parseBinary(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Writes a value.
     *
     * @param vector borrowed
     * @param value as {@link #parse} has made it for the vector's type
     */
    static void set(FieldVector vector, int row, Object value) {
        switch (vector.getMinorType()) {
            case BIT -> ((BitVector) vector).setSafe(row, (Boolean) value ? 1 : 0);
            case TINYINT, SMALLINT, INT, BIGINT, UINT1, UINT2, UINT4, UINT8 ->
                ((BaseIntVector) vector).setWithPossibleTruncate(row, (Long) value);
            case FLOAT2 -> ((Float2Vector) vector).setSafe(row, (Short) value);
            case FLOAT4 -> ((Float4Vector) vector).setSafe(row, (Float) value);
            case FLOAT8 -> ((Float8Vector) vector).setSafe(row, (Double) value);
            case DECIMAL -> ((DecimalVector) vector).setSafe(row, (BigDecimal) value);
            case DECIMAL256 -> ((Decimal256Vector) vector).setSafe(row, (BigDecimal) value);
            case VARCHAR, VARBINARY -> ((BaseVariableWidthVector) vector).setSafe(row, (byte[]) value);
            case LARGEVARCHAR, LARGEVARBINARY -> ((BaseLargeVariableWidthVector) vector).setSafe(row, (byte[]) value);
            case VIEWVARCHAR, VIEWVARBINARY -> {
                if (vector.getValueCapacity() == 0) { // from which other vectors grow
                    vector.allocateNew();
                }
                ((BaseVariableWidthViewVector) vector).setSafe(row, (byte[]) value);
            }
            case FIXEDSIZEBINARY -> ((FixedSizeBinaryVector) vector).setSafe(row, (byte[]) value);
            case DATEDAY -> ((DateDayVector) vector).setSafe(row, (Integer) value);
            case DATEMILLI -> ((DateMilliVector) vector).setSafe(row, (Long) value);
            case TIMESEC -> ((TimeSecVector) vector).setSafe(row, ((Long) value).intValue());
            case TIMEMILLI -> ((TimeMilliVector) vector).setSafe(row, ((Long) value).intValue());
            case TIMEMICRO -> ((TimeMicroVector) vector).setSafe(row, (Long) value);
            case TIMENANO -> ((TimeNanoVector) vector).setSafe(row, (Long) value);
            case TIMESTAMPSEC,
                    TIMESTAMPMILLI,
                    TIMESTAMPMICRO,
                    TIMESTAMPNANO,
                    TIMESTAMPSECTZ,
                    TIMESTAMPMILLITZ,
                    TIMESTAMPMICROTZ,
                    TIMESTAMPNANOTZ -> ((TimeStampVector) vector).setSafe(row, (Long) value);
            case DURATION -> ((DurationVector) vector).setSafe(row, (Long) value);
            case INTERVALYEAR -> ((IntervalYearVector) vector).setSafe(row, ((Interval) value).months());
            case INTERVALDAY -> {
                Interval interval = (Interval) value;
                ((IntervalDayVector) vector).setSafe(row, interval.days(), interval.millis());
            }
            case INTERVALMONTHDAYNANO -> {
                Interval interval = (Interval) value;
                ((IntervalMonthDayNanoVector) vector)
                        .setSafe(row, interval.months(), interval.days(), interval.nanos());
            }
            default -> throw new IllegalArgumentException("type: " + vector.getField());
        }
    }
}
