package io.bowstring.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Parses types as users write them:
 *
 * <pre>
 *   int64   timestamp[us, UTC]   decimal128(9, 2)   fixed_size_binary[16]
 *   list&lt;T&gt;   fixed_size_list[3]&lt;T&gt;   struct&lt;a: T, "b c": T&gt;   map&lt;K, V&gt;
 * </pre>
 *
 * <p>Confined to the caller's thread.
 */
final class TypeParser {
    /** What the user is told. */
    static final String RULE = "one of null, bool, int8..int64, uint8..uint64, float16, float32, float64,"
            + " decimal128(P, S), decimal256(P, S), utf8, large_utf8, utf8_view, binary, large_binary, binary_view,"
            + " fixed_size_binary[N], date32, date64, time32[s|ms], time64[us|ns], timestamp[s|ms|us|ns],"
            + " timestamp[s|ms|us|ns, ZONE], duration[s|ms|us|ns], interval[year_month|day_time|month_day_nano],"
            + " list<T>, large_list<T>, fixed_size_list[N]<T>, struct<NAME: T, ...>, map<K, V>";

    private static final Map<String, ArrowType> PLAIN = Map.ofEntries(
            Map.entry("null", ArrowType.Null.INSTANCE),
            Map.entry("bool", ArrowType.Bool.INSTANCE),
            Map.entry("int8", new ArrowType.Int(8, true)),
            Map.entry("int16", new ArrowType.Int(16, true)),
            Map.entry("int32", new ArrowType.Int(32, true)),
            Map.entry("int64", new ArrowType.Int(64, true)),
            Map.entry("uint8", new ArrowType.Int(8, false)),
            Map.entry("uint16", new ArrowType.Int(16, false)),
            Map.entry("uint32", new ArrowType.Int(32, false)),
            Map.entry("uint64", new ArrowType.Int(64, false)),
            Map.entry("float16", new ArrowType.FloatingPoint(FloatingPointPrecision.HALF)),
            Map.entry("float32", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
            Map.entry("float64", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
            Map.entry("utf8", ArrowType.Utf8.INSTANCE),
            Map.entry("string", ArrowType.Utf8.INSTANCE),
            Map.entry("large_utf8", ArrowType.LargeUtf8.INSTANCE),
            Map.entry("utf8_view", ArrowType.Utf8View.INSTANCE),
            Map.entry("binary", ArrowType.Binary.INSTANCE),
            Map.entry("large_binary", ArrowType.LargeBinary.INSTANCE),
            Map.entry("binary_view", ArrowType.BinaryView.INSTANCE),
            Map.entry("date32", new ArrowType.Date(DateUnit.DAY)),
            Map.entry("date64", new ArrowType.Date(DateUnit.MILLISECOND)));

    private static final Map<String, TimeUnit> UNITS = Map.of(
            "s", TimeUnit.SECOND, "ms", TimeUnit.MILLISECOND, "us", TimeUnit.MICROSECOND, "ns", TimeUnit.NANOSECOND);

    private static final Map<String, IntervalUnit> INTERVALS = Map.of(
            "year_month", IntervalUnit.YEAR_MONTH,
            "day_time", IntervalUnit.DAY_TIME,
            "month_day_nano", IntervalUnit.MONTH_DAY_NANO);

    private static final int MAX_DEPTH = 64;
    private static final int MAX_WIDTH_BYTES = 1 << 20;
    private static final int MAX_DECIMAL128_DIGITS = 38;
    private static final int MAX_DECIMAL256_DIGITS = 76;

    private final String text;
    private int at;
    private int depth;

    private TypeParser(String text) {
        this.text = text;
    }

    /**
     * Returns a field of a type, which has no name.
     *
     * @throws IllegalArgumentException if there is no such type
     */
    static Field parse(String text) {
        TypeParser parser = new TypeParser(text);
        Field field = parser.type("", true);
        if (parser.at < text.length()) {
            throw parser.wrong();
        }
        return field;
    }

    private Field type(String name, boolean isNullable) {
        if (++depth > MAX_DEPTH) {
            throw wrong();
        }
        String word = word();
        ArrowType plain = PLAIN.get(word);
        Field field = plain != null
                ? field(name, isNullable, plain, List.of())
                : switch (word) {
                    case "decimal128" -> decimal(name, isNullable, 128, MAX_DECIMAL128_DIGITS);
                    case "decimal256" -> decimal(name, isNullable, 256, MAX_DECIMAL256_DIGITS);
                    case "list" -> field(name, isNullable, ArrowType.List.INSTANCE, List.of(element()));
                    case "large_list" -> field(name, isNullable, ArrowType.LargeList.INSTANCE, List.of(element()));
                    case "fixed_size_list" -> {
                        ArrowType type = new ArrowType.FixedSizeList(number(bracketed(), Integer.MAX_VALUE));
                        yield field(name, isNullable, type, List.of(element()));
                    }
                    case "struct" -> field(name, isNullable, ArrowType.Struct.INSTANCE, members());
                    case "map" -> field(name, isNullable, new ArrowType.Map(false), List.of(entries()));
                    default -> field(name, isNullable, withBrackets(word), List.of());
                };
        depth--;
        return field;
    }

    private static Field field(String name, boolean isNullable, ArrowType type, List<Field> children) {
        return new Field(name, new FieldType(isNullable, type, null), children);
    }

    private ArrowType withBrackets(String word) {
        String inside = bracketed();
        return switch (word) {
            case "fixed_size_binary" -> new ArrowType.FixedSizeBinary(positive(inside, MAX_WIDTH_BYTES));
            case "time32" -> new ArrowType.Time(unit(inside, "s", "ms"), 32);
            case "time64" -> new ArrowType.Time(unit(inside, "us", "ns"), 64);
            case "duration" -> new ArrowType.Duration(unit(inside, inside));
            case "timestamp" -> {
                int comma = inside.indexOf(',');
                String unit = comma < 0 ? inside : inside.substring(0, comma).strip();
                yield new ArrowType.Timestamp(
                        unit(unit, unit),
                        comma < 0 ? null : inside.substring(comma + 1).strip());
            }
            case "interval" -> {
                IntervalUnit unit = INTERVALS.get(inside);
                if (unit == null) {
                    throw wrong();
                }
                yield new ArrowType.Interval(unit);
            }
            default -> throw wrong();
        };
    }

    private Field decimal(String name, boolean isNullable, int bits, int maxDigits) {
        require('(');
        String precision = until(',');
        String scale = until(')');
        int digits = positive(precision.strip(), maxDigits);
        int fraction = scale.strip().startsWith("-")
                ? -number(scale.strip().substring(1), maxDigits)
                : number(scale.strip(), maxDigits);
        return field(name, isNullable, new ArrowType.Decimal(digits, fraction, bits), List.of());
    }

    private Field element() {
        return inAngles(() -> type("item", true));
    }

    private Field entries() {
        return inAngles(() -> {
            Field key = type(MapVector.KEY_NAME, false);
            require(',');
            Field value = type(MapVector.VALUE_NAME, true);
            return field(MapVector.DATA_VECTOR_NAME, false, ArrowType.Struct.INSTANCE, List.of(key, value));
        });
    }

    private List<Field> members() {
        return inAngles(() -> {
            List<Field> members = new ArrayList<>();
            while (!isNext('>')) {
                if (!members.isEmpty()) {
                    require(',');
                }
                String name = name();
                require(':');
                members.add(type(name, true));
            }
            if (members.stream().map(Field::getName).distinct().count() < members.size()) {
                throw wrong();
            }
            return members;
        });
    }

    private <T> T inAngles(Supplier<T> inside) {
        require('<');
        T parsed = inside.get();
        require('>');
        return parsed;
    }

    /** A name of a member: up to the colon, or in quotes, quotes doubled. */
    private String name() {
        if (!isNext('"')) {
            return until(':', true).strip();
        }
        StringBuilder name = new StringBuilder();
        do {
            at++;
            int end = text.indexOf('"', at);
            if (end < 0) {
                throw wrong();
            }
            name.append(text, at, end);
            at = end + 1;
            if (at < text.length() && text.charAt(at) == '"') {
                name.append('"');
            } else {
                return name.toString();
            }
        } while (true);
    }

    private String word() {
        skipBlanks();
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        return text.substring(start, at);
    }

    private String bracketed() {
        require('[');
        return until(']').strip();
    }

    private String until(char end) {
        return until(end, false);
    }

    private String until(char end, boolean isKept) {
        int index = text.indexOf(end, at);
        if (index < 0) {
            throw wrong();
        }
        String part = text.substring(at, index);
        at = isKept ? index : index + 1;
        return part;
    }

    private TimeUnit unit(String name, String... allowed) {
        TimeUnit unit = UNITS.get(name);
        if (unit == null || !List.of(allowed).contains(name)) {
            throw wrong();
        }
        return unit;
    }

    private int number(String digits, int max) {
        Long number = NumberText.parseLong(digits);
        if (number == null || number < 0 || number > max) {
            throw wrong();
        }
        return number.intValue();
    }

    private int positive(String digits, int max) {
        int number = number(digits, max);
        if (number == 0) {
            throw wrong();
        }
        return number;
    }

    private boolean isNext(char c) {
        skipBlanks();
        return at < text.length() && text.charAt(at) == c;
    }

    private void require(char c) {
        if (!isNext(c)) {
            throw wrong();
        }
        at++;
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("type: " + text + " (expected: " + RULE + ")");
    }
}
