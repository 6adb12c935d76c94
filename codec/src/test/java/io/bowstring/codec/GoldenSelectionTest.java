package io.bowstring.codec;

import static io.bowstring.codec.SelectionProbe.assertSelects;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fields of streams that other Arrow implementations have written, and of damaged ones that a decoder accepts. */
@ExtendWith(LeakDetection.class)
class GoldenSelectionTest {
    private static final int MUTANTS = Integer.getInteger("bowstring.mutants", 5_000);
    private static final long SEED = Seeds.fixed("GoldenSelectionTest", 20_261_121);
    private static final int MAX_STREAM_BYTES = 8 << 10;

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void keepsWhatTheSelectedFieldsHave(Path file) {
        assertSelectsFromAll(GoldenStreams.read(file));
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.NewerTypes#streams")
    void keepsVariadicBuffersRunEndsAndListViews(byte[] stream) {
        assertSelectsFromAll(stream);
    }

    private static void assertSelectsFromAll(byte[] stream) {
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE).feed(stream)) {
            int fields = probe.message(0, IpcSchema.class).fields().size();
            List<Integer> all = IntStream.range(0, fields).boxed().toList();
            List<Integer> reversed = new ArrayList<>(all);
            Collections.reverse(reversed);
            assertSelects(probe, List.of());
            assertSelects(probe, all);
            assertSelects(probe, reversed);
            assertSelects(probe, all.stream().filter(i -> i % 2 == 0).toList());
            assertSelects(probe, all.stream().filter(i -> i % 2 == 1).toList());
            all.stream().limit(40).forEach(i -> assertSelects(probe, List.of(i)));
        }
    }

    @Test
    void selectsFromMutantsWhatIsAcceptedAgain() {
        Mutator mutator = new Mutator(Stream.concat(
                        GoldenStreams.littleEndian().stream().map(GoldenStreams::read), NewerTypes.streams().stream())
                .filter(stream -> stream.length <= MAX_STREAM_BYTES)
                .toList());
        IpcLimits limits = IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(1 << 16).build();
        int selected = 0;
        for (long seed = SEED; seed < SEED + MUTANTS; seed++) {
            try (DecoderProbe probe = new DecoderProbe(limits, IpcVerification.STRUCTURE).feed(mutator.mutant(seed))) {
                probe.channel.finish(); // a mutant may end inside a message
                probe.errors.clear(); // what came before the error counts
                if (!probe.messages.isEmpty() && probe.messages.get(0) instanceof IpcSchema schema) {
                    assertSelects(probe, some(schema.fields().size(), new Random(seed)));
                    selected++;
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dbowstring.seed=" + seed + ": " + e, e);
            }
        }
        assertThat(selected).isGreaterThan(MUTANTS / 4);
    }

    private static List<Integer> some(int fields, Random random) {
        List<Integer> indices =
                new ArrayList<>(IntStream.range(0, fields).boxed().toList());
        Collections.shuffle(indices, random);
        return indices.subList(0, random.nextInt(fields + 1));
    }
}
