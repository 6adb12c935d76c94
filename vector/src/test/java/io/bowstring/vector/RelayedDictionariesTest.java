package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was read is written by somebody whose allocator accounts memory and cannot allocate any. */
@ExtendWith(LeakDetection.class)
class RelayedDictionariesTest {
    private static final IpcType INT8 = IpcType.of(IpcTypeId.INT, 8, 1);
    private static final IpcField TEXT =
            new IpcField("d", true, IpcType.UTF8, new IpcDictionaryEncoding(7, INT8, false), List.of());

    private final WrittenStream stream = new WrittenStream();
    private final List<String> sent = new ArrayList<>();

    @Test
    void needAnAllocatorForAccountsAlone() throws IOException {
        try (BufferAllocator allocator = RefusingAllocations.newRootAllocator(20_000)) {
            relay(allocator);
        }
        assertIsRelayed();
    }

    /** On JDK 25 that is one which cannot allocate. */
    @Test
    void needNoMoreThanTheAllocatorThatArrowHasByDefault() throws IOException {
        try (BufferAllocator allocator = new RootAllocator()) {
            relay(allocator);
        }
        assertIsRelayed();
    }

    private void assertIsRelayed() throws IOException {
        assertThat(sent).containsExactly("full 2", "batch", "delta 2", "batch", "batch", "full 1", "batch");
        assertThat(StockStream.read(stream.end()).batches())
                .containsExactly(
                        List.of("d 2[null xxx ]"),
                        List.of("d 3[yyy null xxx ]"),
                        List.of("d 3[yyy null xxx ]"),
                        List.of("d 1[z ]"));
    }

    private void relay(BufferAllocator allocator) throws IOException {
        try (BatchReader reader = new BatchReader(allocator)) {
            reader.read(BatchReaderTest.schema(TEXT));
            reader.read(dictionary(false, 'x'));
            VectorBatch first = reader.read(indices(1, 0));
            Present present = new Present(first.dictionaries());
            try (BatchWriter writer = new BatchWriter(
                    reader.schema(), present, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT)) {
                stream.add(writer.schema());
                write(first, present, writer);
                reader.read(dictionary(true, 'y'));
                write(reader.read(indices(2, 1, 0)), present, writer);
                write(reader.read(indices(2, 1, 0)), present, writer);
                reader.read(new BatchMaker()
                        .node(1, 0)
                        .bytes()
                        .ints(0, 1)
                        .bytes('z')
                        .dictionary(7, false, 1));
                write(reader.read(indices(0)), present, writer);
            }
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    private void write(VectorBatch batch, Present present, BatchWriter writer) throws IOException {
        present.dictionaries = batch.dictionaries();
        for (IpcMessage message : writer.consume(batch.root(), batch.customMetadata())) {
            sent.add(
                    message instanceof IpcDictionaryBatch dictionary
                            ? (dictionary.isDelta() ? "delta " : "full ")
                                    + dictionary.batchMetadata().rowCount()
                            : "batch");
            stream.add(message);
        }
        batch.close();
    }

    /** Returns a text and a null. */
    private static IpcDictionaryBatch dictionary(boolean isDelta, int letter) {
        return new BatchMaker()
                .node(2, 1)
                .bytes(0b01)
                .ints(0, 3, 3)
                .bytes(letter, letter, letter)
                .dictionary(7, isDelta, 2);
    }

    private static IpcRecordBatch indices(int... indices) {
        return new BatchMaker().node(indices.length, 0).bytes().bytes(indices).recordBatch(indices.length);
    }

    /** Those of the batch that is being written. */
    private static final class Present implements DictionaryProvider {
        private DictionaryProvider dictionaries;

        private Present(DictionaryProvider dictionaries) {
            this.dictionaries = dictionaries;
        }

        @Override
        public Dictionary lookup(long id) {
            return dictionaries.lookup(id);
        }

        @Override
        public Set<Long> getDictionaryIds() {
            return dictionaries.getDictionaryIds();
        }
    }
}
