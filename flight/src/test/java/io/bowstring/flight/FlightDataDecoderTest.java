package io.bowstring.flight;

import static io.bowstring.flight.FlightProbe.ALLOCATOR;
import static io.bowstring.flight.FlightProbe.bytes;
import static io.bowstring.flight.FlightProbe.direct;
import static io.bowstring.flight.FlightProbe.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protobuf bytes and what is read from them. */
@ExtendWith(LeakDetection.class)
class FlightDataDecoderTest {
    @Test
    void makesFramesOfMessages() {
        try (FlightProbe probe = new FlightProbe()) {
            assertThat(bytes(probe.feed(FlightWire.SCHEMA).message().frame())).isEqualTo(Wire.SCHEMA);
            assertThat(bytes(probe.feed(FlightWire.BATCH).message().frame())).isEqualTo(Wire.BATCH);
            assertThat(probe.message().body().readableBytes()).isEqualTo(16);
            assertThat(probe.message()).isInstanceOf(IpcRecordBatch.class);
        }
    }

    @Test
    void readsDescriptorAndApplicationMetadata() {
        byte[] protobuf = Wire.concat(FlightWire.DESCRIPTOR, FlightWire.SCHEMA, FlightWire.APP_METADATA);
        try (FlightProbe probe = new FlightProbe().feed(protobuf)) {
            FlightData data = probe.decoded.get(0);

            assertThat(bytes(data.descriptor())).containsExactly(8, 1, 0x1A, 1, 'p');
            assertThat(bytes(data.appMetadata())).containsExactly('h', 'i');
            assertThat(probe.message().kind()).isEqualTo(IpcKind.SCHEMA);
        }
    }

    @Test
    void readsMetadataAloneAnywhereInStream() {
        try (FlightProbe probe =
                new FlightProbe().feed(FlightWire.APP_METADATA, FlightWire.SCHEMA, new byte[0], FlightWire.BATCH)) {
            assertThat(probe.decoded.get(0).message()).isNull();
            assertThat(bytes(probe.decoded.get(0).appMetadata())).containsExactly('h', 'i');
            assertThat(probe.decoded.get(2).message()).isNull();
            assertThat(probe.message().kind()).isEqualTo(IpcKind.RECORD_BATCH);
        }
    }

