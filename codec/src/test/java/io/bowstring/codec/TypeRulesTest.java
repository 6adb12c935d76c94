package io.bowstring.codec;

import static io.bowstring.codec.IpcTypeId.DATE;
import static io.bowstring.codec.IpcTypeId.DECIMAL;
import static io.bowstring.codec.IpcTypeId.DURATION;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_BINARY;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_LIST;
import static io.bowstring.codec.IpcTypeId.FLOATING_POINT;
import static io.bowstring.codec.IpcTypeId.INT;
import static io.bowstring.codec.IpcTypeId.INTERVAL;
import static io.bowstring.codec.IpcTypeId.LARGE_LIST;
import static io.bowstring.codec.IpcTypeId.LARGE_LIST_VIEW;
import static io.bowstring.codec.IpcTypeId.LIST;
import static io.bowstring.codec.IpcTypeId.LIST_VIEW;
import static io.bowstring.codec.IpcTypeId.MAP;
import static io.bowstring.codec.IpcTypeId.NULL;
import static io.bowstring.codec.IpcTypeId.RUN_END_ENCODED;
import static io.bowstring.codec.IpcTypeId.STRUCT;
import static io.bowstring.codec.IpcTypeId.TIME;
import static io.bowstring.codec.IpcTypeId.TIMESTAMP;
import static io.bowstring.codec.IpcTypeId.UNION;
import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertMalformedSchema;
import static io.bowstring.codec.StructureProbe.encoded;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.required;
import static io.bowstring.codec.StructureProbe.schema;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Schemas whose types cannot be. */
@ExtendWith(LeakDetection.class)
class TypeRulesTest {
    private static final IpcField LEAF = field(IpcType.BOOL);
    private static final IpcField KEY = required(IpcType.UTF8);
    private static final IpcType STRUCT_TYPE = IpcType.of(STRUCT);
    private static final IpcType INT8 = IpcType.of(INT, 8, 1);

    @Test
    void acceptsEveryTypeWithTheChildrenThatItHas() {
        for (Types.Example example : Types.ALL) {
            assertAccepted(schema(field(example.type(), children(example.type()))));
        }
    }

