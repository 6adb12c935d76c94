package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldMatchTest {
    private static final IpcField PX = IpcField.of("px", false, IpcType.INT64);
    private static final IpcField SYM = IpcField.of("sym", true, IpcType.UTF8);

    @Test
    void acceptsEqualFields() {
        assertThat(FieldMatch.dictionaryIds(List.of(PX, SYM), List.of(PX, SYM))).isEmpty();
        assertThat(FieldMatch.dictionaryIds(List.of(), List.of())).isEmpty();
        assertThat(FieldMatch.dictionaryIds(List.of(struct("s", PX, SYM)), List.of(struct("s", PX, SYM))))
                .isEmpty();
    }

    @Test
    void namesFieldThatIsMissing() {
        assertMismatch(List.of(PX, SYM), List.of(PX), "field sym: absent (expected: utf8)");
        assertMismatch(List.of(PX, SYM), List.of(SYM), "field px: absent (expected: int64 not null)");
        assertMismatch(List.of(PX, SYM), List.of(), "field px: absent (expected: int64 not null)");
    }

    @Test
    void namesFieldThatIsAdditional() {
        assertMismatch(List.of(PX), List.of(PX, SYM), "field sym: utf8 (expected: absent)");
        assertMismatch(List.of(SYM), List.of(PX, SYM), "field px: int64 not null (expected: absent)");
        assertMismatch(List.of(), List.of(PX), "field px: int64 not null (expected: absent)");
    }

    @Test
    void countsFieldsThatShareTheirName() {
        assertMismatch(List.of(PX), List.of(PX, PX), "fields: 2 (expected: 1)");
        assertMismatch(List.of(PX, PX), List.of(PX), "fields: 1 (expected: 2)");
        assertMismatch(List.of(struct("s", PX, PX)), List.of(struct("s", PX)), "fields of s: 1 (expected: 2)");
    }

    @Test
    void namesBothWhereOneNameTakesThePlaceOfAnother() {
        assertMismatch(
                List.of(SYM, PX),
                List.of(SYM, IpcField.of("price", false, IpcType.INT64)),
                "field 2: price (expected: px)");
        assertMismatch(List.of(struct("s", PX)), List.of(struct("s", SYM)), "field 1 of s: sym (expected: px)");
    }

    @Test
    void refusesOtherType() {
        assertMismatch(
                List.of(PX),
                List.of(IpcField.of("px", false, IpcType.INT32)),
                "field px: int32 not null (expected: int64 not null)");
    }

    @Test
    void refusesOtherNullability() {
        assertMismatch(
                List.of(PX),
                List.of(IpcField.of("px", true, IpcType.INT64)),
                "field px: int64 (expected: int64 not null)");
    }

    @Test
    void refusesOtherTimeZone() {
        IpcField utc = IpcField.of("ts", true, new IpcType(IpcTypeId.TIMESTAMP, List.of(2), "UTC"));
        IpcField local = IpcField.of("ts", true, new IpcType(IpcTypeId.TIMESTAMP, List.of(2), ""));

        assertMismatch(List.of(utc), List.of(local), "field ts: timestamp[us] (expected: timestamp[us, UTC])");
    }

    @Test
    void namesFirstDifference() {
        assertMismatch(List.of(PX, SYM, PX), List.of(PX, PX, SYM), "field 2: px (expected: sym)");
    }

    @Test
    void refusesOtherChild() {
        IpcField inner = struct("inner", PX);
        IpcField other = struct("inner", IpcField.of("px", true, IpcType.INT64));

        assertMismatch(
                List.of(struct("outer", inner)),
                List.of(struct("outer", other)),
                "field outer.inner.px: int64 (expected: int64 not null)");
    }

    @Test
    void refusesOtherNumberOfChildren() {
        assertMismatch(List.of(struct("s", PX, SYM)), List.of(struct("s", PX)), "field s.sym: absent (expected: utf8)");
        assertMismatch(List.of(struct("s", PX)), List.of(struct("s", PX, SYM)), "field s.sym: utf8 (expected: absent)");
    }

    @Test
    void refusesDictionaryOnOneSideOnly() {
        assertMismatch(List.of(SYM), List.of(encoded("sym", 1)), "field sym: dictionary<int64, utf8> (expected: utf8)");
        assertMismatch(List.of(encoded("sym", 1)), List.of(SYM), "field sym: utf8 (expected: dictionary<int64, utf8>)");
    }

    @Test
    void refusesOtherDictionaryValues() {
        IpcField binary = new IpcField(
                "sym",
                true,
                IpcType.of(IpcTypeId.BINARY),
                new IpcDictionaryEncoding(1, IpcType.INT64, false),
                List.of());

        assertMismatch(
                List.of(encoded("sym", 1)),
                List.of(binary),
                "field sym: dictionary<int64, binary>" + " (expected: dictionary<int64, utf8>)");
    }

    @Test
    void refusesOtherIndexTypeOrOrder() {
        IpcField narrow =
                new IpcField("sym", true, IpcType.UTF8, new IpcDictionaryEncoding(1, IpcType.INT32, false), List.of());
        IpcField ordered =
                new IpcField("sym", true, IpcType.UTF8, new IpcDictionaryEncoding(1, IpcType.INT64, true), List.of());

        assertMismatch(
                List.of(encoded("sym", 1)),
                List.of(narrow),
                "field sym: dictionary<int32, utf8>" + " (expected: dictionary<int64, utf8>)");
        assertMismatch(
                List.of(encoded("sym", 1)),
                List.of(ordered),
                "field sym: dictionary<int64, utf8, ordered>" + " (expected: dictionary<int64, utf8>)");
    }

    @Test
    void mapsDictionaryIdsOfPublisherToTopics() {
        List<IpcField> topic = List.of(encoded("a", 0), struct("s", encoded("b", 1)));
        List<IpcField> publisher = List.of(encoded("a", 1), struct("s", encoded("b", 70)));

        assertThat(FieldMatch.dictionaryIds(topic, publisher)).isEqualTo(Map.of(1L, 0L, 70L, 1L));
    }

    @Test
    void mapsIdThatTheSameFieldsShare() {
        List<IpcField> topic = List.of(encoded("a", 5), encoded("b", 5), encoded("c", 6));
        List<IpcField> publisher = List.of(encoded("a", 8), encoded("b", 8), encoded("c", 9));

        assertThat(FieldMatch.dictionaryIds(topic, publisher)).isEqualTo(Map.of(8L, 5L, 9L, 6L));
    }

    @Test
    void refusesIdSharedWhereTopicHasTwo() {
        assertMismatch(
                List.of(encoded("a", 5), encoded("b", 6)),
                List.of(encoded("a", 8), encoded("b", 8)),
                "dictionary id of field b: 8 shared (expected: one of its own)");
    }

    @Test
    void refusesTwoIdsWhereTopicShares() {
        assertMismatch(
                List.of(encoded("a", 5), encoded("b", 5)),
                List.of(encoded("a", 8), encoded("b", 9)),
                "dictionary ids: [8, 9] apart (expected: shared by the same fields)");
    }

    @Test
    void refusesOtherExtensionType() {
        IpcField uuid = extension("u", Map.of("ARROW:extension:name", "arrow.uuid"));
        IpcField other = extension("u", Map.of("ARROW:extension:name", "mine.uuid"));
        IpcField plain = extension("u", Map.of());

        assertMismatch(
                List.of(uuid), List.of(other), "ARROW:extension:name of field u: mine.uuid (expected: arrow.uuid)");
        assertMismatch(List.of(uuid), List.of(plain), "ARROW:extension:name of field u: absent (expected: arrow.uuid)");
        assertMismatch(
                List.of(extension("g", Map.of("ARROW:extension:name", "geo", "ARROW:extension:metadata", "{}"))),
                List.of(plain),
                "field 1: u (expected: g)");
        assertMismatch(
                List.of(extension("u", Map.of("ARROW:extension:name", "geo", "ARROW:extension:metadata", "{}"))),
                List.of(plain),
                "ARROW:extension:name of field u: absent (expected: geo)");
        assertMismatch(List.of(plain), List.of(uuid), "ARROW:extension:name of field u: arrow.uuid (expected: absent)");
    }

    @Test
    void refusesOtherParametersOfNestedExtensionType() {
        assertMismatch(
                List.of(struct("s", extension("g", Map.of("ARROW:extension:metadata", "EPSG:4326")))),
                List.of(struct("s", extension("g", Map.of("ARROW:extension:metadata", "EPSG:3857")))),
                "ARROW:extension:metadata of field s.g: EPSG:3857 (expected: EPSG:4326)");
    }

    @Test
    void refusesOtherCategoriesOfPolars() {
        assertMismatch(
                List.of(extension("e", Map.of("_PL_ENUM_VALUES", "3;low4;high"))),
                List.of(extension("e", Map.of("_PL_ENUM_VALUES", "6;urgent3;low"))),
                "_PL_ENUM_VALUES of field e: 6;urgent3;low (expected: 3;low4;high)");
    }

    @Test
    void showsWhereLongParametersDiffer() {
        String start = "x".repeat(1000);
        assertMismatch(
                List.of(extension("g", Map.of("ARROW:extension:metadata", start + "EPSG:4326" + start))),
                List.of(extension("g", Map.of("ARROW:extension:metadata", start + "EPSG:3857" + start))),
                "ARROW:extension:metadata of field g: …" + "x".repeat(11) + "EPSG:3857" + "x".repeat(43)
                        + "… (expected: …" + "x".repeat(11) + "EPSG:4326" + "x".repeat(43) + "…)");
    }

    @Test
    void takesExtensionWithoutParametersForOneWithEmptyOnes() {
        Map<String, String> without = Map.of("ARROW:extension:name", "arrow.uuid");
        Map<String, String> empty = Map.of("ARROW:extension:name", "arrow.uuid", "ARROW:extension:metadata", "");

        assertThat(FieldMatch.dictionaryIds(List.of(extension("u", without)), List.of(extension("u", empty))))
                .isEmpty();
        assertThat(FieldMatch.dictionaryIds(List.of(extension("u", empty)), List.of(extension("u", without))))
                .isEmpty();
    }

    private static IpcField extension(String name, Map<String, String> entries) {
        return new IpcField(name, true, IpcType.of(IpcTypeId.BINARY), null, List.of(), entries);
    }

    private static IpcField encoded(String name, long id) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.INT64, false);
        return new IpcField(name, true, IpcType.UTF8, encoding, List.of());
    }

    private static IpcField struct(String name, IpcField... children) {
        return new IpcField(name, true, IpcType.of(IpcTypeId.STRUCT), null, List.of(children));
    }

    private static void assertMismatch(List<IpcField> topic, List<IpcField> publisher, String message) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> FieldMatch.dictionaryIds(topic, publisher))
                .withMessage(message)
                .returns(ErrorCode.SCHEMA_MISMATCH, ProtocolException::code);
    }
}
