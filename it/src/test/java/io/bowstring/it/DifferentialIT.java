package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the codec's {@code STRUCTURE} lets pass, Arrow's own libraries read, but for the reasons that {@link
 * Disagreement} names: whoever subscribes to a stream that was verified may rely on its layout.
 */
class DifferentialIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long MEMORY_BYTES = 256 << 20;

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    private static List<Mutants.Mutant> mutants;

    @BeforeAll
    static void findMutants() {
        mutants = Mutants.accepted();
        assertThat(mutants).hasSizeGreaterThan(1_000);
    }

    @Test
    void pyarrowFindsNoFaultWithTheLayout(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("streams");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            for (Mutants.Mutant mutant : mutants) {
                out.writeInt(mutant.stream().length);
                out.write(mutant.stream());
            }
        }

        List<String> command = List.of(PYTHON.interpreter(), "verdicts.py", file.toString());
        try (ClientProcess process = ClientProcess.start(Project.inModule("src/test/python"), Map.of(), command)) {
            List<String> verdicts = process.await(TIMEOUT).lines().toList();
            assertThat(verdicts).hasSameSizeAs(mutants);
            assertThat(Disagreement.unexplained(mutants, verdicts)).isEmpty();
        }
    }

    @Test
    void arrowJavaReadsThem() {
        List<String> verdicts =
                mutants.stream().map(mutant -> verdict(mutant.stream())).toList();

        assertThat(Disagreement.unexplained(mutants, verdicts)).isEmpty();
    }

    private static String verdict(byte[] stream) {
        BufferAllocator allocator = new RootAllocator(MEMORY_BYTES);
        String stage = "schema";
        try (ArrowStreamReader reader = new ArrowStreamReader(
                new ByteArrayInputStream(stream), allocator, CommonsCompressionFactory.INSTANCE)) {
            reader.getVectorSchemaRoot();
            stage = "batch";
            while (reader.loadNextBatch()) {
                assertThat(reader.bytesRead()).isPositive();
            }
            return "accepted";
        } catch (IOException | RuntimeException e) {
            return stage + "\t" + describe(e);
        } finally {
            closeWithLeaks(allocator);
        }
    }

    private static String describe(Exception e) {
        StackTraceElement origin = e.getStackTrace()[0];
        String type = origin.getClassName().replaceAll(".*[.$]", "");
        return e.getClass().getSimpleName() + " at " + type + "." + origin.getMethodName() + ": " + e.getMessage();
    }

    /** It does not release what it has read of a batch that it refuses. */
    private static void closeWithLeaks(BufferAllocator allocator) {
        try {
            allocator.close();
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("leaked");
        }
    }
}
