package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class DetachedRootTest {
    private final BufferAllocator allocator = new RootAllocator();
    private final BatchReader reader = new BatchReader(allocator);
    private final IpcDictionaryBatch dictionary =
            new BatchMaker().node(2, 0).bytes().longs(7, 8).dictionary(0, false, 2);
    private final IpcRecordBatch message =
            new BatchMaker().node(3, 0).bytes().ints(1, 0, 1).recordBatch(3);

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    private VectorBatch read() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(0, IpcType.INT32, false);
        reader.read(BatchReaderTest.schema(new IpcField("n", true, IpcType.INT64, encoding, List.of())));
        reader.read(dictionary);
        return reader.read(message);
    }

    @Test
    void livesOnWithoutItsBatch() {
        VectorBatch batch = read();
        try (VectorSchemaRoot root = batch.detachRoot()) {
            batch.close();
            batch.close();
            reader.close();

            assertThat(dictionary.refCnt()).isZero();
            assertThat(((IntVector) root.getVector(0)).get(2)).isOne();
            assertThat(root.getRowCount()).isEqualTo(3);
        }
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void leavesTheDictionariesWithTheBatch() {
        try (VectorBatch batch = read()) {
            batch.detachRoot().close();
            reader.close();

            assertThat(message.refCnt()).isZero();
            assertThat(dictionary.refCnt()).isOne();
            assertThat(batch.dictionaries().lookup(0).getVector().getObject(1)).isEqualTo(8L);
            assertThat(batch.rowCount()).isEqualTo(3);
        }
        assertThat(dictionary.refCnt()).isZero();
    }

    @Test
    void isToBeReadOnly() {
        VectorBatch batch = read();
        try (VectorSchemaRoot decoded = batch.newDecodedRoot();
                VectorSchemaRoot root = batch.detachRoot()) {
            batch.close();
            for (VectorSchemaRoot received : List.of(root, decoded)) {
                assertThatThrownBy(() -> received.setRowCount(2)).isInstanceOf(UnsupportedOperationException.class);
                assertThatThrownBy(received::allocateNew).isInstanceOf(UnsupportedOperationException.class);
            }
        }
    }

    @Test
    void isHandedOutOnce() {
        VectorBatch batch = read();
        batch.detachRoot().close();

        assertThatThrownBy(batch::detachRoot).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(batch::root)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("root: absent (expected: a batch that is open, whose root was not detached)");
        batch.close();
    }

    @Test
    void isNotThereWhereTheBatchIsClosed() {
        VectorBatch batch = read();
        batch.close();

        assertThatThrownBy(batch::detachRoot).isInstanceOf(IllegalStateException.class);
        assertThat(batch.rowCount()).isEqualTo(3);
    }
}
