package io.bowstring.flight;

import static io.bowstring.flight.FlightProbe.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protobuf bytes that are not a {@code FlightData}, or not the one that may come next. */
@ExtendWith(LeakDetection.class)
class FlightDataRefusalTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "00                                 | tag: 0 (expected: 8..4294967295)",
                "07                                 | tag: 7 (expected: 8..4294967295)",
                "80 80 80 80 10                     | tag: 4294967296 (expected: 8..4294967295)",
                "FF FF FF FF FF FF FF FF FF 01      | tag: 18446744073709551615 (expected: 8..4294967295)",
                "80 80 80 80 80 80 80 80 80 80      | tag: a varint of more than 10 bytes (expected: <= 10 bytes)",
                "26                                 | wire type: 6 (expected: 0, 1, 2, 3 or 5)",
                "27                                 | wire type: 7 (expected: 0, 1, 2, 3 or 5)",
                "24                                 | wire type: 4 (expected: 0, 1, 2, 3 or 5)",
                "23 2C                              | end of group: 5 (expected: 4)",
                "23 2B 24                           | end of group: 4 (expected: 5)",
                "23 26                              | wire type: 6 (expected: 0, 1, 2, 3 or 5)",
                "12 FF FF FF FF FF FF FF FF FF 01   | data_header: 18446744073709551615 bytes (expected: <= 2^63 - 1)",
                "3A 80 80 80 80 80 80 80 80 80 01   | unknown field: 9223372036854775808 bytes (expected: <= 2^63 - 1)",
                "20 80 80 80 80 80 80 80 80 80 80   | unknown field: a varint of more than 10 bytes (expected: <= 10 bytes)",
                "C2 3E 01 00                        | data_header: absent (expected: the metadata of data_body)",
            })
    void refusesMalformedProtobuf(String bytes, String message) {
        assertRefused(IpcErrorCode.MALFORMED, Wire.bytes(bytes), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "92                    | tag: 0 bytes are left (expected: the rest of a varint)",
                "12                    | data_header: 0 bytes are left (expected: the rest of a varint)",
                "12 80                 | data_header: 0 bytes are left (expected: the rest of a varint)",
                "12 02 00              | data_header: 1 bytes are left (expected: 2 bytes)",
                "12 FF FF FF FF 07 00  | data_header: 1 bytes are left (expected: 2147483647 bytes)",
                "12 80 80 80 80 10 00  | data_header: 1 bytes are left (expected: 4294967296 bytes)",
                "C2 3E FF FF FF FF FF FF FF FF 7F | data_body: 0 bytes are left (expected: 9223372036854775807 bytes)",
                "0A 01                 | flight_descriptor: 0 bytes are left (expected: 1 bytes)",
                "1A 01                 | app_metadata: 0 bytes are left (expected: 1 bytes)",
                "20                    | unknown field: 0 bytes are left (expected: the rest of a varint)",
                "29 00                 | unknown field: 1 bytes are left (expected: 8 bytes)",
                "35 00                 | unknown field: 1 bytes are left (expected: 4 bytes)",
                "3A 05 00              | unknown field: 1 bytes are left (expected: 5 bytes)",
                "23                    | group: 0 bytes are left (expected: its end)",
                "23 10 01              | group: 0 bytes are left (expected: its end)",
            })
    void refusesProtobufThatEndsTooEarly(String bytes, String message) {
        assertRefused(IpcErrorCode.TRUNCATED, Wire.bytes(bytes), message);
    }

    @Test
    void skipsGroupsAsDeepAsProtobufAllowsAndNoDeeper() {
        try (FlightProbe probe = new FlightProbe()) {
            byte[] deep = new byte[200];
            Arrays.fill(deep, 0, 100, (byte) 0x23);
            Arrays.fill(deep, 100, 200, (byte) 0x24);
            assertThat(probe.feed(deep).decoded.get(0).message()).isNull();

            byte[] deeper = new byte[1 << 20];
            Arrays.fill(deeper, (byte) 0x23);
            IpcException error = probe.refusal(deeper);
            assertThat(error.code()).isEqualTo(IpcErrorCode.TOO_LARGE);
            assertThat(error).hasMessage("depth of groups: 101 (expected: <= 100)");
        }
    }

    @Test
    void refusesBodyThatIsNotAsLongAsTheMetadataSays() {
        byte[] prefix = Wire.concat(Wire.bytes("12 80 01"), metadata(Wire.BATCH, 16));

        assertRefused(IpcErrorCode.MALFORMED, prefix, "body bytes: 0 (expected: bodyLength, 16)", FlightWire.SCHEMA);
        assertRefused(
                IpcErrorCode.MALFORMED,
                Wire.concat(prefix, Wire.bytes("C2 3E 11"), new byte[17]),
                "body bytes: 17 (expected: bodyLength, 16)",
                FlightWire.SCHEMA);
        assertRefused(
                IpcErrorCode.MALFORMED,
                Wire.concat(FlightWire.SCHEMA, Wire.bytes("C2 3E 01 00")),
                "body bytes: 1 (expected: bodyLength, 0)");
    }

    @Test
    void refusesEmptyMetadata() {
        assertRefused(
                IpcErrorCode.MALFORMED,
                Wire.bytes("12 00 // data_header: nothing"),
                "offset: 0 (expected: inside the metadata of 0 bytes)");
    }

    @Test
    void refusesMessagesOutOfOrder() {
        assertRefused(IpcErrorCode.OUT_OF_ORDER, FlightWire.BATCH, "message: RECORD_BATCH (expected: a schema)");
        assertRefused(
                IpcErrorCode.OUT_OF_ORDER,
                FlightWire.DICTIONARY_BATCH,
                "message: DICTIONARY_BATCH (expected: a schema)");
        assertRefused(
                IpcErrorCode.OUT_OF_ORDER, FlightWire.SCHEMA, "message: SCHEMA (expected: a batch)", FlightWire.SCHEMA);
    }

    @Test
    void refusesDictionaryThatIsNotInSchema() {
        assertRefused(
                IpcErrorCode.MALFORMED,
                FlightWire.DICTIONARY_BATCH,
                "dictionary id: 7 (expected: an id in the schema)",
                FlightWire.SCHEMA);
    }

    @Test
    void repeatsItsFirstRefusal() {
        try (FlightProbe probe = new FlightProbe()) {
            IpcException first = probe.refusal(FlightWire.BATCH);

            assertThat(probe.refusal(FlightWire.SCHEMA)).isSameAs(first);
            assertThat(probe.refusal(new byte[0])).isSameAs(first);
        }
    }

    @Test
    void refusesWhatIsAboveALimit() {
        IpcLimits limits = new IpcLimits(128, 128, 16, 1, 1, 1, 1, 1, 1, 1, 1);
        byte[] longest = Wire.concat(Wire.bytes("1A 80 01"), new byte[128], Wire.bytes("0A 80 01"), new byte[128]);
        byte[] longSchema = Wire.concat(Wire.bytes("12 81 01"), metadata(Wire.SCHEMA, 0), new byte[1]);
        byte[] longBatch =
                Wire.concat(Wire.bytes("12 81 01"), metadata(Wire.BATCH, 16), Wire.bytes("00 C2 3E 10"), new byte[16]);

        assertTooLarge(limits, "schema bytes: 129 (expected: <= 128)", longest, longSchema);
        assertTooLarge(
                limits, "metadata bytes: 129 (expected: <= 128)", FlightWire.SCHEMA, FlightWire.BATCH, longBatch);
        assertTooLarge(limits, "bodyLength: 256 (expected: <= 16)", FlightWire.SCHEMA, FlightWire.LARGE_BATCH);
        assertTooLarge(
                limits,
                "app_metadata bytes: 129 (expected: <= 128)",
                Wire.concat(Wire.bytes("1A 81 01"), new byte[129]));
        assertTooLarge(
                limits,
                "flight_descriptor bytes: 129 (expected: <= 128)",
                Wire.concat(longest, Wire.bytes("0A 01 00")));
    }

    /** Feeds messages of which the last must be refused. */
    private static void assertTooLarge(IpcLimits limits, String message, byte[]... protobufs) {
        try (FlightProbe probe = new FlightProbe(limits)) {
            int last = protobufs.length - 1;
            IpcException error = probe.feed(Arrays.copyOf(protobufs, last)).refusal(protobufs[last]);
            assertThat(error.code()).isEqualTo(IpcErrorCode.TOO_LARGE);
            assertThat(error).hasMessage(message);
        }
    }

    private static void assertRefused(IpcErrorCode code, byte[] protobuf, String message, byte[]... before) {
        try (FlightProbe probe = new FlightProbe().feed(before)) {
            IpcException error = probe.refusal(protobuf);
            assertThat(error).hasMessage(message);
            assertThat(error.code()).isEqualTo(code);
        }
    }
}
