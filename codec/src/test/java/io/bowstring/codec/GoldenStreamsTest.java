package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of other Arrow implementations go through decoder and encoder and come out as they were. */
@ExtendWith(LeakDetection.class)
class GoldenStreamsTest {
    /** What a stream is cut into at random in all rounds together: short ones more often, each 5 to 1,000 times. */
    private static final int RANDOM_BYTES = 1 << 20;

    private static final long SEED = Seeds.fresh("GoldenStreamsTest");

    /** Of so many cuts through a long stream one is made, which the seed chooses; all take a minute. */
    private static final int CUT_EVERY = Integer.getInteger("bowstring.cut.every", 16);

    /** Returns all streams but the two whose work, bytes times bytes, would take a minute. */
    static Stream<Path> shortStreams() {
        return GoldenStreams.readable().stream().filter(file -> file.toFile().length() < 32 << 10);
    }

    static Stream<Path> longStreams() {
        return GoldenStreams.readable().stream()
                .filter(file -> file.toFile().length() >= 32 << 10 || !Files.isRegularFile(file)); // missing: skips
    }

    @ParameterizedTest
    @MethodSource("shortStreams")
    void relaysStreamThatIsCutInTwoAnywhere(Path file) {
        try (RelayProbe relay = new RelayProbe(file)) {
            for (int cut = 0; cut <= relay.bytes(); cut++) {
                relay.send(cut);
                relay.send(relay.bytes() - cut);
                relay.assertRelayed();
            }
        }
    }

    /** Cuts at many bytes, at one of each message in every round. */
    @ParameterizedTest
    @MethodSource("longStreams")
    void relaysLongStreamWhoseMessagesAreEachCutAnywhere(Path file) {
        try (RelayProbe relay = new RelayProbe(file)) {
            relay.send(relay.bytes());
            List<Integer> starts = relay.assertRelayed();
            int first = new Random(SEED).nextInt(CUT_EVERY);
            for (int ahead = first, cuts = 1; cuts > 0; ahead += CUT_EVERY) {
                cuts = 0;
                for (int i = 0; i < starts.size(); i++) {
                    int end = i + 1 < starts.size() ? starts.get(i + 1) : relay.bytes();
                    if (starts.get(i) + ahead < end) {
                        relay.sendUpTo(starts.get(i) + ahead);
                        cuts++;
                    }
                }
                relay.sendUpTo(relay.bytes());
                relay.assertRelayed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void relaysStreamByteByByte(Path file) {
        try (RelayProbe relay = new RelayProbe(file)) {
            for (int i = 0; i < relay.bytes(); i++) {
                relay.send(1);
            }
            relay.assertRelayed();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#readable")
    void relaysStreamThatIsCutAtRandom(Path file) {
        Random random = new Random(SEED);
        try (RelayProbe relay = new RelayProbe(file)) {
            int rounds = Math.max(5, Math.min(1_000, RANDOM_BYTES / relay.bytes()));
            for (int round = 0; round < rounds; round++) {
                int longest = 1 + random.nextInt(1 << (1 + random.nextInt(12)));
                for (int left = relay.bytes(); left > 0; ) {
                    int chunk = Math.min(left, random.nextInt(longest + 1));
                    relay.send(chunk);
                    left -= chunk;
                }
                relay.assertRelayed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void relaysStreamWithoutVerifyingIt(Path file) {
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING);
        try (RelayProbe relay = new RelayProbe(config, GoldenStreams.read(file))) {
            relay.send(relay.bytes());
            relay.assertRelayed();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#bigEndian")
    void refusesBigEndianStream(Path file) {
        try (DecoderProbe probe = new DecoderProbe().feed(GoldenStreams.read(file))) {
            IpcException error = probe.error();
            assertThat(error.code()).isEqualTo(IpcErrorCode.UNSUPPORTED);
            assertThat(error).hasMessage("endianness: 1 (expected: 0 (little-endian))");
            assertThat(probe.messages).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#legacy")
    void refusesFramingWithoutContinuationMarker(Path file) {
        try (DecoderProbe probe = new DecoderProbe().feed(GoldenStreams.read(file))) {
            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.NOT_ARROW);
            assertThat(probe.messages).isEmpty();
        }
    }
}
