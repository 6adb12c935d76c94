package io.bowstring.protocol;

import static io.bowstring.codec.DictionaryProbe.INT32;
import static io.bowstring.codec.DictionaryProbe.NONE;
import static io.bowstring.codec.DictionaryProbe.UTF8;
import static io.bowstring.codec.DictionaryProbe.encoded;
import static io.bowstring.codec.DictionaryProbe.ints;
import static io.bowstring.codec.DictionaryProbe.strings;
import static io.bowstring.codec.DictionaryProbe.text;
import static io.bowstring.protocol.DictionaryConcatenationTest.concatenated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.DictionaryProbe;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.StructureProbe;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dictionaries that are not put together: their types stay apart, or their bytes are refused. */
@ExtendWith(LeakDetection.class)
class DictionaryConcatenationRefusalTest {
    @Test
    void leavesOtherTypesAlone() {
        IpcField int32 = StructureProbe.field(IpcType.INT32);
        IpcField ends = StructureProbe.required(IpcType.INT32);

        assertApart(encoded(IpcType.of(IpcTypeId.LIST), int32), nested().buffers(0, 4, 0, 0));
        assertApart(encoded(IpcType.of(IpcTypeId.STRUCT), int32), nested().buffers(0, 0, 0));
        assertApart(encoded(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 2), int32), nested().buffers(0, 0, 0));
        assertApart(encoded(IpcType.of(IpcTypeId.LIST_VIEW), int32), nested().buffers(0, 0, 0, 0, 0));
        assertApart(
                encoded(IpcType.of(IpcTypeId.RUN_END_ENCODED), ends, int32),
                nested().node(0, 0).buffers(0, 0, 0, 0));
        assertApart(
                encoded(IpcType.of(IpcTypeId.STRUCT), StructureProbe.encoded(8, IpcType.UTF8)),
                nested().buffers(0, 0, 0));
        for (IpcTypeId id : List.of(IpcTypeId.UTF8_VIEW, IpcTypeId.BINARY_VIEW)) {
            assertApart(
                    encoded(IpcType.of(id)),
                    new BatchBytes(0).node(0, 0).buffers(0, 0).variadic(0));
        }
        assertApart(
                encoded(IpcType.of(IpcTypeId.UNION, 0)),
                new BatchBytes(0).node(0, 0).buffers(0));
    }

    private static BatchBytes nested() {
        return new BatchBytes(0).node(0, 0).node(0, 0);
    }

    @Test
    void leavesCompressedValuesAlone() {
        BatchBytes plain = new BatchBytes(0).node(0, 0).buffers(0, 0);

        assertApart(INT32, new BatchBytes(0).compressed(0, 0).node(0, 0).buffers(0, 0));
        assertApart(INT32, plain, new BatchBytes(0).compressed(1, 0).node(0, 0).buffers(0, 0));
    }

    private static void assertApart(IpcField field, BatchBytes... batches) {
        try (DictionaryProbe probe = new DictionaryProbe(field, batches)) {
            assertThat(concatenated(probe.batches(), field)).isNull();
        }
    }

    @Test
    void refusesOffsetsOutsideTheirBytes() {
        BatchBytes good = strings(NONE, new int[] {0, 1}, "a");

        assertRefused(
                "offsets of dictionary values: -1..1 (expected: in 0..3)",
                good,
                strings(NONE, new int[] {-1, 1}, "abc"));
        assertRefused(
                "offsets of dictionary values: 2..1 (expected: in 0..3)", good, strings(NONE, new int[] {2, 1}, "abc"));
        assertRefused(
                "offsets of dictionary values: 0..4 (expected: in 0..3)", good, strings(NONE, new int[] {0, 4}, "abc"));
    }

    @Test
    void refusesWhatDoesNotFitItsSchema() {
        BatchBytes good = strings(NONE, new int[] {0, 1}, "a");

        assertRefused(
                "buffers: 2 (expected: more, as the schema implies)",
                good,
                new BatchBytes(1).node(1, 0).buffers(0, 8));
        assertRefused(
                "bytes of buffer 1: 8 (expected: >= 16)",
                good,
                new BatchBytes(3).node(3, 0).buffers(0, 8, 0));
        assertRefused("field nodes: 0 (expected: 1, as the schema implies)", good, new BatchBytes(1).buffers(0, 8, 0));
    }

    private static void assertRefused(String message, BatchBytes... batches) {
        try (DictionaryProbe probe = new DictionaryProbe(IpcVerification.FRAMING, UTF8, batches)) {
            assertThatThrownBy(() -> concatenated(probe.batches(), UTF8))
                    .isInstanceOf(IpcException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void refusesMoreThanOneBatchCanHave() {
        BatchBytes text = new BatchBytes(1)
                .node(1, 0)
                .buffer(NONE)
                .buffer(ints(0, 1 << 20))
                .buffer(new byte[1 << 20]);
        IpcField nothing = encoded(IpcType.of(IpcTypeId.NULL));
        BatchBytes nulls = new BatchBytes(1 << 30).node(1 << 30, 1 << 30);
        try (DictionaryProbe strings = new DictionaryProbe(UTF8, text);
                DictionaryProbe none = new DictionaryProbe(nothing, nulls)) {
            assertThatThrownBy(() -> concatenated(
                            Collections.nCopies(2_000, strings.batches().get(0)), UTF8))
                    .isInstanceOf(IpcException.class)
                    .hasMessage("dictionary bytes: 2097160008 (expected: <= 2080374783)");
            assertThatThrownBy(() ->
                            concatenated(Collections.nCopies(2, none.batches().get(0)), nothing))
                    .isInstanceOf(IpcException.class)
                    .hasMessage("dictionary values: 2147483648 (expected: <= 2147483647)");
        }
    }

    /** Values without bytes cost a publisher nothing: a bit for each, where one of them is null, may cost a server much. */
    @Test
    void refusesToMakeMuchOfLittle() {
        IpcField empty = encoded(IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));
        BatchBytes none = new BatchBytes(1).node(1, 1).buffers(1, 0);
        BatchBytes many = new BatchBytes(8_000_000).node(8_000_000, 0).buffers(0, 0);
        try (DictionaryProbe probe = new DictionaryProbe(empty, none, many)) {
            assertThatThrownBy(() -> concatenated(probe.batches(), empty))
                    .isInstanceOf(IpcException.class)
                    .hasMessage("dictionary bytes: 1000008 (expected: <= 144)");
        }
    }
}
