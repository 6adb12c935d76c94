package io.bowstring.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.IntervalDayVector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.IntervalYearVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * Values that are not nested, as Java objects that a JSON document can have: {@code Number}, {@code Boolean} or
 * {@code String}. Not instantiable.
 */
final class Scalars {
    private static final int MAX_SCALE = 100;

    private Scalars() {}

    /** Returns a value that is not null. */
    static Object read(FieldVector vector, int row) {
        return switch (vector.getMinorType()) {
            case TINYINT, SMALLINT, INT, BIGINT, UINT1, UINT2, UINT4 -> ((BaseIntVector) vector).getValueAsLong(row);
            case UINT8 -> ((UInt8Vector) vector).getObjectNoOverflow(row);
            case FLOAT2 -> ((Float2Vector) vector).getValueAsFloat(row);
            case BIT -> ((BitVector) vector).get(row) != 0;
            case FLOAT4, FLOAT8, DECIMAL, DECIMAL256 -> vector.getObject(row);
            case VARBINARY, LARGEVARBINARY, VIEWVARBINARY, FIXEDSIZEBINARY ->
                Base64.getEncoder().encodeToString((byte[]) vector.getObject(row));
            case DATEDAY -> Temporals.date(((DateDayVector) vector).get(row));
            case DATEMILLI -> Temporals.dateMillis(((DateMilliVector) vector).get(row));
            case TIMESEC -> Temporals.time(((TimeSecVector) vector).get(row), TimeUnit.SECONDS);
            case TIMEMILLI -> Temporals.time(((TimeMilliVector) vector).get(row), TimeUnit.MILLISECONDS);
            case TIMEMICRO -> Temporals.time(((TimeMicroVector) vector).get(row), TimeUnit.MICROSECONDS);
            case TIMENANO -> Temporals.time(((TimeNanoVector) vector).get(row), TimeUnit.NANOSECONDS);
            case TIMESTAMPSEC,
                    TIMESTAMPSECTZ,
                    TIMESTAMPMILLI,
                    TIMESTAMPMILLITZ,
                    TIMESTAMPMICRO,
                    TIMESTAMPMICROTZ,
                    TIMESTAMPNANO,
                    TIMESTAMPNANOTZ -> timestamp((TimeStampVector) vector, row);
            case INTERVALYEAR -> new Interval(((IntervalYearVector) vector).get(row), 0, 0).toString();
            case INTERVALDAY -> days(vector.getDataBuffer(), (long) row * IntervalDayVector.TYPE_WIDTH);
            case INTERVALMONTHDAYNANO ->
                months(vector.getDataBuffer(), (long) row * IntervalMonthDayNanoVector.TYPE_WIDTH);
            case DURATION -> duration((DurationVector) vector, row);
            default -> vector.getObject(row).toString();
        };
    }

    private static String timestamp(TimeStampVector vector, int row) {
        ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
        @Nullable String zone = type.getTimezone();
        return Temporals.timestamp(vector.get(row), Temporals.unit(type.getUnit()), zone);
    }

    /** Returns a duration, which arrow-java would cut to what nanoseconds can count. */
    private static String duration(DurationVector vector, int row) {
        TimeUnit unit = Temporals.unit(((ArrowType.Duration) vector.getField().getType()).getUnit());
        long value = DurationVector.get(vector.getDataBuffer(), row);
        long perSecond = unit.convert(1, TimeUnit.SECONDS);
        return Duration.ofSeconds(Math.floorDiv(value, perSecond), unit.toNanos(Math.floorMod(value, perSecond)))
                .toString();
    }

    /** Returns an interval of days and milliseconds, which arrow-java would add. */
    private static String days(ArrowBuf data, long at) {
        return new Interval(0, data.getInt(at), TimeUnit.MILLISECONDS.toNanos(data.getInt(at + Integer.BYTES)))
                .toString();
    }

    private static String months(ArrowBuf data, long at) {
        return new Interval(data.getInt(at), data.getInt(at + Integer.BYTES), data.getLong(at + Long.BYTES)).toString();
    }

    /** Returns whether the values of a type are numbers, which stand to the right in a table. */
    static boolean isNumeric(ArrowType type) {
        return switch (type.getTypeID()) {
            case Int, FloatingPoint, Decimal -> true;
            default -> false;
        };
    }

    /** Returns a value as text: decimals with all their digits, unless a scale makes more of them than anybody reads. */
    static String text(Object value) {
        boolean isPlain = value instanceof BigDecimal decimal && Math.abs((long) decimal.scale()) <= MAX_SCALE;
        return isPlain ? ((BigDecimal) value).toPlainString() : value.toString();
    }
}
