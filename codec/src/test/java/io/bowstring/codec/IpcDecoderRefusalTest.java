package io.bowstring.codec;

import static io.bowstring.codec.IpcErrorCode.MALFORMED;
import static io.bowstring.codec.IpcErrorCode.NOT_ARROW;
import static io.bowstring.codec.IpcErrorCode.OUT_OF_ORDER;
import static io.bowstring.codec.IpcErrorCode.TOO_LARGE;
import static io.bowstring.codec.IpcErrorCode.UNSUPPORTED;
import static io.bowstring.codec.Wire.BATCH;
import static io.bowstring.codec.Wire.DICTIONARY_BATCH;
import static io.bowstring.codec.Wire.DICTIONARY_SCHEMA;
import static io.bowstring.codec.Wire.END;
import static io.bowstring.codec.Wire.SCHEMA;
import static io.bowstring.codec.Wire.bytes;
import static io.bowstring.codec.Wire.inMetadata;
import static io.bowstring.codec.Wire.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way in which a message can be wrong, apart from the inside of its flatbuffer tables. */
@ExtendWith(LeakDetection.class)
class IpcDecoderRefusalTest {
    private static final byte[] NOTHING = {};
    private static final IpcLimits TIGHT = new IpcLimits(128, 136, 16, 4, 2, 2, 16, 2, 16, 1, 1 << 20);

    /** Bytes that must be refused behind others that must not. */
    record Refusal(byte[] accepted, byte[] refused, IpcErrorCode code, String message) {
        @Override
        public String toString() {
            return code + " " + message;
        }
    }

    static Stream<Refusal> prefixes() {
        String marker = "continuation marker: ";
        String lengths = " (expected: >= 0, a multiple of 8 with its prefix)";
        return Stream.of(
                // "GET / HT"
                refusal(bytes("47 45 54 20 2F 20 48 54"), NOT_ARROW, marker + "0x47455420 (expected: 0xFFFFFFFF)"),
                // the framing of Arrow before 0.15: length first
                refusal(bytes("80 00 00 00 10 00 00 00"), NOT_ARROW, marker + "0x80000000 (expected: 0xFFFFFFFF)"),
                refusal(bytes("FF FF FF FE 00 00 00 00"), NOT_ARROW, marker + "0xFFFFFFFE (expected: 0xFFFFFFFF)"),
                inStream(with(BATCH, 0, "41 52 52 4F"), NOT_ARROW, marker + "0x4152524F (expected: 0xFFFFFFFF)"),
                refusal(with(SCHEMA, 4, "F8 FF FF FF"), MALFORMED, "metadata bytes: -8" + lengths),
                refusal(with(SCHEMA, 4, "00 00 00 80"), MALFORMED, "metadata bytes: -2147483648" + lengths),
                refusal(with(SCHEMA, 4, "7F 00 00 00"), MALFORMED, "metadata bytes: 127" + lengths),
                refusal(with(SCHEMA, 4, "84 00 00 00"), MALFORMED, "metadata bytes: 132" + lengths),
                inStream(with(BATCH, 4, "01 00 00 00"), MALFORMED, "metadata bytes: 1" + lengths),
                refusal(with(SCHEMA, 4, "F8 FF FF 7F"), TOO_LARGE, "schema bytes: 2147483640 (expected: <= 136)"),
                refusal(with(SCHEMA, 4, "90 00 00 00"), TOO_LARGE, "schema bytes: 144 (expected: <= 136)"),
                inStream(with(BATCH, 4, "88 00 00 00"), TOO_LARGE, "metadata bytes: 136 (expected: <= 128)"));
    }

