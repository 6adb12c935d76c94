package io.bowstring.codec;

import static io.bowstring.codec.IpcTypeId.DATE;
import static io.bowstring.codec.IpcTypeId.DECIMAL;
import static io.bowstring.codec.IpcTypeId.DURATION;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_BINARY;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_LIST;
import static io.bowstring.codec.IpcTypeId.FLOATING_POINT;
import static io.bowstring.codec.IpcTypeId.INT;
import static io.bowstring.codec.IpcTypeId.INTERVAL;
import static io.bowstring.codec.IpcTypeId.MAP;
import static io.bowstring.codec.IpcTypeId.TIME;
import static io.bowstring.codec.IpcTypeId.TIMESTAMP;
import static io.bowstring.codec.IpcTypeId.UNION;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Every type of Arrow, with each value of its parameters that changes how it is written or read. Not instantiable. */
public final class Types {
    /** Every type with the text that stands for it. */
    public static final List<Example> ALL =
            Stream.concat(parameterised(), plain()).toList();

    private Types() {}

    public record Example(IpcType type, String text) {}

    private static Stream<Example> parameterised() {
        return Stream.of(
                example("int8", INT, 8, 1),
                example("uint16", INT, 16, 0),
                example("int32", INT, 32, 1),
                example("uint64", INT, 64, 0),
                example("float16", FLOATING_POINT, 0),
                example("float32", FLOATING_POINT, 1),
                example("float64", FLOATING_POINT, 2),
                example("decimal32(9, 2)", DECIMAL, 9, 2, 32),
                example("decimal128(38, -3)", DECIMAL, 38, -3, 128),
                example("decimal256(76, 0)", DECIMAL, 76, 0, 256),
                example("date32", DATE, 0),
                example("date64", DATE, 1),
                example("time32[s]", TIME, 0, 32),
                example("time32[ms]", TIME, 1, 32),
                example("time64[us]", TIME, 2, 64),
                example("time64[ns]", TIME, 3, 64),
                example("timestamp[s]", TIMESTAMP, 0),
                example("timestamp[ns]", TIMESTAMP, 3),
                new Example(new IpcType(TIMESTAMP, List.of(2), "UTC"), "timestamp[us, UTC]"),
                example("interval[year_month]", INTERVAL, 0),
                example("interval[day_time]", INTERVAL, 1),
                example("interval[month_day_nano]", INTERVAL, 2),
                example("duration[s]", DURATION, 0),
                example("duration[ms]", DURATION, 1),
                example("sparse_union[5, 127]", UNION, 0, 5, 127),
                example("dense_union[0]", UNION, 1, 0),
                example("dense_union[]", UNION, 1),
                example("fixed_size_binary[16]", FIXED_SIZE_BINARY, 16),
                example("fixed_size_list[3]", FIXED_SIZE_LIST, 3),
                example("map", MAP, 0),
                example("map[sorted]", MAP, 1));
    }

    private static Stream<Example> plain() {
        return Stream.of(IpcTypeId.values())
                .filter(id -> id.parameters().isEmpty())
                .map(id -> example(id.name().toLowerCase(Locale.ROOT), id));
    }

    private static Example example(String text, IpcTypeId id, Integer... parameters) {
        return new Example(IpcType.of(id, parameters), text);
    }
}
