package io.bowstring.protocol;

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

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.DictionaryProbe;
import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.StructureProbe;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Dictionaries compared by their buffers. */
@ExtendWith(LeakDetection.class)
class DictionaryBuffersTest {
    private static int hash(IpcDictionaryBatch batch) {
        return new DictionaryBuffers(batch).hash();
    }

    private static boolean isSame(IpcDictionaryBatch one, IpcDictionaryBatch other) {
        return new DictionaryBuffers(one).isSame(new DictionaryBuffers(other));
    }

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

            assertThat(isSame(two.get(0), two.get(1))).isTrue();
            assertThat(hash(two.get(0))).isEqualTo(hash(two.get(1)));
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

    @Test
    void hashesOtherValuesOtherwise() {
        BatchBytes one = strings(NONE, new int[] {0, 1}, "a");
        try (DictionaryProbe probe = new DictionaryProbe(UTF8, one, one, strings(NONE, new int[] {0, 1}, "b"))) {
            List<IpcDictionaryBatch> batches = probe.batches();

            assertThat(hash(batches.get(0))).isEqualTo(hash(batches.get(1))).isNotEqualTo(hash(batches.get(2)));
        }
    }

    private static void assertOther(IpcField field, BatchBytes one, BatchBytes other) {
        try (DictionaryProbe probe = new DictionaryProbe(field, one, one, other)) {
            List<IpcDictionaryBatch> batches = probe.batches();

            assertThat(isSame(batches.get(0), batches.get(1))).isTrue();
            assertThat(isSame(batches.get(0), batches.get(2))).isFalse();
            assertThat(isSame(batches.get(2), batches.get(0))).isFalse();
        }
    }

    @Test
    void refusesToReadBuffersOutsideOfTheBodyOfWhatIsNotVerified() {
        BatchBytes damaged =
                new BatchBytes(1).node(1, 0).range(0, 0).range(0, 16).body(8);
        try (DictionaryProbe probe = new DictionaryProbe(IpcVerification.FRAMING, INT32, damaged)) {
            assertThatThrownBy(() -> hash(probe.batches().get(0)))
                    .isInstanceOf(IpcException.class)
                    .hasMessageStartingWith("buffer 1: offset 0, 16 bytes");
        }
    }

    @ParameterizedTest
    @EnumSource
    void comparesValuesInWhateverFormTheyStandInMemory(FrameForm form) {
        IpcDictionaryBatch present = dictionary(FrameForm.CONTIGUOUS, "text");
        IpcDictionaryBatch same = dictionary(form, "text");
        IpcDictionaryBatch other = dictionary(form, "test");
        same.body().skipBytes(3);

        assertThat(hash(same)).isEqualTo(hash(present));
        assertThat(isSame(same, present)).isTrue();
        assertThat(isSame(present, other)).isFalse();
        List.of(present, same, other)
                .forEach(message -> assertThat(message.release()).isTrue());
    }

    private static IpcDictionaryBatch dictionary(FrameForm form, String text) {
        try (DictionaryProbe probe = new DictionaryProbe(UTF8)) {
            probe.feed(DictionaryFrames.frame(ID, false, text, UnpooledByteBufAllocator.DEFAULT));
            return form.of(probe.batches().get(0).retain(), UnpooledByteBufAllocator.DEFAULT);
        }
    }
}