    static Stream<Refusal> headers() {
        String minimum = "80"; // the highest byte of a 64-bit integer
        String versions = " (expected: 3 (V4) or 4 (V5))";
        String types = " (expected: 1 (Schema), 2 (DictionaryBatch) or 3 (RecordBatch))";
        return Stream.of(
                inStream(
                        inMetadata(BATCH, 24, "FF FF FF FF FF FF FF FF"), MALFORMED, "bodyLength: -1 (expected: >= 0)"),
                inStream(
                        inMetadata(BATCH, 31, minimum),
                        MALFORMED,
                        "bodyLength: " + (Long.MIN_VALUE + 16) + " (expected: >= 0)"),
                inStream(inMetadata(BATCH, 24, "11"), TOO_LARGE, "bodyLength: 17 (expected: <= 16)"),
                inStream(
                        inMetadata(BATCH, 24, "FF FF FF FF FF FF FF 7F"),
                        TOO_LARGE,
                        "bodyLength: " + Long.MAX_VALUE + " (expected: <= 16)"),
                // an int would overflow to 0
                inStream(
                        inMetadata(BATCH, 24, "00 00 00 00 01 00 00 00"),
                        TOO_LARGE,
                        "bodyLength: 4294967296 (expected: <= 16)"),
                refusal(inMetadata(SCHEMA, 24, "08"), MALFORMED, "bodyLength of a schema: 8 (expected: 0)"),
                refusal(inMetadata(SCHEMA, 32, "00"), UNSUPPORTED, "version: 0" + versions),
                refusal(inMetadata(SCHEMA, 32, "01"), UNSUPPORTED, "version: 1" + versions),
                refusal(inMetadata(SCHEMA, 32, "02"), UNSUPPORTED, "version: 2" + versions),
                refusal(inMetadata(SCHEMA, 32, "05"), UNSUPPORTED, "version: 5" + versions),
                refusal(inMetadata(SCHEMA, 32, "FF FF"), UNSUPPORTED, "version: -1" + versions),
                refusal(inMetadata(SCHEMA, 8, "00"), UNSUPPORTED, "version: 0" + versions), // left out
                refusal(inMetadata(SCHEMA, 34, "00"), UNSUPPORTED, "header_type: 0" + types),
                inStream(inMetadata(BATCH, 34, "04"), UNSUPPORTED, "header_type: 4" + types), // Tensor
                inStream(inMetadata(BATCH, 34, "05"), UNSUPPORTED, "header_type: 5" + types), // SparseTensor
                inStream(inMetadata(BATCH, 34, "FF"), UNSUPPORTED, "header_type: 255" + types),
                refusal(inMetadata(SCHEMA, 12, "00"), MALFORMED, "header: absent (expected: a table)"));
    }

    static Stream<Refusal> orders() {
        String schema = " (expected: a schema)";
        return Stream.of(
                refusal(BATCH, OUT_OF_ORDER, "message: RECORD_BATCH" + schema),
                refusal(inMetadata(BATCH, 34, "02"), OUT_OF_ORDER, "message: DICTIONARY_BATCH" + schema),
                refusal(END, OUT_OF_ORDER, "message: END_OF_STREAM" + schema),
                inStream(SCHEMA, OUT_OF_ORDER, "message: SCHEMA (expected: a batch)"),
                new Refusal(Wire.concat(SCHEMA, END), END, OUT_OF_ORDER, "message: END_OF_STREAM" + schema),
                new Refusal(Wire.concat(SCHEMA, BATCH, END), BATCH, OUT_OF_ORDER, "message: RECORD_BATCH" + schema));
    }

    static Stream<Refusal> contents() {
        return Stream.of(
                inStream(
                        inMetadata(BATCH, 56, "FF FF FF FF FF FF FF FF"),
                        MALFORMED,
                        "length of a record batch: -1 (expected: >= 0)"),
                // endianness stands where fields stood, fields are left out
                refusal(
                        inMetadata(inMetadata(SCHEMA, 40, "04 00 00 00"), 48, "01 00"),
                        UNSUPPORTED,
                        "endianness: 1 (expected: 0 (little-endian))"),
                refusal(inMetadata(SCHEMA, 85, "00"), UNSUPPORTED, "type_type: 0 (expected: 1..26)"),
                refusal(inMetadata(SCHEMA, 85, "1B"), UNSUPPORTED, "type_type: 27 (expected: 1..26)"),
                refusal(inMetadata(SCHEMA, 70, "00"), MALFORMED, "type of field a: absent (expected: a table)"));
    }

