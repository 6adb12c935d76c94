package io.bowstring.cli;

import io.bowstring.cli.Literal.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * What a column of a text file can be, what says most first: of the types that all values have, a column gets the first.
 * Parses values and writes them to vectors. Immutable.
 */
enum ColumnType {
    BOOL("bool"),
    INT64("int64"),
    FLOAT64("float64"),
    DATE("date32"),
    MICROS("timestamp[us]"),
    NANOS("timestamp[ns]"),
    UTC_MICROS("timestamp[us, UTC]"),
    UTC_NANOS("timestamp[ns, UTC]"),
    UTF8("utf8");

    private final String text;

    ColumnType(String text) {
        this.text = text;
    }

    /**
     * Returns the type with this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static ColumnType parse(String name) {
        for (ColumnType type : values()) {
            if (type.text.equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("type: " + name + " (expected: one of " + List.of(values()) + ")");
    }

    /** Returns the type as Arrow has it. */
    ArrowType arrowType() {
        return switch (this) {
            case BOOL -> MinorType.BIT.getType();
            case INT64 -> MinorType.BIGINT.getType();
            case FLOAT64 -> MinorType.FLOAT8.getType();
            case DATE -> MinorType.DATEDAY.getType();
            case MICROS -> MinorType.TIMESTAMPMICRO.getType();
            case NANOS -> MinorType.TIMESTAMPNANO.getType();
            case UTC_MICROS -> new ArrowType.Timestamp(org.apache.arrow.vector.types.TimeUnit.MICROSECOND, "UTC");
            case UTC_NANOS -> new ArrowType.Timestamp(org.apache.arrow.vector.types.TimeUnit.NANOSECOND, "UTC");
            case UTF8 -> MinorType.VARCHAR.getType();
        };
    }

    /** Returns whether values of a kind can be of this type at all. */
    boolean isOf(Kind kind) {
        Kind own = switch (this) {
            case BOOL -> Kind.TRUTH;
            case INT64, FLOAT64 -> Kind.NUMBER;
            case DATE, MICROS, NANOS, UTC_MICROS, UTC_NANOS, UTF8 -> Kind.STRING;
        };
        return kind == own || kind == Kind.FIELD;
    }

    /** Returns whether a column of this type can hold a value as it is. */
    boolean accepts(Literal literal) {
        return literal.isBlank() || parse(literal) != null;
    }

    /**
     * Writes a value.
     *
     * @param vector of this type; borrowed
     * @param literal null for no value
     * @return false where this type cannot hold it, and nothing has been written
     */
    boolean write(FieldVector vector, int row, @Nullable Literal literal) {
        if (literal == null || (literal.isBlank() && this != UTF8)) {
            vector.setNull(row);
            return true;
        }
        Object value = parse(literal);
        if (value == null) {
            return false;
        }
        switch (this) {
            case BOOL -> ((BitVector) vector).setSafe(row, (Boolean) value ? 1 : 0);
            case INT64 -> ((BigIntVector) vector).setSafe(row, (Long) value);
            case FLOAT64 -> ((Float8Vector) vector).setSafe(row, (Double) value);
            case DATE -> ((DateDayVector) vector).setSafe(row, (Integer) value);
            case MICROS, NANOS, UTC_MICROS, UTC_NANOS -> ((TimeStampVector) vector).setSafe(row, (Long) value);
            case UTF8 -> ((VarCharVector) vector).setSafe(row, (byte[]) value);
        }
        return true;
    }

    /** Returns the value as {@link #write} has it; null where it is not of this type. */
    private @Nullable Object parse(Literal literal) {
        if (!isOf(literal.kind())) {
            return null;
        }
        String value = literal.text();
        return switch (this) {
            case BOOL -> parseBool(value);
            case INT64 -> Numbers.parseLong(value);
            case FLOAT64 -> Numbers.parseDouble(value);
            case DATE -> Temporals.parseDate(value);
            case MICROS -> Temporals.parseTimestamp(value, TimeUnit.MICROSECONDS, false);
            case NANOS -> Temporals.parseTimestamp(value, TimeUnit.NANOSECONDS, false);
            case UTC_MICROS -> Temporals.parseTimestamp(value, TimeUnit.MICROSECONDS, true);
            case UTC_NANOS -> Temporals.parseTimestamp(value, TimeUnit.NANOSECONDS, true);
            case UTF8 -> value.getBytes(StandardCharsets.UTF_8); // readers let only Unicode pass
        };
    }

    private static @Nullable Boolean parseBool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
