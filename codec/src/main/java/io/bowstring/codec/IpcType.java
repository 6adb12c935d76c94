package io.bowstring.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A logical type with its parameters. Two types are equal when Arrow readers see the same type. Immutable.
 *
 * @param id which type
 * @param parameters the scalars of the type's table in order of declaration; for a union its mode and then its type ids
 * @param timeZone the time zone of a timestamp; empty where there is none
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Schema.fbs">Schema.fbs</a>
 */
public record IpcType(IpcTypeId id, List<Integer> parameters, String timeZone) {
    /** UTF-8 strings with 32-bit offsets. */
    public static final IpcType UTF8 = of(IpcTypeId.UTF8);
    /** Booleans. */
    public static final IpcType BOOL = of(IpcTypeId.BOOL);
    /** Signed 64-bit integers. */
    public static final IpcType INT64 = of(IpcTypeId.INT, 64, 1);
    /** Signed 32-bit integers, what a dictionary is indexed with unless it says otherwise. */
    public static final IpcType INT32 = of(IpcTypeId.INT, 32, 1);

    /** Copies the parameters. */
    public IpcType {
        parameters = List.copyOf(parameters);
    }

    /** Returns a type without a time zone. */
    public static IpcType of(IpcTypeId id, Integer... parameters) {
        return new IpcType(id, List.of(parameters), "");
    }

    /** Reads the type table at {@code table}; {@code children} completes a union that leaves its type ids out. */
    static IpcType read(MetadataReader in, IpcTypeId id, int table, int children, StringBudget strings) {
        in.uint8(table, 0); // checks the table, also where the type has no parameters
        List<Integer> parameters = new ArrayList<>();
        for (int field = 0; field < id.parameters().size(); field++) {
            parameters.add(readParameter(in, table, field, id.parameters().get(field)));
        }
        if (id == IpcTypeId.UNION) {
            int typeIds = in.vector(table, 1, 4);
            strings.spend(4 * in.count(typeIds));
            int count = typeIds == 0 ? children : in.count(typeIds);
            for (int i = 0; i < count; i++) {
                parameters.add(typeIds == 0 ? i : in.int32(typeIds + 4 + 4 * i));
            }
        }
        String timeZone = id == IpcTypeId.TIMESTAMP ? strings.read(in, in.vector(table, 1, 1)) : "";
        return new IpcType(id, parameters, timeZone);
    }

    private static int readParameter(MetadataReader in, int table, int field, IpcTypeId.Parameter parameter) {
        return switch (parameter.bytes()) {
            case 1 -> in.uint8(table, field) == 0 ? 0 : 1; // a bool, whatever stands for true
            case 2 -> in.int16(table, field, parameter.absent());
            default -> in.int32(table, field, parameter.absent());
        };
    }

    /** Writes the type table and returns its position. */
    int write(MetadataWriter out) {
        List<IpcTypeId.Parameter> layout = id.parameters();
        boolean hasReference = id == IpcTypeId.UNION || !timeZone.isEmpty();
        int fields = layout.size() + (hasReference ? 1 : 0);
        int[] offsets = IntStream.rangeClosed(1, fields).map(i -> 4 * i).toArray();
        int table = out.table(4 + 4 * offsets.length, offsets);
        for (int i = 0; i < layout.size(); i++) {
            out.int32(table + offsets[i], parameters.get(i)); // little-endian: narrower scalars stand in the low bytes
        }
        if (id == IpcTypeId.UNION) {
            List<Integer> typeIds = parameters.subList(1, parameters.size());
            int vector = out.offsets(typeIds.size());
            for (int i = 0; i < typeIds.size(); i++) {
                out.int32(vector + 4 + 4 * i, typeIds.get(i));
            }
            out.point(table + offsets[1], vector);
        } else if (hasReference) {
            out.point(table + offsets[1], out.string(timeZone));
        }
        return table;
    }

    /** Returns the type as people write it, {@code timestamp[us, UTC]} for example. */
    @Override
    public String toString() {
        String name = id.name().toLowerCase(Locale.ROOT);
        return switch (id) {
            case INT -> (parameters.get(1) == 1 ? "int" : "uint") + parameters.get(0);
            case FLOATING_POINT -> choose(parameters.get(0), "float16", "float32", "float64");
            case DECIMAL -> "decimal" + parameters.get(2) + "(" + parameters.get(0) + ", " + parameters.get(1) + ")";
            case DATE -> choose(parameters.get(0), "date32", "date64");
            case TIME -> "time" + parameters.get(1) + "[" + timeUnit() + "]";
            case TIMESTAMP -> "timestamp[" + timeUnit() + (timeZone.isEmpty() ? "" : ", " + timeZone) + "]";
            case DURATION -> "duration[" + timeUnit() + "]";
            case INTERVAL -> "interval[" + choose(parameters.get(0), "year_month", "day_time", "month_day_nano") + "]";
            case UNION ->
                choose(parameters.get(0), "sparse", "dense") + "_union" + parameters.subList(1, parameters.size());
            case FIXED_SIZE_BINARY, FIXED_SIZE_LIST -> name + "[" + parameters.get(0) + "]";
            case MAP -> parameters.get(0) == 1 ? "map[sorted]" : "map";
            default -> name;
        };
    }

    private String timeUnit() {
        return choose(parameters.get(0), "s", "ms", "us", "ns");
    }

    private static String choose(int value, String... names) {
        return value >= 0 && value < names.length ? names[value] : "?" + value;
    }
}
