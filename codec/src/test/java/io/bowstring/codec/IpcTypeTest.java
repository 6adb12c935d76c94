package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IpcTypeTest {
    /** A type table without any field. */
    private static final byte[] EMPTY_TABLE = Wire.bytes("""
            04 00 04 00  // 0 vtable: 4 bytes, of a table of 4 bytes
            04 00 00 00  // 4 table: its vtable at 4 - 4
            """);

    static Stream<Types.Example> examples() {
        return Types.ALL.stream();
    }

    @Test
    void hasAnExampleOfEveryType() {
        Set<IpcTypeId> ids =
                Types.ALL.stream().map(example -> example.type().id()).collect(Collectors.toSet());
        assertThat(ids).isEqualTo(EnumSet.allOf(IpcTypeId.class));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void printsAsPeopleWriteIt(Types.Example example) {
        assertThat(example.type()).hasToString(example.text());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void readsWhatItWrites(Types.Example example) {
        MetadataWriter out = new MetadataWriter(IpcKind.SCHEMA, MessageHeader.V5, 0, false, 64);
        int table = example.type().write(out);
        MetadataReader in = reader(out);

        assertThat(IpcType.read(in, example.type().id(), table, 0, new StringBudget(1000)))
                .isEqualTo(example.type());
    }

    @ParameterizedTest
    @CsvSource({
        "INT, uint0",
        "FLOATING_POINT, float16",
        "'DECIMAL', 'decimal128(0, 0)'",
        "DATE, date64",
        "TIME, time32[ms]",
        "TIMESTAMP, timestamp[s]",
        "INTERVAL, interval[year_month]",
        "UNION, 'sparse_union[0, 1, 2]'",
        "FIXED_SIZE_BINARY, fixed_size_binary[0]",
        "FIXED_SIZE_LIST, fixed_size_list[0]",
        "MAP, map",
        "DURATION, duration[ms]",
        "UTF8, utf8",
    })
    void readsDefaultsOfSchemaFbs(IpcTypeId id, String text) {
        MetadataReader in = new MetadataReader(Unpooled.wrappedBuffer(EMPTY_TABLE), 0, EMPTY_TABLE.length);

        assertThat(IpcType.read(in, id, 4, 3, new StringBudget(0))).hasToString(text);
    }

    @Test
    void printsParametersThatTheFormatDoesNotDefine() {
        assertThat(IpcType.of(IpcTypeId.DATE, 2)).hasToString("?2");
        assertThat(IpcType.of(IpcTypeId.TIMESTAMP, -1)).hasToString("timestamp[?-1]");
    }

    @Test
    void hasTheUnionValuesOfSchemaFbs() {
        assertThat(IpcTypeId.NULL.unionValue()).isEqualTo(1);
        assertThat(IpcTypeId.UTF8.unionValue()).isEqualTo(5);
        assertThat(IpcTypeId.MAP.unionValue()).isEqualTo(17);
        assertThat(IpcTypeId.LARGE_LIST_VIEW.unionValue()).isEqualTo(26);
        assertThat(IpcTypeId.fromUnionValue(26)).isEqualTo(IpcTypeId.LARGE_LIST_VIEW);
        assertThat(IpcTypeId.fromUnionValue(1)).isEqualTo(IpcTypeId.NULL);
    }

    @Test
    void namesItsCommonTypes() {
        assertThat(List.of(IpcType.UTF8, IpcType.BOOL, IpcType.INT64, IpcType.INT32))
                .map(IpcType::toString)
                .containsExactly("utf8", "bool", "int64", "int32");
    }

    @Test
    void differsInTimeZone() {
        assertThat(new IpcType(IpcTypeId.TIMESTAMP, List.of(0), "UTC"))
                .isNotEqualTo(new IpcType(IpcTypeId.TIMESTAMP, List.of(0), "Z"));
    }

    @Test
    void spendsTheStringBudgetOnTimeZones() {
        MetadataWriter out = new MetadataWriter(IpcKind.SCHEMA, MessageHeader.V5, 0, false, 64);
        int table = new IpcType(IpcTypeId.TIMESTAMP, List.of(0), "Europe/Paris").write(out);
        MetadataReader in = reader(out);

        assertThat(IpcType.read(in, IpcTypeId.TIMESTAMP, table, 0, new StringBudget(12))
                        .timeZone())
                .isEqualTo("Europe/Paris");
        assertThatThrownBy(() -> IpcType.read(in, IpcTypeId.TIMESTAMP, table, 0, new StringBudget(11)))
                .hasMessage("schema string bytes: 12 (expected: <= 11)");
    }

    private static MetadataReader reader(MetadataWriter out) {
        ByteBuf bytes = Unpooled.buffer();
        int length = out.finish();
        out.writeTo(bytes);
        return new MetadataReader(bytes, 0, length);
    }
}
