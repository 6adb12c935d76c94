package io.bowstring.flight;

import static io.bowstring.codec.Wire.bytes;
import static io.bowstring.codec.Wire.concat;
import static io.bowstring.flight.FlightProbe.body;
import static io.bowstring.flight.FlightProbe.metadata;

import io.bowstring.codec.Wire;

/** Protobuf messages {@code FlightData}, written by hand around the messages of {@link Wire}. Not instantiable. */
final class FlightWire {
    static final byte[] DESCRIPTOR = bytes("""
            0A 05                    // flight_descriptor: 5 bytes
            08 01                    //   type: PATH
            1A 01 70                 //   path: "p"
            """);

    static final byte[] APP_METADATA = bytes("""
            1A 02                    // app_metadata: 2 bytes
            68 69                    //   "hi"
            """);

    static final byte[] SCHEMA = concat(bytes("12 80 01 // data_header: 128 bytes"), metadata(Wire.SCHEMA, 0));

    /** Its body is less than half of it. */
    static final byte[] BATCH = concat(
            bytes("12 80 01 // data_header: 128 bytes"),
            metadata(Wire.BATCH, 16),
            bytes("C2 3E 10 // data_body: 16 bytes"),
            body(Wire.BATCH, 16));

    /** A batch of {@link #SCHEMA} with 256 bytes of body, more than half of it. */
    static final byte[] LARGE_BATCH = concat(
            bytes("12 80 01 // data_header: 128 bytes"),
            metadata(Wire.inMetadata(Wire.BATCH, 24, "00 01 // bodyLength: 256"), 16),
            bytes("C2 3E 80 02 // data_body: 256 bytes"),
            body(Wire.BATCH, 16),
            new byte[240]);

    static final byte[] DICTIONARY_SCHEMA =
            concat(bytes("12 90 01 // data_header: 144 bytes"), metadata(Wire.DICTIONARY_SCHEMA, 0));

    static final byte[] DICTIONARY_BATCH = concat(
            bytes("12 B0 01 // data_header: 176 bytes"),
            metadata(Wire.DICTIONARY_BATCH, 24),
            bytes("C2 3E 18 // data_body: 24 bytes"),
            body(Wire.DICTIONARY_BATCH, 24));

    private FlightWire() {}
}
