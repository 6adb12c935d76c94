package io.bowstring.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Period;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.PeriodDuration;
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
    private static final long MILLIS_PER_DAY = TimeUnit.DAYS.toMillis(1);

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
            case DATEMILLI -> Temporals.date(Math.floorDiv(((DateMilliVector) vector).get(row), MILLIS_PER_DAY));
            case TIMESEC -> Temporals.time(((TimeSecVector) vector).get(row), TimeUnit.SECONDS);
            case TIMEMILLI -> Temporals.time(((TimeMilliVector) vector).get(row), TimeUnit.MILLISECONDS);
            case TIMEMICRO -> Temporals.time(((TimeMicroVector) vector).get(row), TimeUnit.MICROSECONDS);
            case TIMENANO -> Temporals.time(((TimeNanoVector) vector).get(row), TimeUnit.NANOSECONDS);
            case TIMESTAMPSEC, TIMESTAMPSECTZ -> timestamp(vector, row, TimeUnit.SECONDS);
            case TIMESTAMPMILLI, TIMESTAMPMILLITZ -> timestamp(vector, row, TimeUnit.MILLISECONDS);
            case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> timestamp(vector, row, TimeUnit.MICROSECONDS);
            case TIMESTAMPNANO, TIMESTAMPNANOTZ -> timestamp(vector, row, TimeUnit.NANOSECONDS);
            case INTERVALMONTHDAYNANO -> interval(((IntervalMonthDayNanoVector) vector).getObject(row));
            // Text, durations and the other intervals: their objects write themselves, the latter as ISO 8601.
            default -> vector.getObject(row).toString();
        };
    }

    private static String timestamp(FieldVector vector, int row, TimeUnit unit) {
        ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
        @Nullable String zone = type.getTimezone();
        return Temporals.timestamp(((TimeStampVector) vector).get(row), unit, zone);
    }

    /** Returns {@code P1M2DT3S}: a period and a duration are one text in ISO 8601. */
    private static String interval(PeriodDuration value) {
        Period period = value.getPeriod();
        Duration duration = value.getDuration();
        if (duration.isZero()) {
            return period.toString();
        }
        String time = duration.toString().substring(1);
        return (period.isZero() ? "P" : period.toString()) + time;
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