    static Stream<Refusal> dictionaries() {
        String ids = " (expected: an id in the schema)";
        return Stream.of(
                inDictionaryStream(inMetadata(DICTIONARY_BATCH, 56, "08"), MALFORMED, "dictionary id: 8" + ids),
                inDictionaryStream(inMetadata(DICTIONARY_BATCH, 42, "00"), MALFORMED, "dictionary id: 0" + ids),
                inStream(DICTIONARY_BATCH, MALFORMED, "dictionary id: 7" + ids),
                inDictionaryStream(
                        inMetadata(DICTIONARY_BATCH, 44, "00"),
                        MALFORMED,
                        "data of dictionary 7: absent (expected: a RecordBatch)"));
    }

    @ParameterizedTest
    @MethodSource({"prefixes", "headers", "orders", "contents"})
    void refuses(Refusal refusal) {
        assertRefused(refusal, TIGHT);
    }

    @ParameterizedTest
    @MethodSource("dictionaries")
    void refusesDictionaryBatch(Refusal refusal) {
        assertRefused(refusal, IpcLimits.DEFAULTS);
    }

    private static void assertRefused(Refusal refusal, IpcLimits limits) {
        for (Chunking chunking : Chunking.values()) {
            try (DecoderProbe probe = new DecoderProbe(limits)) {
                probe.feed(refusal.accepted(), chunking);
                assertThat(probe.frames()).isEqualTo(refusal.accepted());
                assertThat(probe.errors).isEmpty();

                probe.feed(refusal.refused(), chunking);
                IpcException error = probe.error();
                assertThat(error.code()).isEqualTo(refusal.code());
                assertThat(error).hasMessage(refusal.message());

                // whatever follows: silence
                probe.feed(Wire.concat(SCHEMA, bytes("47 45 54 20 2F 20 48 54")), chunking);
                probe.halfClose();
                assertThat(probe.frames()).isEqualTo(refusal.accepted());
            }
        }
    }

    @Test
    void acceptsWhatIsJustWithinTheLimits() {
        try (DecoderProbe probe = new DecoderProbe(new IpcLimits(128, 128, 16, 1, 1, 1, 1, 1, 1, 1, 1))) {
            probe.feed(SCHEMA, BATCH);

            assertThat(probe.messages).hasSize(2);
        }
    }

    @Test
    void refusesLengthAboveLimitBeforeTheMetadataComes() {
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(bytes("FF FF FF FF F8 FF FF 7F"))) {
            assertThat(probe.error().code()).isEqualTo(TOO_LARGE);
        }
    }

    @Test
    void refusesBodyAboveLimitBeforeTheBodyComes() {
        byte[] head = Arrays.copyOf(inMetadata(BATCH, 24, "11"), 8 + 128);
        try (DecoderProbe probe = new DecoderProbe(TIGHT).feed(SCHEMA, head)) {
            assertThat(probe.error().code()).isEqualTo(TOO_LARGE);
        }
    }

    @Test
    void refusesWithoutStackTrace() {
        try (DecoderProbe probe = new DecoderProbe().feed(END)) {
            assertThat(probe.error().getStackTrace()).isEmpty();
        }
    }

    private static Refusal refusal(byte[] refused, IpcErrorCode code, String message) {
        return new Refusal(NOTHING, refused, code, message);
    }

    private static Refusal inStream(byte[] refused, IpcErrorCode code, String message) {
        return new Refusal(SCHEMA, refused, code, message);
    }

    private static Refusal inDictionaryStream(byte[] refused, IpcErrorCode code, String message) {
        return new Refusal(DICTIONARY_SCHEMA, refused, code, message);
    }
}
