package io.bowstring.codec;

import static io.bowstring.codec.DictionaryProbe.BITS;
import static io.bowstring.codec.DictionaryProbe.ID;
import static io.bowstring.codec.DictionaryProbe.INT32;
import static io.bowstring.codec.DictionaryProbe.NONE;
import static io.bowstring.codec.DictionaryProbe.UTF8;
import static io.bowstring.codec.DictionaryProbe.encoded;
import static io.bowstring.codec.DictionaryProbe.ints;
import static io.bowstring.codec.DictionaryProbe.strings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dictionaries compared by their buffers. */
@ExtendWith(LeakDetection.class)
class DictionaryValuesTest {
    @Test
    void knowsSameValuesWhereverTheyStand() {
        BatchBytes apart = new BatchBytes(1)
                .node(1, 0)
                .range(8, 0)
                .range(24, 8)
                .range(8, 1)
                .body(32);
        byte[] moved = apart.dictionary(ID);
        System.arraycopy(ints(0, 1), 0, moved, moved.length - 8, 8);
        moved[moved.length - 24] = 'a';
        try (DictionaryProbe probe = new DictionaryProbe(UTF8, strings(NONE, new int[] {0, 1}, "a")).feed(moved)) {
            List<IpcDictionaryBatch> two = probe.batches();

            assertThat(two.get(0).hasSameValues(two.get(1))).isTrue();
            assertThat(two.get(0).valuesHash()).isEqualTo(two.get(1).valuesHash());
        }
    }

    @Test
    void tellsOtherValuesApart() {
        assertOther(UTF8, strings(NONE, new int[] {0, 1}, "a"), strings(NONE, new int[] {0, 1}, "b"));
        assertOther(UTF8, strings(NONE, new int[] {0, 1}, "a"), strings(NONE, new int[] {0, 0}, "a"));
        assertOther(UTF8, strings(NONE, new int[] {0, 1}, "a"), strings(NONE, new int[] {0, 1}, "ab"));
        assertOther(
                BITS,
                new BatchBytes(1).node(1, 0).buffers(0, 1),
                new BatchBytes(2).node(2, 0).buffers(0, 1));
        assertOther(
                INT32,
                new BatchBytes(2).node(2, 0).buffers(1, 8),
                new BatchBytes(2).node(2, 1).buffers(1, 8));
        assertOther(
                INT32,
                new BatchBytes(0).node(0, 0).buffers(0, 0),
                new BatchBytes(0).compressed(0, 0).node(0, 0).buffers(0, 0));
        assertOther(
                INT32,
                new BatchBytes(0).compressed(1, 0).node(0, 0).buffers(0, 0),
                new BatchBytes(0).compressed(0, 0).node(0, 0).buffers(0, 0));
        assertOther(
                encoded(IpcType.of(IpcTypeId.UNION, 0)),
                new BatchBytes(0).node(0, 0).buffers(0),
                new BatchBytes(0).version(BatchBytes.V4).node(0, 0).buffers(0, 0));
        IpcField views = encoded(
                IpcType.of(IpcTypeId.STRUCT),
                StructureProbe.field(IpcType.of(IpcTypeId.UTF8_VIEW)),
                StructureProbe.field(IpcType.of(IpcTypeId.UTF8_VIEW)));
        assertOther(
                views,
                new BatchBytes(0)
                        .node(0, 0)
                        .node(0, 0)
                        .node(0, 0)
                        .buffers(0, 0, 0, 0, 0, 0)
                        .variadic(1, 0),
                new BatchBytes(0)
                        .node(0, 0)
                        .node(0, 0)
                        .node(0, 0)
                        .buffers(0, 0, 0, 0, 0, 0)
                        .variadic(0, 1));
        assertOther(
                encoded(IpcType.of(IpcTypeId.UTF8_VIEW)),
                new BatchBytes(0).node(0, 0).buffers(0, 0, 0).variadic(1),
                new BatchBytes(0).node(0, 0).buffers(0, 0).variadic(0));
    }

    private static void assertOther(IpcField field, BatchBytes one, BatchBytes other) {
        try (DictionaryProbe probe = new DictionaryProbe(field, one, one, other)) {
            List<IpcDictionaryBatch> batches = probe.batches();

            assertThat(batches.get(0).hasSameValues(batches.get(1))).isTrue();
            assertThat(batches.get(0).hasSameValues(batches.get(2))).isFalse();
            assertThat(batches.get(2).hasSameValues(batches.get(0))).isFalse();
        }
    }

    @Test
    void refusesToReadBuffersOutsideOfTheBodyOfWhatIsNotVerified() {
        BatchBytes damaged =
                new BatchBytes(1).node(1, 0).range(0, 0).range(0, 16).body(8);
        try (DictionaryProbe probe = new DictionaryProbe(IpcVerification.FRAMING, INT32, damaged)) {
            assertThatThrownBy(() -> probe.batches().get(0).valuesHash())
                    .isInstanceOf(IpcException.class)
                    .hasMessageStartingWith("buffer 1: offset 0, 16 bytes");
        }
    }
}