    private static IpcField[] children(IpcType type) {
        return switch (type.id()) {
            case LIST, LARGE_LIST, LIST_VIEW, LARGE_LIST_VIEW, FIXED_SIZE_LIST -> new IpcField[] {LEAF};
            case MAP -> new IpcField[] {required(STRUCT_TYPE, KEY, LEAF)};
            case RUN_END_ENCODED -> new IpcField[] {required(IpcType.INT32), LEAF};
            case UNION ->
                IntStream.range(1, type.parameters().size()).mapToObj(i -> LEAF).toArray(IpcField[]::new);
            default -> new IpcField[0];
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST", "LARGE_LIST", "LIST_VIEW", "LARGE_LIST_VIEW"})
    void requiresOneChildOfLists(IpcTypeId id) {
        assertMalformedSchema("children of f: 0 (expected: 1)", field(IpcType.of(id)));
        assertMalformedSchema("children of f: 2 (expected: 1)", field(IpcType.of(id), LEAF, LEAF));
    }

    @Test
    void requiresChildrenByType() {
        assertMalformedSchema("children of f: 0 (expected: 1)", field(IpcType.of(MAP, 0)));
        assertMalformedSchema("children of f: 0 (expected: 1)", field(IpcType.of(FIXED_SIZE_LIST, 1)));
        assertMalformedSchema("children of f: 1 (expected: 2)", field(IpcType.of(RUN_END_ENCODED), LEAF));
        assertMalformedSchema("children of f: 1 (expected: 2)", field(IpcType.of(UNION, 0, 1, 2), LEAF));
        assertMalformedSchema("children of f: 1 (expected: 0)", field(IpcType.of(UNION, 0), LEAF));
        assertMalformedSchema("children of f: 1 (expected: 0)", field(IpcType.UTF8, LEAF));
        assertMalformedSchema("children of f: 1 (expected: 0)", field(IpcType.of(NULL), LEAF));
        assertAccepted(schema(field(STRUCT_TYPE), field(STRUCT_TYPE, LEAF, LEAF, LEAF)));
    }

    @Test
    void looksIntoChildrenAndDictionaryValues() {
        IpcField wrong = field(IpcType.of(LIST));

        assertMalformedSchema("children of f: 0 (expected: 1)", field(STRUCT_TYPE, LEAF, wrong));
        assertMalformedSchema("children of f: 0 (expected: 1)", encoded(1, IpcType.of(LIST)));
        assertMalformedSchema("children of f: 0 (expected: 1)", encoded(1, STRUCT_TYPE, wrong));
        assertMalformedSchema(
                "children of f: 0 (expected: 1)", encoded(1, STRUCT_TYPE, encoded(2, STRUCT_TYPE, wrong)));
    }

    @Test
    void requiresWidthsThatAreDefined() {
        assertMalformedSchema("bitWidth of f: 24 (expected: [8, 16, 32, 64])", field(IpcType.of(INT, 24, 1)));
        assertMalformedSchema("bitWidth of f: 0 (expected: [8, 16, 32, 64])", field(IpcType.of(INT, 0, 1)));
        assertMalformedSchema("bitWidth of f: 128 (expected: [8, 16, 32, 64])", field(IpcType.of(INT, 128, 1)));
        assertMalformedSchema("bitWidth of f: -8 (expected: [8, 16, 32, 64])", field(IpcType.of(INT, -8, 1)));
        assertMalformedSchema("precision of f: 3 (expected: [0, 1, 2])", field(IpcType.of(FLOATING_POINT, 3)));
        assertMalformedSchema(
                "bitWidth of f: 512 (expected: [32, 64, 128, 256])", field(IpcType.of(DECIMAL, 9, 0, 512)));
        assertMalformedSchema("byteWidth of f: -1 (expected: 0..268435455)", field(IpcType.of(FIXED_SIZE_BINARY, -1)));
        assertMalformedSchema(
                "byteWidth of f: 268435456 (expected: 0..268435455)", field(IpcType.of(FIXED_SIZE_BINARY, 1 << 28)));
        assertMalformedSchema(
                "listSize of f: -1 (expected: 0..2147483647)", field(IpcType.of(FIXED_SIZE_LIST, -1), LEAF));
        assertAccepted(schema(
                field(IpcType.of(FIXED_SIZE_BINARY, (1 << 28) - 1)),
                field(IpcType.of(FIXED_SIZE_LIST, Integer.MAX_VALUE), LEAF)));
    }

    @Test
    void requiresPrecisionThatFitsTheWidth() {
        assertPrecision(32, 9);
        assertPrecision(64, 18);
        assertPrecision(128, 38);
        assertPrecision(256, 76);
    }

    private static void assertPrecision(int bits, int max) {
        String rule = " (expected: 1.." + max + ")";
        assertAccepted(schema(field(IpcType.of(DECIMAL, 1, 0, bits)), field(IpcType.of(DECIMAL, max, -1, bits))));
        assertMalformedSchema("precision of f: 0" + rule, field(IpcType.of(DECIMAL, 0, 0, bits)));
        assertMalformedSchema("precision of f: " + (max + 1) + rule, field(IpcType.of(DECIMAL, max + 1, 0, bits)));
    }

    @Test
    void requiresUnitsThatAreDefined() {
        assertMalformedSchema("unit of f: 2 (expected: [0, 1])", field(IpcType.of(DATE, 2)));
        assertMalformedSchema("unit of f: 4 (expected: [0, 1, 2, 3])", field(IpcType.of(TIME, 4, 64)));
        assertMalformedSchema("unit of f: 4 (expected: [0, 1, 2, 3])", field(IpcType.of(TIMESTAMP, 4)));
        assertMalformedSchema("unit of f: -1 (expected: [0, 1, 2, 3])", field(IpcType.of(DURATION, -1)));
        assertMalformedSchema("unit of f: 3 (expected: [0, 1, 2])", field(IpcType.of(INTERVAL, 3)));
        assertMalformedSchema("bitWidth of f: 64 (expected: [32])", field(IpcType.of(TIME, 0, 64)));
        assertMalformedSchema("bitWidth of f: 64 (expected: [32])", field(IpcType.of(TIME, 1, 64)));
        assertMalformedSchema("bitWidth of f: 32 (expected: [64])", field(IpcType.of(TIME, 2, 32)));
        assertMalformedSchema("bitWidth of f: 32 (expected: [64])", field(IpcType.of(TIME, 3, 32)));
    }

    @Test
    void requiresUnionsWhoseTypeIdsAreDistinctBytes() {
        assertMalformedSchema("mode of f: 2 (expected: [0, 1])", field(IpcType.of(UNION, 2, 0), LEAF));
        assertMalformedSchema("type id of f: -1 (expected: 0..127)", field(IpcType.of(UNION, 0, -1), LEAF));
        assertMalformedSchema("type id of f: 128 (expected: 0..127)", field(IpcType.of(UNION, 1, 128), LEAF));
        assertMalformedSchema("type id of f: 3 (expected: each once)", field(IpcType.of(UNION, 1, 3, 3), LEAF, LEAF));
    }

    @Test
    void requiresMapsOfPairs() {
        String rule = " (expected: a struct of key and value, neither struct nor key nullable)";
        IpcField[] wrong = {
            field(STRUCT_TYPE, KEY, LEAF),
            required(STRUCT_TYPE, LEAF, LEAF),
            required(STRUCT_TYPE, KEY),
            required(STRUCT_TYPE, KEY, LEAF, LEAF),
            new IpcField("e", false, STRUCT_TYPE, new IpcDictionaryEncoding(1, INT8, false), List.of(KEY, LEAF))
        };

        for (IpcField entries : wrong) {
            assertMalformedSchema("entries of f: struct" + rule, field(IpcType.of(MAP, 0), entries));
        }
        assertMalformedSchema("entries of f: bool" + rule, field(IpcType.of(MAP, 0), required(IpcType.BOOL)));
        assertAccepted(schema(field(IpcType.of(MAP, 1), required(STRUCT_TYPE, KEY, required(IpcType.BOOL)))));
    }

    @Test
    void requiresRunEndsThatCount() {
        String rule = " (expected: [int16, int32, int64])";
        IpcType type = IpcType.of(RUN_END_ENCODED);

        assertAccepted(schema(
                field(type, required(IpcType.of(INT, 16, 1)), LEAF),
                field(type, required(IpcType.INT32), LEAF),
                field(type, required(IpcType.INT64), LEAF)));
        assertMalformedSchema("run ends of f: int8" + rule, field(type, required(INT8), LEAF));
        assertMalformedSchema("run ends of f: uint32" + rule, field(type, required(IpcType.of(INT, 32, 0)), LEAF));
        assertMalformedSchema("run ends of f: bool" + rule, field(type, LEAF, LEAF));
        assertMalformedSchema("run ends of f: int32" + rule, field(type, encoded(1, IpcType.INT32), LEAF));
    }

    @Test
    void requiresIndicesOfDefinedWidth() {
        IpcDictionaryEncoding odd = new IpcDictionaryEncoding(1, IpcType.of(INT, 24, 1), false);

        assertMalformedSchema(
                "bitWidth of f: 24 (expected: [8, 16, 32, 64])", new IpcField("f", true, IpcType.UTF8, odd, List.of()));
    }

    @Test
    void requiresOneTypeOfValuesForEachDictionary() {
        String rule = " in all fields)";
        IpcType list = IpcType.of(LIST);

        assertMalformedSchema(
                "values of dictionary 1: bool (expected: utf8" + rule,
                encoded(1, IpcType.UTF8),
                encoded(1, IpcType.BOOL));
        assertMalformedSchema(
                "values of dictionary 1: int32 (expected: int64" + rule,
                encoded(1, IpcType.INT64),
                field(STRUCT_TYPE, encoded(1, IpcType.INT32)));
        assertMalformedSchema(
                "values of dictionary 1: list (expected: list" + rule, encoded(1, list, LEAF), encoded(1, list, KEY));
        assertMalformedSchema(
                "values of dictionary 1: list (expected: list" + rule,
                encoded(1, list, encoded(2, IpcType.UTF8)),
                encoded(1, list, KEY));
        assertMalformedSchema(
                "values of dictionary 1: struct (expected: struct" + rule,
                encoded(1, STRUCT_TYPE, LEAF),
                encoded(1, STRUCT_TYPE, LEAF, LEAF));
        assertAccepted(schema(
                encoded(1, list, new IpcField("x", true, IpcType.UTF8, null, List.of())), encoded(1, list, KEY)));
    }
}
