package io.bowstring.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes are, a stream ends in one {@link IpcException} or in valid messages, and how it is cut makes no
 * difference. In the normal build the seeds are decoded; with {@code JAZZER_FUZZ=1} Jazzer makes inputs of its own, see
 * CONTRIBUTING.md.
 *
 * <pre>
 *   byte 0: bit 0 verification, bits 1-2 limits, bits 3-4 longest chunk, bit 5 legacy framing   byte 1: seed of the chunks   bytes 2..: stream
 * </pre>
 */
class IpcDecoderFuzzTest {
    private static final int HEAD_BYTES = 2;

    /** Longest golden stream to start from: shorter inputs are decoded more often. */
    private static final int MAX_SEED_BYTES = 6 << 10;

    private static final IpcLimits SMALL_BODIES =
            IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(1 << 16).build();
    private static final List<IpcLimits> LIMITS = List.of(
            SMALL_BODIES,
            IpcLimits.DEFAULTS,
            SMALL_BODIES,
            new IpcLimits(1 << 10, 1 << 10, 1 << 10, 8, 3, 2, 64, 2, 64, 1, 1 << 10));
    private static final int[] LONGEST_CHUNK = {8, 64, 512, 4096};

    @MethodSource("seeds")
    @FuzzTest
    void endsInOneErrorOrInMessages(byte[] input) {
        if (input.length < HEAD_BYTES) {
            return;
        }
        IpcVerification verification = IpcVerification.values()[input[0] & 1];
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS
                .withLimits(LIMITS.get(input[0] >> 1 & 3))
                .withVerification(verification)
                .withLegacyFraming((input[0] & 0x20) != 0);
        byte[] stream = Arrays.copyOfRange(input, HEAD_BYTES, input.length);

        HostileStream.Outcome whole = HostileStream.decode(config, stream, List.of(stream));
        HostileStream.Outcome cut =
                HostileStream.decode(config, stream, chunks(stream, LONGEST_CHUNK[input[0] >> 3 & 3], input[1]));
        if (!whole.equals(cut)) {
            throw new AssertionError("whole: " + whole + ", in chunks: " + cut);
        }
        LeakDetection.check();
    }

    private static List<byte[]> chunks(byte[] stream, int longest, int seed) {
        Random random = new Random(seed);
        List<byte[]> chunks = new ArrayList<>();
        for (int from = 0; from < stream.length; ) {
            int to = Math.min(stream.length, from + 1 + random.nextInt(longest));
            chunks.add(Arrays.copyOfRange(stream, from, to));
            from = to;
        }
        return chunks;
    }

    static Stream<byte[]> seeds() {
        byte[] handWritten =
                Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.BATCH_WITH_ENTRY, Wire.BATCH, Wire.END);
        Stream<byte[]> streams =
                Stream.of(Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.BATCH_WITH_ENTRY, Wire.END), handWritten, Wire.END);
        if (System.getenv("JAZZER_FUZZ") != null) {
            Stream<byte[]> golden = Stream.concat(
                            GoldenStreams.littleEndian().stream(), GoldenStreams.legacy().stream())
                    .filter(Files::isRegularFile)
                    .map(GoldenStreams::read)
                    .filter(stream -> stream.length <= MAX_SEED_BYTES);
            streams = Stream.concat(streams, golden);
        }
        return streams.flatMap(stream -> Stream.of(
                Wire.concat(Wire.bytes("01 07"), stream), // the structure is verified, chunks are short
                Wire.concat(Wire.bytes("29 07"), stream), // so it is, with either framing
                Wire.concat(Wire.bytes("16 07"), stream))); // lowest limits, chunks are long
    }
}
