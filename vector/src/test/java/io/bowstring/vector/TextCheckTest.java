package io.bowstring.vector;

import static io.bowstring.vector.BatchReaderTest.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class TextCheckTest {
    private static final VectorConfig CHECKING = VectorConfig.DEFAULTS.withUtf8Checks(true);
    private static final IpcType UTF8_VIEW = IpcType.of(IpcTypeId.UTF8_VIEW);
    private static final int BAD = 0xFF;

    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void close() {
        allocator.close();
    }

    /** Returns what a reader says to the last of some messages; null where it takes it. */
    private @Nullable String refusal(VectorConfig config, IpcField field, IpcMessage... messages) {
        try (BatchReader reader = new BatchReader(allocator, config)) {
            reader.read(schema(field));
            for (IpcMessage message : messages) {
                VectorBatch batch = reader.read(message);
                if (batch != null) {
                    batch.close();
                }
            }
            return null;
        } catch (IpcException e) {
            assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED);
            return e.getMessage();
        } finally {
            assertThat(allocator.getAllocatedMemory()).isZero();
        }
    }

    private @Nullable String refusal(IpcField field, IpcMessage... messages) {
        return refusal(CHECKING, field, messages);
    }

    private static IpcField text(String name, IpcType type) {
        return IpcField.of(name, true, type);
    }

    private static IpcMessage one(int... bytes) {
        return new BatchMaker()
                .node(1, 0)
                .bytes()
                .ints(0, bytes.length)
                .bytes(bytes)
                .recordBatch(1);
    }

    @Test
    void refusesWhatJavaDoesNotDecode() {
        Random random = new Random(5);
        int[] interesting = {
            0, 'a', 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
        };
        int good = 0;
        for (int n = 0; n < 20_000; n++) {
            byte[] bytes = new byte[random.nextInt(5)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) interesting[random.nextInt(interesting.length)];
            }
            good += isTaken(bytes) ? 1 : 0;
        }
        assertThat(good).isBetween(2_000, 18_000);
        for (String text : List.of("", "plain ascii, longer than eight", "zwölf Boxkämpfer", "\uD83D\uDE00\uFFFF")) {
            assertThat(isTaken(text.getBytes(StandardCharsets.UTF_8))).isTrue();
        }
    }

    /** Checks bytes as the reader does and as Java does. */
    private static boolean isTaken(byte[] bytes) {
        boolean isGood;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            isGood = true;
        } catch (CharacterCodingException e) {
            isGood = false;
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 8).put(bytes);
        long address = ForeignMemory.address(direct.clear());
        assertThat(TextCheck.isUtf8(address, address + bytes.length)).isEqualTo(isGood);
        return isGood;
    }

    @Test
    void looksOnRequestOnly() {
        assertThat(refusal(VectorConfig.DEFAULTS, text("t", IpcType.UTF8), one('a', BAD)))
                .isNull();
        assertThat(refusal(text("t", IpcType.UTF8), one('a', BAD)))
                .isEqualTo("text of column t: row 0 (expected: UTF-8)");
        assertThat(refusal(text("t", IpcType.of(IpcTypeId.BINARY)), one('a', BAD)))
                .isNull();
    }

    @Test
    void namesTheRowAndPassesOverNulls() {
        BatchMaker nulls =
                new BatchMaker().node(3, 1).bytes(0b101).ints(0, 1, 3, 4).bytes('a', BAD, BAD, 'b');
        BatchMaker third =
                new BatchMaker().node(3, 1).bytes(0b101).ints(0, 1, 3, 4).bytes('a', BAD, BAD, BAD);

        assertThat(refusal(text("t", IpcType.UTF8), nulls.recordBatch(3))).isNull();
        assertThat(refusal(text("t", IpcType.UTF8), third.recordBatch(3)))
                .isEqualTo("text of column t: row 2 (expected: UTF-8)");
    }

    /** Together they are UTF-8, each alone is not. */
    @Test
    void refusesTextsThatAreCutInsideACharacter() {
        BatchMaker cut = new BatchMaker().node(2, 0).bytes().ints(0, 1, 2).bytes(0xC3, 0xA4);

        assertThat(refusal(text("t", IpcType.UTF8), cut.recordBatch(2)))
                .isEqualTo("text of column t: row 0 (expected: UTF-8)");
    }

    @Test
    void checksLargeTexts() {
        IpcType large = IpcType.of(IpcTypeId.LARGE_UTF8);
        BatchMaker good = new BatchMaker().node(2, 0).bytes().longs(0, 1, 3).bytes('a', 0xC3, 0xA4);
        BatchMaker bad = new BatchMaker().node(2, 0).bytes().longs(0, 1, 3).bytes('a', 0xC3, 'b');

        assertThat(refusal(text("t", large), good.recordBatch(2))).isNull();
        assertThat(refusal(text("t", large), bad.recordBatch(2)))
                .isEqualTo("text of column t: row 1 (expected: UTF-8)");
    }

    @Test
    void checksViews() {
        assertThat(refusal(text("t", UTF8_VIEW), views('a', 'b'))).isNull();
        assertThat(refusal(text("t", UTF8_VIEW), views(BAD, 'b')))
                .isEqualTo("text of column t: row 1 (expected: UTF-8)");
        assertThat(refusal(text("t", UTF8_VIEW), views('a', BAD)))
                .isEqualTo("text of column t: row 2 (expected: UTF-8)");
    }

    /** Returns a null of no sense, a short text and one of 16 bytes; owned. */
    private static IpcMessage views(int inline, int referred) {
        int b = referred;
        return new BatchMaker()
                .node(3, 1)
                .bytes(0b110)
                .ints(5, BAD, BAD, BAD, 1, inline, 0, 0, 16, 0, 0, 1)
                .variadic(1)
                .bytes(BAD, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', b)
                .recordBatch(3);
    }

    @Test
    void namesTheWayToNestedTexts() {
        IpcField list = new IpcField("l", true, IpcType.of(IpcTypeId.LIST), null, List.of(text("item", IpcType.UTF8)));
        BatchMaker bad = new BatchMaker()
                .node(1, 0)
                .bytes()
                .ints(0, 2)
                .node(2, 0)
                .bytes()
                .ints(0, 1, 2)
                .bytes('a', BAD);

        assertThat(refusal(list, bad.recordBatch(1))).isEqualTo("text of column l.item: value 1 (expected: UTF-8)");
    }

    @Test
    void checksDictionaries() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(3, IpcType.INT32, false);
        IpcField encoded = new IpcField("d", true, IpcType.UTF8, encoding, List.of());
        BatchMaker values = new BatchMaker().node(2, 0).bytes().ints(0, 1, 2).bytes('a', BAD);

        assertThat(refusal(encoded, values.dictionary(3, false, 2)))
                .isEqualTo("text of column d: value 1 of dictionary 3 (expected: UTF-8)");
    }

    /** Texts cannot be looked for by offsets that nobody has looked at. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void checksOffsetsToo(boolean checksValues) {
        BatchMaker outside =
                new BatchMaker().node(1, 0).bytes().ints(0, 1 << 20).bytes('a');

        assertThat(refusal(CHECKING.withValueChecks(checksValues), text("t", IpcType.UTF8), outside.recordBatch(1)))
                .startsWith("offsets of field t");
    }

    /** A thousand views of the same mebibyte are no more work than the body is long, sixteen times. */
    @Test
    void boundsTheWorkThatSharedTextsMake() {
        int[] views = new int[4 * 1000];
        for (int i = 0; i < views.length; i += 4) {
            views[i] = 1 << 20;
        }
        BatchMaker shared =
                new BatchMaker().node(1000, 0).bytes().ints(views).variadic(1).zeroes(1 << 20);

        assertThatThrownBy(() -> {
                    try (BatchReader reader = new BatchReader(allocator, CHECKING)) {
                        reader.read(schema(text("t", UTF8_VIEW)));
                        reader.read(shared.recordBatch(1000));
                    }
                })
                .isInstanceOf(IpcException.class)
                .hasMessageStartingWith("values that refer to others: ");
    }
}
