package io.bowstring.vector;

import static io.bowstring.vector.DecodedRootTest.assertRefused;
import static io.bowstring.vector.DecodedRootTest.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The memory that decoding dictionaries takes, and the limits of it. */
@ExtendWith(LeakDetection.class)
class DecodedMemoryTest {
    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    /** A body of 64 bytes, and a value of 4 KiB. */
    private VectorBatch bomb(BatchReader reader, IpcType type) {
        reader.read(BatchReaderTest.schema(encoded(type, IpcType.of(IpcTypeId.INT, 8, 1))));
        reader.read(
                new BatchMaker().node(1, 0).bytes().ints(0, 4096).zeroes(4096).dictionary(0, false, 1));
        return reader.read(new BatchMaker().node(64, 0).bytes().zeroes(64).recordBatch(64));
    }

    @Test
    void refusesMoreThanTheLimitBeforeThereIsMemoryForIt() {
        VectorConfig config = VectorConfig.DEFAULTS.withMaxDecompressedBytes(100_000);
        try (BatchReader reader = new BatchReader(allocator, config);
                VectorBatch batch = bomb(reader, IpcType.UTF8)) {
            long before = allocator.getAllocatedMemory();

            assertRefused(
                    batch, IpcErrorCode.TOO_LARGE, "decoded bytes: 262412 (expected: <= 100000, maxDecompressedBytes)");

            assertThat(allocator.getAllocatedMemory()).isEqualTo(before);
        }
    }

    @Test
    void refusesListsOfMoreItemsThanTheLimit() {
        IpcField list = new IpcField(
                "d",
                true,
                IpcType.of(IpcTypeId.LIST),
                new IpcDictionaryEncoding(0, IpcType.of(IpcTypeId.INT, 8, 1), false),
                List.of(IpcField.of("item", true, IpcType.of(IpcTypeId.NULL))));
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withMaxDecompressedBytes(1 << 20))) {
            reader.read(BatchReaderTest.schema(list));
            reader.read(new BatchMaker()
                    .node(1, 0)
                    .bytes()
                    .ints(0, 1 << 20)
                    .node(1 << 20, 1 << 20)
                    .dictionary(0, false, 1));
            try (VectorBatch batch =
                    reader.read(new BatchMaker().node(1, 0).bytes().bytes(0).recordBatch(1))) {
                assertRefused(
                        batch,
                        IpcErrorCode.TOO_LARGE,
                        "values and items to be decoded at once: 1048577"
                                + " (expected: <= 262144, for each 4 bytes of maxDecompressedBytes one)");
            }
        }
    }

    /** Returns one value in lists of one item, nested so deep, that each of many rows has. */
    private VectorBatch nested(BatchReader reader, int depth, int rows) {
        IpcField field = IpcField.of("item", true, IpcType.of(IpcTypeId.NULL));
        BatchMaker values = new BatchMaker();
        for (int i = 0; i < depth; i++) {
            field = new IpcField("item", true, IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 1), null, List.of(field));
            values.node(1, 0).bytes();
        }
        reader.read(BatchReaderTest.schema(new IpcField(
                "d",
                true,
                field.type(),
                new IpcDictionaryEncoding(0, IpcType.of(IpcTypeId.INT, 8, 1), false),
                field.children())));
        reader.read(values.node(1, 1).dictionary(0, false, 1));
        return reader.read(new BatchMaker().node(rows, 0).bytes().zeroes(rows).recordBatch(rows));
    }

    @Test
    void countsWhatAllLevelsTakeOnTheHeapAtOnce() {
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withMaxDecompressedBytes(1 << 20));
                VectorBatch batch = nested(reader, 30, 20_000)) {
            long before = allocator.getAllocatedMemory();

            assertRefused(batch, IpcErrorCode.TOO_LARGE, "values and items to be decoded at once: 280000");

            assertThat(allocator.getAllocatedMemory()).isEqualTo(before);
        }
    }

    @Test
    void countsRowsOnTheHeap() {
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withMaxDecompressedBytes(1 << 17));
                VectorBatch batch = nested(reader, 1, 1 << 16)) {
            assertRefused(batch, IpcErrorCode.TOO_LARGE, "values and items to be decoded at once: 65536");
        }
    }

    @Test
    void countsOnTheHeapWhatIsThereAtOnceAlone() {
        IpcField list = new IpcField(
                "l",
                true,
                IpcType.of(IpcTypeId.LIST),
                null,
                List.of(IpcField.of("item", true, IpcType.of(IpcTypeId.BOOL))));
        IpcField[] lists = new IpcField[10];
        BatchMaker values = new BatchMaker().node(1, 0).bytes();
        for (int i = 0; i < lists.length; i++) {
            lists[i] = new IpcField("l" + i, true, list.type(), null, list.children());
            values.node(1, 0).bytes().ints(0, 1000).node(1000, 0).bytes().zeroes(125);
        }
        IpcField struct = new IpcField(
                "d",
                true,
                IpcType.of(IpcTypeId.STRUCT),
                new IpcDictionaryEncoding(0, IpcType.of(IpcTypeId.INT, 8, 1), false),
                List.of(lists));
        try (BatchReader reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withMaxDecompressedBytes(100_000))) {
            reader.read(BatchReaderTest.schema(struct));
            reader.read(values.dictionary(0, false, 1));
            try (VectorBatch batch = reader.read(
                            new BatchMaker().node(20, 0).bytes().zeroes(20).recordBatch(20));
                    VectorSchemaRoot decoded = batch.newDecodedRoot()) { // 20,000 items of 25,000 at a time
                assertThat(decoded.getVector(0).getValueCount()).isEqualTo(20);
            }
        }
    }

    @Test
    void leaksNothingAboveTheLimitOfTheAllocator() {
        try (BufferAllocator small = allocator.newChildAllocator("small", 0, 10_000);
                BatchReader reader = new BatchReader(small);
                VectorBatch batch = bomb(reader, IpcType.UTF8)) {
            long before = small.getAllocatedMemory();

            assertThatThrownBy(batch::newDecodedRoot).isInstanceOf(OutOfMemoryException.class);

            assertThat(small.getAllocatedMemory()).isEqualTo(before);
        }
    }
}
