package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class StreamDictionariesTest {
    private static final IpcType INT8 = IpcType.of(IpcTypeId.INT, 8, 1);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(64 << 10);
    private final BatchReader reader = new BatchReader(allocator);

    @AfterEach
    void close() {
        reader.close();
        allocator.close();
    }

    @Test
    void leavesEarlierBatchesAsTheyAreWhereADictionaryIsReplaced() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        reader.read(texts(7, false, "a", "b"));
        try (VectorBatch first = reader.read(indices(1, 0))) {
            reader.read(texts(7, false, "x", "y"));
            try (VectorBatch second = reader.read(indices(1, 0))) {
                assertThat(values(first)).isEqualTo("d [b, a]");
                assertThat(values(second)).isEqualTo("d [y, x]");
                assertThat(first.dictionaries().getDictionaryIds()).containsExactly(7L);
                assertThat(first.dictionaries().lookup(8)).isNull();
            }
        }
    }

    @Test
    void leavesEarlierBatchesAsTheyAreWhereADictionaryGrows() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        reader.read(texts(7, true, "a", "b"));
        try (VectorBatch first = reader.read(indices(1, 0))) {
            reader.read(texts(7, true, "longer than before", ""));
            reader.read(texts(7, true, "c"));
            try (VectorBatch second = reader.read(indices(4, 3, 2, 1, 0))) {
                assertThat(values(second)).isEqualTo("d [c, , longer than before, b, a]");
                assertThat(first.dictionaries().lookup(7).getVector().getValueCount())
                        .isEqualTo(2);
                assertThat(values(first)).isEqualTo("d [b, a]");
            }
        }
    }

    @Test
    void keepsDictionariesOfOpenBatchesWithoutTheReader() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        IpcDictionaryBatch dictionary = texts(7, false, "a");
        reader.read(dictionary);
        try (VectorBatch batch = reader.read(indices(0))) {
            reader.close();
            assertThat(dictionary.refCnt()).isOne();
            assertThat(values(batch)).isEqualTo("d [a]");
        }
        assertThat(dictionary.refCnt()).isZero();
    }

    @Test
    void releasesDictionariesThatNoBatchRefersTo() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        IpcDictionaryBatch first = texts(7, false, "a");
        reader.read(first);
        assertThat(first.refCnt()).isOne();
        reader.read(texts(7, false, "b"));

        assertThat(first.refCnt()).isZero();
    }

    @Test
    void refusesIndicesThatAreNotInTheDictionary() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        reader.read(texts(7, false, "a"));

        assertMalformed(
                () -> reader.read(indices(0, 1)),
                "index of field d: 1 (expected: 0 or more, less than 1, the size of dictionary 7)");
    }

    @Test
    void refusesIndicesOfADictionaryThatHasNotCome() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));

        assertMalformed(
                () -> reader.read(indices(0)),
                "index of field d: 0 (expected: 0 or more, less than 0, the size of dictionary 7)");
    }

    @Test
    void takesNullsOfADictionaryThatHasNotCome() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        IpcRecordBatch nulls = new BatchMaker().node(2, 2).bytes(0).bytes(9, 9).recordBatch(2);
        try (VectorBatch batch = reader.read(nulls)) {
            assertThat(values(batch)).isEqualTo("d [null, null]");
        }
    }

    @Test
    void refusesToShrinkADictionaryThatAnotherRefersTo() {
        IpcField inner = encoded(2, IpcType.UTF8);
        reader.read(BatchReaderTest.schema(encoded(1, IpcType.of(IpcTypeId.LIST), inner)));
        reader.read(texts(2, false, "a", "b"));
        reader.read(new BatchMaker()
                .node(1, 0)
                .bytes()
                .ints(0, 2)
                .node(2, 0)
                .bytes()
                .bytes(0, 1)
                .dictionary(1, false, 1));
        reader.read(indices(0)).close();
        reader.read(texts(2, false, "c"));

        assertMalformed(
                () -> reader.read(indices(0)),
                "size of dictionary 2: 1 (expected: >= 2, which other dictionaries refer to)");
    }

    @Test
    void refusesDeltasThatArrowJavaCannotAppend() {
        reader.read(BatchReaderTest.schema(
                encoded(1, IpcType.of(IpcTypeId.LIST_VIEW), IpcField.of("item", true, IpcType.INT64))));
        reader.read(listView(false));

        assertThatThrownBy(() -> reader.read(listView(true)))
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED))
                .hasMessageStartingWith(
                        "delta of dictionary: 1 (expected: values of a type that deltas are read of, not ListView");
    }

    @Test
    void takesNoMoreAfterADictionaryForWhichThereIsNoMemory() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        IpcDictionaryBatch large = texts(7, false, "x".repeat(64 << 10));

        assertThatThrownBy(() -> reader.read(large)).isInstanceOf(OutOfMemoryException.class);

        assertThat(allocator.getAllocatedMemory()).isZero();
        assertThatThrownBy(() -> reader.read(indices())).isInstanceOf(OutOfMemoryException.class);
    }

    @Test
    void leaksNothingWhereThereIsNoMemoryForADelta() {
        reader.read(BatchReaderTest.schema(encoded(7, IpcType.UTF8)));
        reader.read(texts(7, false, "x".repeat(30_000)));

        assertThatThrownBy(() -> reader.read(texts(7, true, "y".repeat(20_000))))
                .isInstanceOf(OutOfMemoryException.class);
    }

    private static void assertMalformed(Runnable read, String message) {
        assertThatThrownBy(read::run)
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED));
    }

    private static IpcDictionaryBatch listView(boolean isDelta) {
        return new BatchMaker()
                .node(1, 0)
                .bytes()
                .ints(0)
                .ints(1)
                .node(1, 0)
                .bytes()
                .longs(1)
                .dictionary(1, isDelta, 1);
    }

    private static String values(VectorBatch batch) {
        return Values.columns(batch.root(), batch.dictionaries()).get(0);
    }

    private static IpcField encoded(long id, IpcType type, IpcField... children) {
        return new IpcField("d", true, type, new IpcDictionaryEncoding(id, INT8, false), List.of(children));
    }

    private static IpcRecordBatch indices(int... indices) {
        return new BatchMaker().node(indices.length, 0).bytes().bytes(indices).recordBatch(indices.length);
    }

    private static IpcDictionaryBatch texts(long id, boolean isDelta, String... texts) {
        int[] offsets = new int[texts.length + 1];
        for (int i = 0; i < texts.length; i++) {
            offsets[i + 1] = offsets[i] + texts[i].length();
        }
        return new BatchMaker()
                .node(texts.length, 0)
                .bytes()
                .ints(offsets)
                .bytes(String.join("", texts).chars().toArray())
                .dictionary(id, isDelta, texts.length);
    }
}
