package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.bowstring.codec.FrameForm;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers take the body of a message in whatever form it stands in memory, and each of them counts for itself. */
@ExtendWith(LeakDetection.class)
class BodyFormsTest {
    private static final int ROWS = 1024;
    private static final IpcType INT8 = IpcType.of(IpcTypeId.INT, 8, 1);
    private static final IpcField NUMBER = IpcField.of("n", true, IpcType.INT64);

    /** Gives the block that was freed last to the next who asks for one of its size. */
    private final PooledByteBufAllocator memory = new PooledByteBufAllocator(true);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    /** Returns a batch of the numbers from 0; owned. */
    private IpcRecordBatch numbers(FrameForm form) {
        long[] values = LongStream.range(0, ROWS).toArray();
        return form.of(new BatchMaker().node(ROWS, 0).bytes().longs(values).recordBatch(ROWS), memory);
    }

    private static void assertNumbers(VectorBatch batch) {
        BigIntVector vector = (BigIntVector) batch.root().getVector(0);
        for (int i = 0; i < ROWS; i++) {
            assertThat(vector.get(i)).isEqualTo(i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void twoReadersReadOneMessage(FrameForm form) {
        IpcRecordBatch message = numbers(form);
        try (BatchReader first = new BatchReader(allocator);
                BatchReader second = new BatchReader(allocator)) {
            first.read(BatchReaderTest.schema(NUMBER));
            second.read(BatchReaderTest.schema(NUMBER));
            first.read(message.retain()).close();
            List<ByteBuf> nextUsers = overwriteWhatIsFree();

            try (VectorBatch batch = second.read(message.retain())) {
                message.release();
                assertNumbers(batch);
            }
            assertThat(message.refCnt()).isZero();
            nextUsers.forEach(ByteBuf::release);
        }
    }

    /** Returns blocks that whoever had used them must not read any more; owned. */
    private List<ByteBuf> overwriteWhatIsFree() {
        List<ByteBuf> blocks = new ArrayList<>();
        for (int bytes : new int[] {8 << 10, 8 << 10, 16 << 10, 4 << 10, 4 << 10}) {
            blocks.add(memory.directBuffer(bytes).writeBytes(new byte[bytes]));
        }
        return blocks;
    }

    @ParameterizedTest
    @EnumSource
    void theLastReferenceToABatchIsTheLastToItsMessage(FrameForm form) {
        IpcRecordBatch message = numbers(form);
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(NUMBER));

            try (VectorBatch batch = reader.read(message)) {
                assertThat(message.refCnt()).isEqualTo(form == FrameForm.SEVERAL_PARTS ? 0 : 1);
                assertNumbers(batch);
            }
            assertThat(message.refCnt()).isZero();
            assertThat(reader.copiedBytes()).isEqualTo(form == FrameForm.SEVERAL_PARTS ? 8L * ROWS : 0);
        }
    }

    @Test
    void leaksNothingFromWriterToReader() {
        DictionaryProvider none = new DictionaryProvider.MapDictionaryProvider();
        BigIntVector vector = new BigIntVector("n", allocator);
        vector.allocateNew(ROWS);
        for (int i = 0; i < ROWS; i++) {
            vector.set(i, i);
        }
        try (VectorSchemaRoot root = VectorSchemaRoot.of(vector);
                BatchWriter writer = new BatchWriter(root.getSchema(), none, BatchWriterConfig.DEFAULTS, memory);
                BatchReader reader = new BatchReader(allocator)) {
            root.setRowCount(ROWS);
            reader.read(writer.schema());
            IpcMessage message = writer.consume(root, Map.of()).get(0);

            try (VectorBatch batch = reader.read(message)) {
                assertNumbers(batch);
            }

            assertThat(message.refCnt()).isZero();
            assertThat(reader.copiedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void decompressesBodies(FrameForm form) {
        byte[] frame = Zstd.compress(new byte[ROWS]);
        IpcRecordBatch message = form.of(
                new BatchMaker(IpcCompression.ZSTD)
                        .node(ROWS, 0)
                        .bytes()
                        .compressed(frame, ROWS)
                        .recordBatch(ROWS),
                memory);
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(IpcField.of("n", true, INT8)));
            reader.read(message.retain()).close();
            reader.read(message.retain()).close();
            assertThat(message.release()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsDictionariesAndTheirDeltas(FrameForm form) throws IOException {
        List<IpcDictionaryBatch> dictionaries = List.of(text(form, false, 'a'), text(form, true, 'b'));
        IpcRecordBatch indices =
                form.of(new BatchMaker().node(2, 0).bytes().bytes(1, 0).recordBatch(2), memory);
        for (int i = 0; i < 2; i++) { // who comes second finds all as it was
            try (BatchReader reader = new BatchReader(allocator)) {
                reader.read(BatchReaderTest.schema(encoded()));
                dictionaries.forEach(dictionary -> reader.read(dictionary.retain()));
                try (VectorBatch batch = reader.read(indices.retain())) {
                    assertThat(Values.columns(batch.root(), batch.dictionaries()))
                            .containsExactly("d [b, a]");
                }
            }
            Queue<IpcMessage> messages = new ArrayDeque<>(List.of(BatchReaderTest.schema(encoded())));
            dictionaries.forEach(dictionary -> messages.add(dictionary.retain()));
            Collections.addAll(messages, indices.retain());
            try (MessageArrowReader reader = new MessageArrowReader(messages::poll, allocator)) {
                assertThat(reader.loadNextBatch()).isTrue();
                assertThat(Values.columns(reader.getVectorSchemaRoot(), reader)).containsExactly("d [b, a]");
            }
        }
        dictionaries.forEach(dictionary -> assertThat(dictionary.release()).isTrue());
        assertThat(indices.release()).isTrue();
    }

    private static IpcField encoded() {
        return new IpcField("d", true, IpcType.UTF8, new IpcDictionaryEncoding(7, INT8, false), List.of());
    }

    /** Returns a dictionary batch of one letter; owned. */
    private IpcDictionaryBatch text(FrameForm form, boolean isDelta, char letter) {
        BatchMaker batch = new BatchMaker().node(1, 0).bytes().ints(0, 1).bytes(letter);
        return form.of(batch.dictionary(7, isDelta, 1), memory);
    }
}