    @Test
    void readsFieldsInAnyOrder() {
        byte[] batch = Wire.concat(
                Wire.bytes("C2 3E 10 // data_body: 16 bytes"),
                FlightProbe.body(Wire.BATCH, 16),
                FlightWire.APP_METADATA,
                Wire.bytes("12 80 01 // data_header: 128 bytes"),
                FlightProbe.metadata(Wire.BATCH, 16));
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA, batch)) {
            assertThat(bytes(probe.message().frame())).isEqualTo(Wire.BATCH);
        }
    }

    @Test
    void takesTheLastOfSeveralValuesAndAllOfSeveralDescriptors() {
        byte[] protobuf = Wire.concat(Wire.bytes("""
                        0A 02 08 01              // flight_descriptor: type: PATH
                        12 01 FF                 // data_header: 1 byte
                        1A 01 61                 // app_metadata: "a"
                        C2 3E 01 FF              // data_body: 1 byte
                        0A 00                    // flight_descriptor: nothing
                        1A 00                    // app_metadata: nothing
                        0A 03 1A 01 70           // flight_descriptor: path: "p"
                        0A 03 1A 01 71           // flight_descriptor: path: "q"
                        """), FlightWire.SCHEMA, Wire.bytes("""
                        1A 01 62                 // app_metadata: "b"
                        C2 3E 00                 // data_body: nothing
                        """));
        try (FlightProbe probe = new FlightProbe().feed(protobuf)) {
            FlightData data = probe.decoded.get(0);

            assertThat(bytes(data.descriptor())).isEqualTo(Wire.bytes("08 01  1A 01 70  1A 01 71"));
            assertThat(bytes(data.appMetadata())).containsExactly('b');
            assertThat(bytes(probe.message().frame())).isEqualTo(Wire.SCHEMA);
        }
    }

    @Test
    void skipsUnknownFields() {
        byte[] unknown = Wire.bytes("""
                20 FF FF FF FF FF FF FF FF FF 01  // 4, a varint of 10 bytes
                29 12 12 12 12 12 12 12 12        // 5, 8 bytes
                35 12 12 12 12                    // 6, 4 bytes
                3A 03 12 12 12                    // 7, 3 bytes
                43 12 01 12 4B 4C 08 01 44        // 8, a group with a field 2, a group 9 and a field 1
                10 01                             // 2, but not bytes: as unknown as the others
                FA FF FF FF 0F 00                 // 536870911, the largest number, no bytes
                """);
        byte[] protobuf = Wire.concat(unknown, FlightWire.SCHEMA, unknown);
        try (FlightProbe probe = new FlightProbe().feed(protobuf)) {
            assertThat(bytes(probe.message().frame())).isEqualTo(Wire.SCHEMA);
        }
    }

    @Test
    void readsLongerVarintsThanNeeded() {
        byte[] protobuf = Wire.concat(
                Wire.bytes("92 80 00                         // data_header, in 3 bytes"),
                Wire.bytes("80 81 80 80 80 80 80 80 80 00    // 128 bytes, in 10 bytes"),
                FlightProbe.metadata(Wire.SCHEMA, 0));
        try (FlightProbe probe = new FlightProbe().feed(protobuf)) {
            assertThat(bytes(probe.message().frame())).isEqualTo(Wire.SCHEMA);
        }
    }

    @Test
    void padsMetadata() {
        byte[] protobuf = Wire.concat(
                Wire.bytes("12 85 01 // data_header: 133 bytes"), FlightProbe.metadata(Wire.SCHEMA, 0), new byte[5]);
        try (FlightProbe probe = new FlightProbe().feed(protobuf)) {
            byte[] padded = Wire.concat(Wire.with(Wire.SCHEMA, 4, "88 00 00 00"), new byte[8]);
            assertThat(bytes(probe.message().frame())).isEqualTo(padded);
        }
    }

    @Test
    void sharesTheBodyThatIsMostOfTheProtobuf() {
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA)) {
            ByteBuf protobuf = direct(FlightWire.LARGE_BATCH);
            long body = protobuf.memoryAddress() + protobuf.writerIndex() - 256;

            FlightData data = probe.decode(protobuf.retain());

            assertThat(FrameForm.bodyAddress(probe.message())).isEqualTo(body);
            assertThat(probe.message().frame().nioBufferCount()).isEqualTo(2);
            assertThat(probe.message().frameBytes()).isEqualTo(8 + 128 + 256);
            assertThat(((IpcRecordBatch) probe.message()).buffer(1, 12).getIntLE(8))
                    .isEqualTo(3);
            assertThat(encoded(data)).isEqualTo(FlightWire.LARGE_BATCH);
            assertThat(protobuf.release()).isFalse();
        }
    }

    @Test
    void copiesTheBodyThatIsLittleOfTheProtobuf() {
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA, FlightWire.BATCH)) {
            assertThat(probe.message().frame().nioBufferCount()).isEqualTo(1);
            assertThat(FrameForm.bodyAddress(probe.message()) % 64).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void leavesHeadroomForEdits(boolean isShared) {
        IpcMetadataEdit edit = new IpcMetadataEdit("z", Map.of("z", "1"));
        byte[] protobuf = isShared ? FlightWire.LARGE_BATCH : FlightWire.BATCH;
        FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA, protobuf);
        IpcRecordBatch batch = (IpcRecordBatch) probe.message().retain();
        probe.close(); // what is retained outlives it
        long body = FrameForm.bodyAddress(batch);
        byte[] frame = bytes(batch.frame());

        IpcRecordBatch edited = batch.edited(edit, ALLOCATOR);

        assertThat(edited.customMetadata()).containsExactly(Map.entry("z", "1"));
        assertThat(FrameForm.bodyAddress(edited)).isEqualTo(body);
        byte[] editedFrame = bytes(edited.frame());
        int from = editedFrame.length - frame.length + FlightProbe.PREFIX_BYTES;
        assertThat(Arrays.copyOfRange(editedFrame, from, editedFrame.length))
                .isEqualTo(Arrays.copyOfRange(frame, FlightProbe.PREFIX_BYTES, frame.length));
        assertThat(edited.release()).isTrue();
    }

    @Test
    void readsProtobufThatArrivedInPieces() {
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA)) {
            CompositeByteBuf pieces = ALLOCATOR.compositeBuffer(1_000);
            for (byte one : FlightWire.LARGE_BATCH) {
                pieces.addComponent(true, direct(new byte[] {one}));
            }
            probe.decode(pieces);

            assertThat(encoded(probe.decoded.get(1))).isEqualTo(FlightWire.LARGE_BATCH);
        }
    }

    @Test
    void readsProtobufOnTheHeap() {
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.SCHEMA)) {
            probe.decode(Unpooled.wrappedBuffer(FlightWire.LARGE_BATCH));

            assertThat(probe.message().body().nioBuffer().hasArray()).isTrue();
            assertThat(encoded(probe.decoded.get(1))).isEqualTo(FlightWire.LARGE_BATCH);
        }
    }

    @Test
    void acceptsDictionaryOfSchema() {
        try (FlightProbe probe = new FlightProbe().feed(FlightWire.DICTIONARY_SCHEMA, FlightWire.DICTIONARY_BATCH)) {
            assertThat(((IpcDictionaryBatch) probe.message()).id()).isEqualTo(7);
            assertThat(bytes(probe.message().frame())).isEqualTo(Wire.DICTIONARY_BATCH);
        }
    }
}
