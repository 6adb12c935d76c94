package io.bowstring.codec;

import static io.bowstring.codec.Wire.concat;
import static io.bowstring.codec.Wire.inMetadata;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Metadata that another implementation's flatbuffer verifier refuses, wherever in a message it stands. */
@ExtendWith(LeakDetection.class)
class FlatbufferRulesTest {
    /** The schema with a dictionary encoding whose vtable has room for a kind, which stands at an odd position. */
    private static final byte[] ODD_DICTIONARY_KIND = concat(
            inMetadata(inMetadata(Wire.DICTIONARY_SCHEMA, -4, "A0"), 128, "F0 FF FF FF"), // vtable at 128 + 16
            Wire.bytes("""
                    0C 00 10 00              // 144 vtable of DictionaryEncoding: 12 bytes, of a table of 16 bytes
                    08 00 00 00 00 00 05 00  // 148   id at 8, dictionaryKind at 5
                    00 00 00 00              // 156 padding
                    """));

    /** What has been accepted, what is then refused, and how. */
    record Breach(byte[] accepted, byte[] refused, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    static Stream<Breach> breaches() {
        byte[] nothing = {};
        return Stream.of(
                new Breach(
                        nothing,
                        inMetadata(Wire.SCHEMA, 101, "62"), // the name is "a" and then "b" where its zero belongs
                        "end of string: 101 (expected: a zero byte)"),
                new Breach(
                        nothing,
                        inMetadata(Wire.SCHEMA, 108, "05"), // the width of an int32
                        "field: 117 (expected: a multiple of 4)"),
                new Breach(
                        nothing,
                        inMetadata(Wire.DICTIONARY_SCHEMA, 112, "00 00 00 80"), // of a type without parameters
                        "vtable: 2147483760 (expected: inside the metadata of 144 bytes)"),
                new Breach(nothing, ODD_DICTIONARY_KIND, "field: 133 (expected: a multiple of 2)"),
                new Breach(
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH, 14, "0C"), // the length of the body, behind what it shares a word with
                        "field: 28 (expected: a multiple of 8)"),
                new Breach(
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH_WITH_ENTRY, 60, "00 00"),
                        "custom_metadata key: absent (expected: a string)"),
                new Breach(
                        Wire.SCHEMA,
                        inMetadata(Wire.BATCH_WITH_ENTRY, 62, "00 00"),
                        "custom_metadata value: absent (expected: a string)"));
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void refusesBreach(Breach breach) {
        for (Chunking chunking : Chunking.values()) {
            try (DecoderProbe probe = new DecoderProbe().feed(breach.accepted(), chunking)) {
                probe.feed(breach.refused(), chunking);

                IpcException error = probe.error();
                assertThat(error).hasMessage(breach.message());
                assertThat(error.code()).isEqualTo(IpcErrorCode.MALFORMED);
            }
        }
    }
}
