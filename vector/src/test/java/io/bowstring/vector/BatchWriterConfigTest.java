package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BatchWriterConfigTest {
    @Test
    void hasDefaults() {
        BatchWriterConfig defaults = BatchWriterConfig.DEFAULTS;

        assertThat(defaults).isEqualTo(new BatchWriterConfig(null, 3, false, true));
        assertThat(defaults.zstdLevel()).isEqualTo(Zstd.defaultCompressionLevel());
        assertThat(BatchWriterConfig.MIN_ZSTD_LEVEL).isEqualTo(Zstd.minCompressionLevel());
        assertThat(BatchWriterConfig.MAX_ZSTD_LEVEL).isEqualTo(Zstd.maxCompressionLevel());
    }

    @Test
    void changesOneValueAtATime() {
        assertThat(BatchWriterConfig.DEFAULTS
                        .withZstdLevel(-5)
                        .withCompression(IpcCompression.ZSTD)
                        .withZeroedNulls(true)
                        .withDeltas(false))
                .isEqualTo(new BatchWriterConfig(IpcCompression.ZSTD, -5, true, false));
    }

    @Test
    void refusesLevelsThatZstdDoesNotHave() {
        for (int level : new int[] {-131_073, 23}) {
            assertThatThrownBy(() -> BatchWriterConfig.DEFAULTS.withZstdLevel(level))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("zstdLevel: " + level + " (expected: -131072..22)");
        }
    }

    @Test
    void writesBatchesWithTheLevel() {
        assertThat(bodyBytes(19)).isLessThan(bodyBytes(-100));
    }

    private static int bodyBytes(int level) {
        BatchWriterConfig config =
                BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD).withZstdLevel(level);
        try (BufferAllocator allocator =
                        new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);
                IntVector numbers = new IntVector("n", allocator)) {
            for (int i = 0; i < 10_000; i++) {
                numbers.setSafe(i, i % 97 * (i % 7));
            }
            numbers.setValueCount(10_000);
            try (VectorSchemaRoot root = VectorSchemaRoot.of(numbers);
                    BatchWriter writer = new BatchWriter(
                            root.getSchema(),
                            new DictionaryProvider.MapDictionaryProvider(),
                            config,
                            PooledByteBufAllocator.DEFAULT)) {
                List<IpcMessage> messages = writer.copy(root, Map.of());
                int bytes = messages.get(0).body().readableBytes();
                messages.forEach(IpcMessage::release);
                return bytes;
            }
        }
    }
}
