package io.bowstring.vector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/** A dictionary of texts, and a stream in which it is written. Owns the values; one thread. */
final class EncodedTexts implements AutoCloseable {
    static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    static final ArrowType.Int INT32 = new ArrowType.Int(32, true);
    static final DictionaryEncoding ENCODING = new DictionaryEncoding(7, false, INT32);

    final BufferAllocator allocator = new NettyAllocationFactory(MEMORY).newRootAllocator(1 << 20);
    final VarCharVector values = new VarCharVector("values", allocator);
    final WrittenStream stream = new WrittenStream();
    final List<List<String>> expected = new ArrayList<>();

    /** Makes the dictionary have these values. */
    void set(String... texts) {
        values.reset();
        for (int i = 0; i < texts.length; i++) {
            values.setSafe(i, texts[i].getBytes(UTF_8));
        }
        values.setValueCount(texts.length);
    }

    /** Returns what a dictionary is, for example {@code full 3}. */
    static String describe(IpcDictionaryBatch dictionary) {
        return (dictionary.isDelta() ? "delta " : "full ")
                + dictionary.batchMetadata().rowCount();
    }

    /** Asserts that a stock reader reads from the stream what was expected. */
    void assertIsRead() throws IOException {
        assertThat(StockStream.read(stream.end()).batches()).isEqualTo(expected);
    }

    @Override
    public void close() {
        values.close();
        allocator.close();
    }
}
