package io.bowstring.protocol;

import static io.bowstring.codec.DictionaryProbe.BITS;
import static io.bowstring.codec.DictionaryProbe.ID;
import static io.bowstring.codec.DictionaryProbe.INT32;
import static io.bowstring.codec.DictionaryProbe.NONE;
import static io.bowstring.codec.DictionaryProbe.UTF8;
import static io.bowstring.codec.DictionaryProbe.encoded;
import static io.bowstring.codec.DictionaryProbe.ints;
import static io.bowstring.codec.DictionaryProbe.longs;
import static io.bowstring.codec.DictionaryProbe.strings;
import static io.bowstring.codec.DictionaryProbe.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.DecoderProbe;
import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.DictionaryProbe;
import io.bowstring.codec.DirtyAllocator;
import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.codec.Types;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Dictionaries put together by their buffers. */
@ExtendWith(LeakDetection.class)
class DictionaryConcatenationTest {
    private static final IpcField LARGE = encoded(IpcType.of(IpcTypeId.LARGE_UTF8));

    /** Puts the batches together and returns the buffers of what a decoder accepts of it. */
    private static List<byte[]> concatenated(IpcField field, long length, long nullCount, BatchBytes... batches) {
        try (DictionaryProbe probe = new DictionaryProbe(field, batches);
                DictionaryProbe again = new DictionaryProbe(field)) {
            IpcDictionaryBatch all = DictionaryConcatenation.of(probe.batches(), field, new DirtyAllocator(0xFF));
            byte[] body = ByteBufUtil.getBytes(all.body());
            IpcDictionaryBatch read = again.feed(all.frame()).batches().get(0);
            DictionaryBuffers values = new DictionaryBuffers(read);
            assertThat(read.id()).isEqualTo(ID);
            assertThat(read.isDelta()).isFalse();
            assertThat(values.length()).isEqualTo(length);
            assertThat(values.nullCount()).isEqualTo(nullCount);
            List<byte[]> buffers = new ArrayList<>();
            ByteBuf padded = Unpooled.buffer();
            for (int i = 0; i < values.bufferCount(); i++) {
                byte[] bytes = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(values.bytes(i)));
                buffers.add(bytes);
                padded.writeZero((int) read.batchMetadata().bufferOffset(i) - padded.writerIndex());
                padded.writeBytes(bytes).writeZero(-bytes.length & 7);
            }
            assertThat(body).isEqualTo(ByteBufUtil.getBytes(padded));
            return buffers;
        }
    }

    static IpcDictionaryBatch concatenated(List<IpcDictionaryBatch> batches, IpcField field) {
        return DictionaryConcatenation.of(batches, field, UnpooledByteBufAllocator.DEFAULT);
    }

    @Test
    void putsValuesOfAnyTypeTogether() {
        Random random = new Random(Seeds.fixed("DictionaryConcatenationTest", 20_261_121));
        for (Types.Example example : Types.ALL) {
            IpcField field = encoded(example.type());
            if (FlatValues.hasThemAlone(example.type())) {
                for (int i = 0; i < 40; i++) {
                    List<FlatValues> parts = Stream.generate(() -> FlatValues.random(field, random))
                            .limit(1 + random.nextInt(5))
                            .toList();
                    FlatValues all = FlatValues.concat(parts);
                    BatchBytes[] batches =
                            parts.stream().map(part -> part.encode(random)).toArray(BatchBytes[]::new);

                    List<byte[]> buffers = concatenated(field, all.length(), all.nullCount(), batches);

                    assertThat(all.isIn(buffers)).as(example.text()).isTrue();
                }
            }
        }
    }

    @Test
    void putsStringsTogether() {
        assertThat(concatenated(
                        UTF8,
                        5,
                        0,
                        strings(NONE, new int[] {0, 1, 3}, "abb"),
                        strings(NONE, new int[] {2, 2, 5}, "xxcccxx"), // begins and ends inside its bytes
                        strings(NONE, new int[] {0, 1}, "d")))
                .containsExactly(NONE, ints(0, 1, 3, 3, 6, 7), text("abbcccd"));
    }

    @Test
    void putsLongOffsetsTogether() {
        BatchBytes one =
                new BatchBytes(1).node(1, 0).buffer(NONE).buffer(longs(0, 2)).buffer(text("ab"));
        BatchBytes two =
                new BatchBytes(2).node(2, 0).buffer(NONE).buffer(longs(1, 2, 3)).buffer(text("xcd"));

        assertThat(concatenated(LARGE, 3, 0, one, two)).containsExactly(NONE, longs(0, 2, 3, 4), text("abcd"));
    }

    @Test
    void takesBatchesWithoutValuesAndOffsets() {
        BatchBytes none = new BatchBytes(0).node(0, 0).buffers(0, 0, 0);
        BatchBytes zero = new BatchBytes(0).node(0, 0).buffers(0, 4, 0);

        assertThat(concatenated(UTF8, 1, 0, none, strings(NONE, new int[] {0, 2}, "ab"), zero, none))
                .containsExactly(NONE, ints(0, 2), text("ab"));
        assertThat(concatenated(UTF8, 0, 0, none, none)).containsExactly(NONE, ints(0), NONE);
    }

    @Test
    void putsValidityTogetherWhereOnlySomeHaveIt() {
        assertThat(concatenated(
                        UTF8,
                        7,
                        2,
                        strings(NONE, new int[] {0, 1, 2, 3}, "abc"),
                        strings(new byte[] {0b01}, new int[] {0, 1, 1}, "d"),
                        strings(new byte[] {0b10}, new int[] {0, 0, 1}, "e")))
                .containsExactly(new byte[] {0b1001111}, ints(0, 1, 2, 3, 4, 4, 4, 5), text("abcde"));
    }

    @Test
    void putsFixedWidthsTogether() {
        BatchBytes one = new BatchBytes(1).node(1, 0).buffer(NONE).buffer(ints(5, 99)); // with room for another
        BatchBytes two = new BatchBytes(2).node(2, 0).buffer(NONE).buffer(ints(6, 7));
        assertThat(concatenated(INT32, 3, 0, one, two)).containsExactly(NONE, ints(5, 6, 7));

        IpcField triples = encoded(IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 3));
        BatchBytes a = new BatchBytes(1).node(1, 0).buffer(NONE).buffer(text("abc"));
        BatchBytes b = new BatchBytes(2).node(2, 0).buffer(NONE).buffer(text("defghi"));
        assertThat(concatenated(triples, 3, 0, a, b)).containsExactly(NONE, text("abcdefghi"));
    }

    @Test
    void putsBitsTogether() {
        BatchBytes eleven =
                new BatchBytes(11).node(11, 0).buffer(NONE).buffer(new byte[] {0b01010101, (byte) 0b11111101});
        BatchBytes two = new BatchBytes(2).node(2, 0).buffer(NONE).buffer(new byte[] {0b10});
        BatchBytes nine = new BatchBytes(9).node(9, 0).buffer(NONE).buffer(new byte[] {(byte) 0b10000001, 1});

        // 10101010 101, 01, 10000001 1, the lowest bit first
        assertThat(concatenated(BITS, 22, 0, eleven, two, nine))
                .containsExactly(NONE, new byte[] {0b01010101, (byte) 0b00110101, 0b110000});
        assertThat(concatenated(
                        BITS,
                        16,
                        0,
                        nine,
                        two,
                        two,
                        two,
                        new BatchBytes(1).node(1, 0).buffers(0, 1)))
                .containsExactly(NONE, new byte[] {(byte) 0b10000001, 0b01010101});
    }

    @Test
    void putsNullsTogether() {
        IpcField nothing = encoded(IpcType.of(IpcTypeId.NULL));

        assertThat(concatenated(nothing, 5, 5, new BatchBytes(2).node(2, 2), new BatchBytes(3).node(3, 3)))
                .isEmpty();
    }

    @Test
    void takesNoNullsWhereABatchSaysThatThereAreNone() {
        BatchBytes none = new BatchBytes(2).node(2, 0).buffer(new byte[] {0b01}).buffer(ints(1, 2));
        BatchBytes one = new BatchBytes(2).node(2, 1).buffer(new byte[] {0b10}).buffer(ints(3, 4));

        assertThat(concatenated(INT32, 2, 0, none)).containsExactly(NONE, ints(1, 2));
        assertThat(concatenated(INT32, 4, 1, none, one)).containsExactly(new byte[] {0b1011}, ints(1, 2, 3, 4));
    }

    @Test
    void keepsBeingADelta() {
        byte[] batch = Wire.DICTIONARY_BATCH.clone();
        batch[8 + 64] = 1; // isDelta
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.DICTIONARY_SCHEMA, batch)) {
            IpcDictionaryBatch read = probe.message(1, IpcDictionaryBatch.class);
            IpcDictionaryBatch all = concatenated(List.of(read, read), UTF8);

            assertThat(all.isDelta()).isTrue();
            assertThat(new DictionaryBuffers(all).length()).isEqualTo(2 * new DictionaryBuffers(read).length());
            all.release();
        }
    }

    @ParameterizedTest
    @EnumSource
    void putsValuesTogetherInWhateverFormTheyStandInMemory(FrameForm form) {
        List<IpcDictionaryBatch> parts = new ArrayList<>();
        try (DictionaryProbe probe = new DictionaryProbe(UTF8)) {
            for (String text : List.of("a", "bc", "def")) {
                probe.feed(DictionaryFrames.frame(ID, !text.equals("a"), text, UnpooledByteBufAllocator.DEFAULT));
            }
            for (IpcDictionaryBatch batch : probe.batches()) {
                parts.add(form.of(batch.retain(), UnpooledByteBufAllocator.DEFAULT));
            }
        }

        IpcDictionaryBatch all = concatenated(parts, UTF8);
        parts.forEach(part -> assertThat(part.release()).isTrue());

        assertThat(DictionaryFrames.text(all)).isEqualTo("a+bc+def");
        all.release();
    }

    /** A server gives a dictionary an id of its own, and knows its type from the publisher's field. */
    @Test
    void putsValuesTogetherUnderAnIdThatTheFieldDoesNotHave() {
        try (DictionaryProbe probe = new DictionaryProbe(UTF8, strings(NONE, new int[] {0, 1}, "a"))) {
            IpcDictionaryBatch one = probe.batches().get(0).retain().withId(ID + 1, UnpooledByteBufAllocator.DEFAULT);

            IpcDictionaryBatch all = concatenated(List.of(one, one), UTF8);
            one.release();

            assertThat(all.id()).isEqualTo(ID + 1);
            assertThat(DictionaryFrames.text(all)).isEqualTo("a+a");
            all.release();
        }
    }
}
