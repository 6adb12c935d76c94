package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the writer writes, arrow-java's own reader reads, and the codec's verifier accepts. */
@ExtendWith(LeakDetection.class)
class BatchWriterTypesTest {
    /** arrow-java reads unions of metadata V5 only, and finds children of a struct by name. */
    private static final Set<String> NOT_READABLE =
            Set.of("0.17.1/generated_union.stream", "1.0.0-littleendian/generated_duplicate_fieldnames.stream");

    private static final List<BatchWriterConfig> CONFIGS = List.of(
            BatchWriterConfig.DEFAULTS,
            BatchWriterConfig.DEFAULTS.withZeroedNulls(true),
            BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD).withDeltas(false),
            BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.LZ4_FRAME));

    static Stream<Path> goldenStreams() {
        return GoldenStreams.readable().stream();
    }

    @ParameterizedTest
    @MethodSource("goldenStreams")
    void writesWhatItWasGiven(Path file) throws IOException {
        byte[] golden = GoldenStreams.read(file);
        String name = file.getParent().getFileName() + "/" + file.getFileName();
        assumeTrue(!NOT_READABLE.contains(name), "arrow-java does not read it");
        StockStream expected = StockStream.read(golden);
        for (BatchWriterConfig config : CONFIGS) {
            assertThat(StockStream.read(rewrite(golden, config))).isEqualTo(expected);
        }
    }

    private static byte[] rewrite(byte[] stream, BatchWriterConfig config) throws IOException {
        try (BufferAllocator allocator = allocator();
                ArrowStreamReader reader = StockStream.open(stream, allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            WrittenStream written = new WrittenStream();
            boolean hasBatch = reader.loadNextBatch(); // and the dictionaries
            try (BatchWriter writer =
                    new BatchWriter(root.getSchema(), reader, config, PooledByteBufAllocator.DEFAULT)) {
                written.add(writer.schema());
                for (; hasBatch; hasBatch = reader.loadNextBatch()) {
                    written.add(writer.consume(root, Map.of()));
                }
            }
            return written.end();
        }
    }

    private static BufferAllocator allocator() {
        return new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 8, 9, 64, 65, 1000, 3000})
    void writesEveryType(int rows) throws IOException {
        try (BufferAllocator allocator = allocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(SampleVectors.FIELDS), allocator)) {
            for (BatchWriterConfig config : CONFIGS) {
                new SampleVectors(rows).fill(root, rows);
                List<List<String>> expected = new ArrayList<>();
                expected.add(StockStream.texts(root, new DictionaryProvider.MapDictionaryProvider()));
                WrittenStream written = new WrittenStream();
                try (BatchWriter writer = new BatchWriter(
                        root.getSchema(),
                        new DictionaryProvider.MapDictionaryProvider(),
                        config,
                        PooledByteBufAllocator.DEFAULT)) {
                    written.add(writer.schema());
                    written.add(writer.consume(root, Map.of()));
                }
                assertThat(StockStream.read(written.end()).batches()).isEqualTo(expected);
            }
        }
    }
}
