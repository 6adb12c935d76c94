package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.NewerTypes;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class MessageArrowReaderTest {
    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);

    @AfterEach
    void close() {
        allocator.close();
    }

    static Collection<byte[]> streams() {
        List<byte[]> streams = new ArrayList<>();
        GoldenStreams.readable().stream()
                .filter(file -> !file.endsWith("generated_duplicate_fieldnames.stream"))
                .map(Path::toAbsolutePath)
                .forEach(file -> streams.add(GoldenStreams.read(file)));
        streams.add(NewerTypes.streams().get(0));
        return streams;
    }

    @ParameterizedTest
    @MethodSource("streams")
    void readsWhatABatchReaderReads(byte[] stream) throws IOException {
        List<List<String>> expected = new ArrayList<>();
        try (BatchReader reader = new BatchReader(allocator)) {
            for (IpcMessage message : Messages.of(stream)) {
                VectorBatch batch = reader.read(message);
                if (batch != null) {
                    try (batch) {
                        expected.add(Values.columns(batch.root(), batch.dictionaries()));
                    }
                }
            }
        }
        Queue<IpcMessage> messages = new ArrayDeque<>(Messages.of(stream));
        List<List<String>> actual = new ArrayList<>();
        try (MessageArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            while (reader.loadNextBatch()) {
                assertThat(reader.getVectorSchemaRoot()).isSameAs(root);
                actual.add(Values.columns(root, reader));
            }
            assertThat(root.getRowCount()).isZero();
            assertThat(reader.bytesRead()).isEqualTo(stream.length);
        }
        assertThat(actual).isEqualTo(expected);
    }

    @Test
    void sharesTheMemoryOfMessages() throws IOException {
        IpcRecordBatch batch =
                new BatchMaker().node(2, 0).bytes().longs(1, 2).recordBatch(2, Map.of("bowstring.offset", "3"));
        long address = ByteBufAllocation.address(batch.body());
        IpcSchema schema = BatchReaderTest.schema(IpcField.of("n", true, IpcType.INT64));
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(schema, batch));
        MessageArrowReader reader = new MessageArrowReader(messages::poll, allocator);
        assertThat(reader.customMetadata()).isEmpty();

        assertThat(reader.loadNextBatch()).isTrue();

        BigIntVector vector = (BigIntVector) reader.getVectorSchemaRoot().getVector(0);
        assertThat(vector.getDataBuffer().memoryAddress()).isEqualTo(address);
        assertThat(vector.get(1)).isEqualTo(2);
        assertThat(reader.customMetadata()).containsExactly(Map.entry("bowstring.offset", "3"));
        assertThat(batch.refCnt()).isOne();
        assertThat(reader.loadNextBatch()).isFalse();
        assertThat(batch.refCnt()).isZero();
        reader.close();
        reader.close();
    }

    @Test
    void hasTheDictionariesOfTheBatchInTheRoot() throws IOException {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(7, IpcType.of(IpcTypeId.INT, 8, 1), false);
        IpcSchema schema = BatchReaderTest.schema(new IpcField("d", true, IpcType.INT64, encoding, List.of()));
        Queue<IpcMessage> messages = new ArrayDeque<>();
        messages.add(schema);
        for (int value = 10; value < 12; value++) {
            messages.add(new BatchMaker().node(1, 0).bytes().longs(value).dictionary(7, false, 1));
            messages.add(new BatchMaker().node(1, 0).bytes().bytes(0).recordBatch(1));
        }
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            assertThat(reader.getVectorSchemaRoot().getVector(0)).isInstanceOf(TinyIntVector.class);
            assertThat(reader.getDictionaryVectors()).isEmpty();
            for (int value = 10; value < 12; value++) {
                assertThat(reader.loadNextBatch()).isTrue();
                assertThat(reader.getDictionaryIds()).containsExactly(7L);
                assertThat(reader.getDictionaryVectors()).containsOnlyKeys(7L);
                assertThat(reader.lookup(7).getVector().getObject(0)).isEqualTo((long) value);
            }
        }
    }

    @Test
    void refusesMessagesOutOfOrder() throws IOException {
        IpcMessage batch = new BatchMaker().recordBatch(0);
        try (ArrowReader reader = new MessageArrowReader(() -> batch, allocator)) {
            assertThatThrownBy(reader::loadNextBatch).hasMessage("message: RECORD_BATCH (expected: a schema)");
        }
        try (ArrowReader reader = new MessageArrowReader(() -> null, allocator)) {
            assertThatThrownBy(reader::getVectorSchemaRoot).hasMessage("message: none (expected: a schema)");
        }
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(BatchReaderTest.schema(), BatchReaderTest.schema()));
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            assertThatThrownBy(reader::loadNextBatch).hasMessage("message: SCHEMA (expected: a batch)");
        }
        assertThat(batch.refCnt()).isZero();
    }

    @Test
    void leavesTheRootEmptyWhereABatchIsWrong() throws IOException {
        IpcField text = IpcField.of("t", true, IpcType.UTF8);
        IpcField number = IpcField.of("n", true, IpcType.INT64);
        IpcRecordBatch wrong = new BatchMaker()
                .node(1, 0)
                .bytes()
                .longs(1)
                .node(1, 0)
                .bytes()
                .ints(0, 5)
                .bytes('x')
                .recordBatch(1);
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(BatchReaderTest.schema(number, text), wrong));
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            assertThatThrownBy(reader::loadNextBatch).hasMessageStartingWith("offsets of field t: ");

            assertThat(reader.getVectorSchemaRoot().getRowCount()).isZero();
            assertThat(reader.getVectorSchemaRoot().getVector(0).getValueCount())
                    .isZero();
            assertThat(wrong.refCnt()).isZero();
        }
    }

    @Test
    void readsNoMoreAfterABatchThatIsWrong() throws IOException {
        IpcField number = IpcField.of("n", true, IpcType.INT64);
        IpcRecordBatch tooShort = new BatchMaker().node(2, 0).bytes().longs(1).recordBatch(2);
        IpcRecordBatch right = new BatchMaker().node(1, 0).bytes().longs(1).recordBatch(1);
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(BatchReaderTest.schema(number), tooShort, right));
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            assertThatThrownBy(reader::loadNextBatch).isInstanceOf(IpcException.class);

            assertThatThrownBy(reader::loadNextBatch)
                    .isInstanceOf(IOException.class)
                    .hasMessage("a message before this was wrong or lost: the stream cannot be read on");
            assertThat(messages).containsExactly(right);
        }
        right.release();
    }

    @Test
    void readsNoMoreAfterADictionaryThatIsWrong() throws IOException {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(7, IpcType.of(IpcTypeId.INT, 8, 1), false);
        IpcSchema schema = BatchReaderTest.schema(new IpcField("d", true, IpcType.INT64, encoding, List.of()));
        IpcMessage tooShort = new BatchMaker().node(2, 0).bytes().longs(1).dictionary(7, false, 2);
        IpcMessage batch = new BatchMaker().node(1, 0).bytes().bytes(0).recordBatch(1);
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(schema, tooShort, batch));
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            assertThatThrownBy(reader::loadNextBatch).isInstanceOf(IpcException.class);

            assertThatThrownBy(reader::loadNextBatch)
                    .isInstanceOf(IOException.class)
                    .hasMessage("a message before this was wrong or lost: the stream cannot be read on");
            assertThat(messages).containsExactly(batch);
        }
        assertThat(tooShort.refCnt()).isZero();
        batch.release();
    }

    /** Setting the row count makes each child as long as it has references, and writes where it was shorter. */
    @Test
    void refusesDenseUnionsWhoseValuesAreSharedOrLeftOut() throws IOException {
        assertThat(readsUnion(2, 0, 1)).isTrue();
        for (int[] offsets : new int[][] {{0, 0}, {0, 2}}) {
            assertThatThrownBy(() -> readsUnion(offsets[1] + 1, offsets))
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                    .hasMessageStartingWith(
                            "values of child 0 of dense union u: " + (offsets[1] + 1) + " (expected: 2");
        }
    }

    private boolean readsUnion(int childLength, int... offsets) throws IOException {
        IpcType int8 = IpcType.of(IpcTypeId.INT, 8, 1);
        IpcField union =
                new IpcField("u", true, IpcType.of(IpcTypeId.UNION, 1, 0), null, List.of(IpcField.of("c", true, int8)));
        IpcRecordBatch batch = new BatchMaker()
                .node(2, 0)
                .bytes(0, 0)
                .ints(offsets)
                .node(childLength, 0)
                .bytes()
                .bytes(new int[childLength])
                .recordBatch(2);
        Queue<IpcMessage> messages = new ArrayDeque<>(List.of(BatchReaderTest.schema(union), batch));
        try (ArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
            return reader.loadNextBatch();
        } finally {
            assertThat(batch.refCnt()).isZero();
        }
    }
}
