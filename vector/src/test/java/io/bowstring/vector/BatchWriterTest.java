package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class BatchWriterTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    private static final DictionaryProvider NONE = new DictionaryProvider.MapDictionaryProvider();
    private static final int ROWS = 64 << 10;

    private final BufferAllocator netty = new NettyAllocationFactory(MEMORY).newRootAllocator(Long.MAX_VALUE);
    private final BufferAllocator foreign = ForeignAllocations.newRootAllocator(Long.MAX_VALUE);

    @AfterEach
    void close() {
        netty.close();
        foreign.close();
    }

    private static VectorSchemaRoot int64s(BufferAllocator allocator, int rows) {
        BigIntVector vector = new BigIntVector("i", allocator);
        vector.allocateNew(rows);
        for (int i = 0; i < rows; i++) {
            vector.set(i, i + 1L);
        }
        VectorSchemaRoot root = VectorSchemaRoot.of(vector);
        root.setRowCount(rows);
        return root;
    }

    private static BatchWriter writer(VectorSchemaRoot root, BatchWriterConfig config) {
        return new BatchWriter(root.getSchema(), NONE, config, MEMORY);
    }

    @Test
    void sharesTheMemoryOfVectors() {
        for (BufferAllocator allocator : List.of(netty, foreign)) {
            try (VectorSchemaRoot root = int64s(allocator, ROWS);
                    BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
                long address = root.getVector(0).getDataBuffer().memoryAddress();

                IpcMessage batch = writer.consume(root, Map.of()).get(0);

                ByteBuf frame = batch.frame();
                assertThat(FrameForm.bodyAddress(batch)).isEqualTo(address); // 512 KiB of values are all of it
                assertThat(frame.nioBufferCount()).isEqualTo(2);
                assertThat(ForeignMemory.address(frame.nioBuffers()[1])).isEqualTo(address); // what the socket is given
                assertThat(writer.copiedBytes()).isZero();
                assertThat(batch.body().getLongLE(8 * (ROWS - 1))).isEqualTo(ROWS);
                batch.release();
            }
        }
    }

    @Test
    void takesTheMemoryOutOfVectors() {
        for (BufferAllocator allocator : List.of(netty, foreign)) {
            try (VectorSchemaRoot root = int64s(allocator, ROWS);
                    BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
                IpcMessage batch = writer.consume(root, Map.of()).get(0);
                byte[] before = ByteBufUtil.getBytes(batch.frame());

                assertThat(root.getRowCount()).isZero();
                BigIntVector vector = (BigIntVector) root.getVector(0);
                assertThat(vector.getDataBuffer().capacity()).isZero();
                vector.allocateNew(ROWS);
                for (int i = 0; i < ROWS; i++) {
                    vector.set(i, -1);
                }

                assertThat(ByteBufUtil.getBytes(batch.frame())).isEqualTo(before);
                batch.release();
            }
        }
    }

    @Test
    void accountsForeignMemoryUntilTheMessageIsReleased() {
        try (VectorSchemaRoot root = int64s(foreign, ROWS);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            long bytes = foreign.getAllocatedMemory();
            IpcMessage batch = writer.consume(root, Map.of()).get(0);

            assertThat(foreign.getAllocatedMemory()).isEqualTo(bytes);
            batch.release();
            assertThat(foreign.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void accountsNettyMemoryNoLongerThanVectorsHaveIt() {
        try (VectorSchemaRoot root = int64s(netty, ROWS);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            IpcMessage batch = writer.consume(root, Map.of()).get(0);

            assertThat(netty.getAllocatedMemory()).isZero();
            assertThat(batch.body().getLongLE(0)).isOne();
            batch.release();
        }
    }

    @Test
    void copiesShortBuffers() {
        int rows = IpcBatchBuilder.SHARED_FROM_BYTES / Long.BYTES - 1;
        try (VectorSchemaRoot root = int64s(foreign, rows);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            IpcMessage batch = writer.consume(root, Map.of()).get(0);

            assertThat(batch.frame().nioBufferCount()).isOne();
            assertThat(writer.copiedBytes()).isEqualTo(8L * rows);
            assertThat(foreign.getAllocatedMemory()).isZero();
            batch.release();
        }
    }

    @Test
    void letsShortBatchesShareMemoryThatLivesOn() {
        List<IpcMessage> batches = new ArrayList<>();
        try (VectorSchemaRoot root = int64s(foreign, 100);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            for (int i = 0; i < 200; i++) {
                ((BigIntVector) root.getVector(0)).set(0, i);
                batches.add(writer.copy(root, Map.of()).get(0));
            }
        }
        for (int i = 0; i < 200; i++) {
            assertThat(batches.get(i).body().getLongLE(0)).isEqualTo(i);
            batches.get(i).release();
        }
    }

    @Test
    void copiesWhatItMustNotTake() {
        try (VectorSchemaRoot root = int64s(foreign, ROWS);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            IpcMessage batch = writer.copy(root, Map.of()).get(0);

            assertThat(writer.copiedBytes()).isEqualTo(8L * ROWS);
            assertThat(root.getRowCount()).isEqualTo(ROWS);
            ((BigIntVector) root.getVector(0)).set(0, 99);
            assertThat(batch.body().getLongLE(0)).isOne();
            assertThat(batch.frame().nioBufferCount()).isOne();
            batch.release();
        }
    }

    @Test
    void leavesOutValidityWhereNothingIsNull() {
        try (VectorSchemaRoot root = int64s(foreign, ROWS);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            root.getVector(0).setNull(77);
            IpcRecordBatch some = (IpcRecordBatch) writer.copy(root, Map.of()).get(0);
            ((BigIntVector) root.getVector(0)).set(77, 5);
            IpcRecordBatch none = (IpcRecordBatch) writer.copy(root, Map.of()).get(0);

            assertThat(some.batchMetadata().nullCount(0)).isOne();
            assertThat(some.body().readableBytes()).isEqualTo(8 * ROWS + ROWS / 8);
            assertThat(none.batchMetadata().nullCount(0)).isZero();
            assertThat(none.body().readableBytes()).isEqualTo(8 * ROWS);
            some.release();
            none.release();
        }
    }

    @Test
    void countsNullsInAnyNumberOfRows() {
        for (int rows : new int[] {1, 63, 64, 65, 127, 128, 1000}) {
            try (VectorSchemaRoot root = int64s(foreign, rows);
                    BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
                int nulls = 0;
                for (int i = 0; i < rows; i += 3) {
                    root.getVector(0).setNull(i);
                    nulls++;
                }
                // what is behind the last row does not count
                root.getVector(0).getValidityBuffer().setZero((rows + 7) / 8, 0);

                IpcRecordBatch batch =
                        (IpcRecordBatch) writer.consume(root, Map.of()).get(0);
                assertThat(batch.batchMetadata().nullCount(0)).isEqualTo(nulls);
                batch.release();
            }
        }
    }

    @Test
    void writesMetadataOfBatchSchemaAndFields() {
        Field field = new Field("f", new FieldType(true, new ArrowType.Int(32, true), null, Map.of("a", "1")), null);
        Schema schema = new Schema(List.of(field), Map.of("b", "2"));
        try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, foreign);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            IpcSchema message = writer.schema();
            IpcMessage batch = writer.consume(root, Map.of("c", "3")).get(0);

            assertThat(message.schemaMetadata()).containsExactly(Map.entry("b", "2"));
            assertThat(message.fieldMetadata()).containsExactly(Map.of("a", "1"));
            assertThat(message.fields()).hasToString("[f: int32]");
            assertThat(batch.customMetadata()).containsExactly(Map.entry("c", "3"));
            message.release();
            batch.release();
        }
    }

    /** Slices that begin between two bytes of validity, and behind the first of the offsets. */
    @Test
    void writesSlices() throws IOException {
        // arrow-java's slice of a sparse union has other type ids than its field
        List<Field> fields = SampleVectors.FIELDS.stream()
                .filter(field -> !field.getName().equals("sparse"))
                .toList();
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(fields), netty)) {
            new SampleVectors(1).fill(root, 100);
            for (int start : new int[] {1, 8, 13}) {
                try (VectorSchemaRoot slice = root.slice(start, 50);
                        BatchWriter writer = writer(slice, BatchWriterConfig.DEFAULTS)) {
                    List<String> expected = StockStream.texts(slice, NONE);
                    WrittenStream written = new WrittenStream();
                    written.add(writer.schema());
                    written.add(writer.consume(slice, Map.of()));

                    assertThat(StockStream.read(written.end()).batches()).containsExactly(expected);
                }
            }
        }
    }

    /** As another writer may leave it: the first offset is that of the data in front of a slice. */
    @Test
    void writesOffsetsThatDoNotBeginAtZero() throws IOException {
        try (VarCharVector vector = new VarCharVector("s", netty);
                ArrowBuf data = netty.buffer(6);
                ArrowBuf offsets = netty.buffer(12)) {
            data.writeBytes("abcdef".getBytes(StandardCharsets.UTF_8));
            offsets.writeInt(2);
            offsets.writeInt(3);
            offsets.writeInt(6);
            vector.loadFieldBuffers(new ArrowFieldNode(2, 0), List.of(netty.getEmpty(), offsets, data));
            try (VectorSchemaRoot root = VectorSchemaRoot.of(vector);
                    BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
                root.setRowCount(2);
                WrittenStream written = new WrittenStream();
                written.add(writer.schema());
                written.add(writer.consume(root, Map.of()));

                assertThat(StockStream.read(written.end()).batches()).containsExactly(List.of("s 2[c def ]"));
            }
        }
    }

    @Test
    void writesManyColumnsInOneMessage() throws IOException {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            fields.add(SampleVectors.nullable("c" + i, new ArrowType.Int(32, true)));
        }
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(fields), netty);
                BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS)) {
            new SampleVectors(1).fill(root, 1024);
            List<String> expected = StockStream.texts(root, NONE);
            WrittenStream written = new WrittenStream();
            written.add(writer.schema());
            written.add(writer.consume(root, Map.of()));

            assertThat(StockStream.read(written.end()).batches()).containsExactly(expected);
        }
    }

    @Test
    void refusesOtherFields() {
        try (VectorSchemaRoot root = int64s(foreign, 10);
                VectorSchemaRoot other = VectorSchemaRoot.of(new IntVector("i", foreign));
                BatchWriter writer = writer(other, BatchWriterConfig.DEFAULTS)) {
            assertThatThrownBy(() -> writer.consume(root, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("fields of the batch: [i: Int(64, true)] (expected: [i: Int(32, true)])");

            assertThat(root.getRowCount()).isZero(); // consumed
            assertThat(foreign.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void refusesFieldWithoutDictionary() {
        DictionaryEncoding encoding = new DictionaryEncoding(7, false, null);
        Field field = new Field("f", new FieldType(true, new ArrowType.Int(32, true), encoding), null);

        assertThatThrownBy(() -> new BatchWriter(new Schema(List.of(field)), NONE, BatchWriterConfig.DEFAULTS, MEMORY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7");
    }

    @Test
    void marksBodiesThatAreCompressed() {
        for (IpcCompression compression : IpcCompression.values()) {
            try (VectorSchemaRoot root = int64s(netty, ROWS);
                    BatchWriter writer = writer(root, BatchWriterConfig.DEFAULTS.withCompression(compression))) {
                IpcRecordBatch batch =
                        (IpcRecordBatch) writer.consume(root, Map.of()).get(0);

                assertThat(batch.batchMetadata().compression()).isEqualTo(compression);
                assertThat(batch.buffer(1, 8).getLongLE(0)).isEqualTo(8 * ROWS);
                assertThat(batch.frameBytes()).isLessThan(7 * ROWS);
                batch.release();
            }
        }
    }
}
