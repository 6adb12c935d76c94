package io.bowstring.flight;

import static io.bowstring.flight.FlightProbe.bytes;
import static io.bowstring.flight.FlightProbe.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.DecoderProbe;
import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole streams go through Flight's form and come out as they were; damaged ones end in one typed error. */
@ExtendWith(LeakDetection.class)
class FlightDataStreamsTest {
    private static final int MUTANTS = 20_000;
    private static final long SEED = Seeds.fixed("FlightDataStreamsTest", 20_261_121);
    private static final List<byte[]> HAND_WRITTEN = List.of(
            Wire.concat(FlightWire.DESCRIPTOR, FlightWire.DICTIONARY_SCHEMA),
            Wire.concat(FlightWire.DICTIONARY_BATCH, FlightWire.APP_METADATA),
            FlightWire.APP_METADATA,
            FlightWire.BATCH,
            FlightWire.LARGE_BATCH);

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void keepsTheBytesOfGoldenStreams(Path file) {
        try (DecoderProbe stream = new DecoderProbe().feed(GoldenStreams.read(file));
                FlightProbe flight = new FlightProbe()) {
            for (IpcMessage message : stream.messages) {
                if (message.kind() != IpcKind.END_OF_STREAM) {
                    FlightData data = flight.feed(protobuf(message)).decoded.get(flight.decoded.size() - 1);
                    assertThat(bytes(flight.message().frame())).isEqualTo(bytes(message.frame()));
                    assertThat(flight.message()).hasSameClassAs(message);
                    assertThat(encoded(data)).isEqualTo(protobuf(message));
                }
            }
        }
    }

    @Test
    void refusesOrAcceptsEveryTruncation() {
        for (int last = 0; last < HAND_WRITTEN.size(); last++) {
            byte[] whole = HAND_WRITTEN.get(last);
            for (int length = 0; length < whole.length; length++) {
                List<byte[]> stream = new ArrayList<>(HAND_WRITTEN.subList(0, last));
                stream.add(Arrays.copyOf(whole, length));
                String mutant = "message " + last + ", " + length + " bytes";
                // Between two fields it is a message, and right where what is cut off may be left out.
                int shortened = whole.length - length;
                boolean isOptional = length == 0
                        || (last == 0 && length == FlightWire.DESCRIPTOR.length)
                        || (last == 1 && shortened == FlightWire.APP_METADATA.length);
                assertThat(isAccepted(stream, mutant)).as(mutant).isEqualTo(isOptional);
            }
        }
    }

    @Test
    void refusesOrAcceptsEveryBitFlip() {
        for (int at = 0; at < HAND_WRITTEN.size(); at++) {
            for (int bit = 0; bit < 8 * HAND_WRITTEN.get(at).length; bit++) {
                List<byte[]> stream = new ArrayList<>(HAND_WRITTEN);
                byte[] mutant = HAND_WRITTEN.get(at).clone();
                mutant[bit / 8] ^= (byte) (1 << bit % 8);
                stream.set(at, mutant);
                isAccepted(stream, "message " + at + ", bit " + bit);
            }
        }
    }

    @Test
    void refusesOrAcceptsMutants() {
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            Random random = new Random(SEED + i);
            List<byte[]> stream = new ArrayList<>(HAND_WRITTEN);
            for (int mutations = 1 + random.nextInt(2); mutations > 0; mutations--) {
                int at = random.nextInt(stream.size());
                stream.set(at, mutate(stream.get(at), random));
            }
            refused += isAccepted(stream, "-Dbowstring.seed=" + (SEED + i)) ? 0 : 1;
        }
        // Both happen, or the mutants are too tame or too wild to test anything.
        assertThat(refused).isBetween(MUTANTS / 10, MUTANTS * 19 / 20);
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        // Near the beginning and the end, where tags and lengths are, more often than in between.
        int reach = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 12);
        int at = random.nextInt(Math.max(1, reach));
        at = random.nextInt(4) == 0 ? Math.max(0, bytes.length - 1 - at) : at;
        int length = Math.min(bytes.length - at, 1 + random.nextInt(12));
        byte[] before = Arrays.copyOf(bytes, at);
        byte[] range = Arrays.copyOfRange(bytes, at, at + length);
        byte[] after = Arrays.copyOfRange(bytes, at + length, bytes.length);
        return switch (random.nextInt(9)) {
            case 0 -> Wire.concat(before, range, range, after);
            case 1 -> Wire.concat(before, after);
            case 2 -> before;
            case 3 -> Wire.concat(before, Wire.bytes("FF FF FF FF 07"), after);
            case 4 -> Wire.concat(before, FlightWire.APP_METADATA, range, after);
            case 5 -> {
                random.nextBytes(range);
                yield Wire.concat(before, range, after);
            }
            default -> flipBit(bytes.clone(), random);
        };
    }

    private static byte[] flipBit(byte[] bytes, Random random) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    /** Decodes a stream to its end or first error, which must be typed; reads and edits what is accepted. */
    private static boolean isAccepted(List<byte[]> stream, String mutant) {
        try (FlightProbe probe = new FlightProbe()) {
            for (byte[] protobuf : stream) {
                try {
                    probe.feed(protobuf);
                } catch (IpcException e) {
                    assertThat(e).as(mutant).hasMessageContaining("(expected: ");
                    return false;
                }
            }
            for (FlightData data : probe.decoded) {
                use(data, mutant);
            }
            return true;
        }
    }

    private static void use(FlightData data, String mutant) {
        IpcMessage message = data.message();
        if (message != null) {
            assertThat(message.customMetadata()).as(mutant).isNotNull();
            assertThat(message.frameBytes())
                    .as(mutant)
                    .isEqualTo(8
                            + message.metadata().readableBytes()
                            + message.body().readableBytes());
        }
        // What is decoded can be written, and that is the same again.
        byte[] protobuf = encoded(data);
        ByteBuf copy = Unpooled.wrappedBuffer(protobuf);
        assertThat(FlightFields.read(copy, IpcLimits.DEFAULTS).descriptor())
                .as(mutant)
                .isEqualTo(data.descriptor());
    }

    private static byte[] protobuf(IpcMessage message) {
        FlightData data = new FlightData(message.retain());
        try {
            return encoded(data);
        } finally {
            data.release();
        }
    }
}
