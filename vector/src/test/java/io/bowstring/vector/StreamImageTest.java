package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class StreamImageTest {
    private static final DictionaryProvider NONE = new DictionaryProvider.MapDictionaryProvider();
    private static final Schema SCHEMA = new Schema(SampleVectors.FIELDS);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    private final VectorSchemaRoot first = VectorSchemaRoot.create(SCHEMA, allocator);
    private final VectorSchemaRoot second = VectorSchemaRoot.create(SCHEMA, allocator);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        first.close();
        second.close();
        allocator.close();
    }

    private StreamImage image(int rows, BatchWriterConfig config) {
        new SampleVectors(rows).fill(first, rows);
        new SampleVectors(rows + 1).fill(second, rows);
        return StreamImage.of(SCHEMA, NONE, List.of(first, second), config);
    }

    private List<List<String>> texts() {
        return List.of(StockStream.texts(first, NONE), StockStream.texts(second, NONE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 1000, 3000})
    void knowsItsLengthBeforeItIsWritten(int rows) throws IOException {
        for (BatchWriterConfig config :
                List.of(BatchWriterConfig.DEFAULTS, BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD))) {
            try (StreamImage image = image(rows, config)) {
                byte[] written = image.toByteArray();

                assertThat(image.bytes()).isEqualTo(written.length);
                assertThat(StockStream.read(written).batches()).isEqualTo(texts());
            }
        }
    }

    @Test
    void isWrittenBehindWhatIsThere() throws IOException {
        try (StreamImage image = image(2000, BatchWriterConfig.DEFAULTS)) {
            int bytes = (int) image.bytes();
            for (ByteBuffer target : List.of(ByteBuffer.allocate(bytes + 9), ByteBuffer.allocateDirect(bytes + 9))) {
                target.position(5);
                image.writeTo(target);

                assertThat(target.position()).isEqualTo(5 + bytes);
                byte[] written = new byte[bytes];
                target.get(5, written);
                assertThat(written).isEqualTo(image.toByteArray());
                assertThat(target.get(4)).isZero();
                assertThat(target.get(5 + bytes)).isZero();
            }
        }
    }

    @Test
    void isWrittenToAnAddress() throws IOException {
        try (StreamImage image = image(2000, BatchWriterConfig.DEFAULTS)) {
            int bytes = (int) image.bytes();
            long address = MemoryUtil.allocateMemory(bytes + 1);
            try {
                MemoryUtil.putByte(address + bytes, (byte) 7);
                image.writeTo(address, bytes);

                byte[] written = new byte[bytes];
                MemoryUtil.copyFromMemory(address, written, 0, bytes);
                assertThat(written).isEqualTo(image.toByteArray());
                assertThat(MemoryUtil.getByte(address + bytes)).isEqualTo((byte) 7);
            } finally {
                MemoryUtil.freeMemory(address);
            }
        }
    }

    @Test
    void isWrittenToMappedFile() throws IOException {
        Path path = folder.resolve("stream");
        try (StreamImage image = image(2000, BatchWriterConfig.DEFAULTS);
                FileChannel file = FileChannel.open(
                        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            image.writeTo(file.map(MapMode.READ_WRITE, 0, image.bytes()));

            assertThat(StockStream.read(Files.readAllBytes(path)).batches()).isEqualTo(texts());
        }
    }

    @Test
    void leavesAloneWhatItDoesNotFitInto() {
        try (StreamImage image = image(2000, BatchWriterConfig.DEFAULTS)) {
            int bytes = (int) image.bytes();
            byte[] memory = new byte[bytes];
            long address = MemoryUtil.allocateMemory(bytes);
            try {
                MemoryUtil.setMemory(address, bytes, (byte) 0);

                assertThatThrownBy(() -> image.writeTo(ByteBuffer.wrap(memory).position(1)))
                        .isInstanceOfSatisfying(CapacityException.class, e -> {
                            assertThat(e.neededBytes()).isEqualTo(bytes);
                            assertThat(e.availableBytes()).isEqualTo(bytes - 1);
                        })
                        .hasMessage("bytes of the stream: " + bytes + " (expected: <= " + (bytes - 1) + ")");
                assertThatThrownBy(() -> image.writeTo(address, bytes - 1)).isInstanceOf(CapacityException.class);

                assertThat(memory).containsOnly(0);
                MemoryUtil.copyFromMemory(address, memory, 0, bytes);
                assertThat(memory).containsOnly(0);
            } finally {
                MemoryUtil.freeMemory(address);
            }
        }
    }

    @Test
    void hasDictionariesInFront() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(7, false, null);
        Field field = new Field("c", new FieldType(true, new ArrowType.Int(32, true), encoding), null);
        try (VarCharVector values = new VarCharVector("values", allocator);
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(field)), allocator)) {
            values.setSafe(0, new byte[] {'a'});
            values.setSafe(1, new byte[] {'b'});
            values.setValueCount(2);
            ((IntVector) root.getVector(0)).setSafe(0, 1);
            root.setRowCount(1);
            DictionaryProvider provider =
                    new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, encoding));
            try (StreamImage image =
                    StreamImage.of(root.getSchema(), provider, List.of(root, root), BatchWriterConfig.DEFAULTS)) {
                assertThat(StockStream.read(image.toByteArray()).batches())
                        .containsExactly(List.of("c 1[b ]"), List.of("c 1[b ]"));
            }
        }
    }

    @Test
    void isEmptyStreamWhereThereAreNoBatches() throws IOException {
        try (StreamImage image = StreamImage.of(SCHEMA, NONE, List.of(), BatchWriterConfig.DEFAULTS)) {
            assertThat(StockStream.read(image.toByteArray())).isEqualTo(new StockStream(SCHEMA, List.of()));
        }
    }

    @Test
    void refusesOtherFields() {
        new SampleVectors(1).fill(first, 2000);
        try (VectorSchemaRoot other = VectorSchemaRoot.of(new IntVector("i", allocator))) {
            assertThatThrownBy(() -> StreamImage.of(SCHEMA, NONE, List.of(first, other), BatchWriterConfig.DEFAULTS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("fields of the batch: [i: Int(32, true)] (expected: [null: Null");
        }
    }

    @Test
    void copiesNoLongColumn() {
        try (VectorSchemaRoot root =
                VectorSchemaRoot.create(new Schema(List.of(SampleVectors.field("uint64"))), allocator)) {
            new SampleVectors(1).fill(root, 100_000);
            try (StreamImage image =
                    StreamImage.of(root.getSchema(), NONE, List.of(root), BatchWriterConfig.DEFAULTS)) {
                root.getVector(0).getDataBuffer().setByte(0, 99); // which nobody should do

                byte[] written = image.toByteArray();
                int values = written.length - 8 - 800_000;
                assertThat(Arrays.copyOfRange(written, values, values + 1)).containsExactly(99);
            }
        }
    }
}
