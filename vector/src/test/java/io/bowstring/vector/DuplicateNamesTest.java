package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;

/** A struct with two fields of one name, read by JVMs that are told what to do with it, and by those that are not. */
class DuplicateNamesTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @Test
    void areReadWhereArrowJavaReadsThem() throws Exception {
        assertThat(run("-Darrow.struct.conflict.policy=CONFLICT_APPEND"))
                .hasSize(3)
                .allMatch(line -> line.endsWith(" ][1296194679 ][ôjllc4i ]]]"))
                .anyMatch(line -> line.startsWith("arrow-java: [[ints "))
                .anyMatch(line -> line.startsWith("BatchReader: [[ints "))
                .anyMatch(line -> line.startsWith("BatchWriter: [[ints "));
    }

    @Test
    void areRefusedWhereArrowJavaRefusesThem() throws Exception {
        assertThat(run())
                .hasSize(2)
                .anyMatch(line -> line.startsWith("arrow-java: not all nodes, buffers and variadicBufferCounts were"))
                .anyMatch(line -> line.startsWith("BatchReader: field: struct: struct<: int32, : utf8>"));
    }

    /** Returns what a JVM of its own prints, less what it says of itself. */
    private static List<String> run(String... flags) throws Exception {
        Path stream = GoldenStreams.littleEndian().stream()
                .filter(file -> file.endsWith("generated_duplicate_fieldnames.stream"))
                .findFirst()
                .orElseGet(() -> GoldenStreams.littleEndian().get(0));
        GoldenStreams.read(stream); // or the test is skipped
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", CLASS_PATH, Probe.class.getName(), stream.toString()));
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.lines().toList();
    }

    /** Runs in a JVM of its own. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws IOException {
            byte[] stream = GoldenStreams.read(Path.of(args[0]));
            try {
                print("arrow-java", StockStream.read(stream).batches());
            } catch (IllegalArgumentException e) {
                print("arrow-java", e.getMessage());
            }
            try (BufferAllocator allocator =
                            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);
                    BatchReader reader = new BatchReader(allocator)) {
                read(Messages.of(stream), reader);
            } catch (IpcException e) {
                print("BatchReader", e.getMessage());
            }
        }

        private static void read(List<IpcMessage> messages, BatchReader reader) throws IOException {
            reader.read(messages.get(0));
            WrittenStream written = new WrittenStream();
            try (VectorBatch batch = reader.read(messages.get(1));
                    BatchWriter writer = new BatchWriter(
                            reader.schema(),
                            batch.dictionaries(),
                            BatchWriterConfig.DEFAULTS,
                            PooledByteBufAllocator.DEFAULT)) {
                print("BatchReader", List.of(StockStream.texts(batch.root(), batch.dictionaries())));
                written.add(writer.schema());
                written.add(writer.consume(batch.root(), Map.of()));
            }
            print("BatchWriter", StockStream.read(written.end()).batches());
        }

        private static void print(String who, Object what) {
            System.out.writeBytes((who + ": " + what + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
