package io.bowstring.vector;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What arrow-java's own reader finds in a stream.
 *
 * @param schema with the type of indices in encoded fields
 * @param batches each as a text for each column, values in place of indices
 */
record StockStream(Schema schema, List<List<String>> batches) {
    static StockStream read(byte[] stream) throws IOException {
        try (BufferAllocator allocator =
                        new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
                ArrowStreamReader reader = open(stream, allocator)) {
            List<List<String>> batches = new ArrayList<>();
            while (reader.loadNextBatch()) {
                batches.add(texts(reader.getVectorSchemaRoot(), reader));
            }
            return new StockStream(reader.getVectorSchemaRoot().getSchema(), batches);
        }
    }

    /** Returns arrow-java's reader, which cannot read into its own buffers without JVM flags; owned. */
    static ArrowStreamReader open(byte[] stream, BufferAllocator allocator) {
        return open(stream, allocator, CommonsCompressionFactory.INSTANCE);
    }

    /** Returns arrow-java's reader, which decompresses by {@code codecs}; owned. */
    static ArrowStreamReader open(byte[] stream, BufferAllocator allocator, CompressionCodec.Factory codecs) {
        ReadChannel channel = new ReadChannel(Channels.newChannel(new ByteArrayInputStream(stream))) {
            @Override
            public long readFully(ArrowBuf buffer, long length) throws IOException {
                byte[] bytes = new byte[(int) length];
                int count = readFully(ByteBuffer.wrap(bytes));
                buffer.setBytes(0, bytes, 0, count);
                buffer.writerIndex(count);
                return count;
            }
        };
        MessageChannelReader messages = new MessageChannelReader(channel, allocator);
        return new ArrowStreamReader(messages, allocator, codecs);
    }

    /** Returns a text for each column of a batch, borrowed. */
    static List<String> texts(VectorSchemaRoot root, DictionaryProvider dictionaries) {
        return root.getFieldVectors().stream()
                .map(vector -> vector.getName() + " " + root.getRowCount() + text(vector, dictionaries))
                .toList();
    }

    private static String text(FieldVector vector, DictionaryProvider dictionaries) {
        StringBuilder text = new StringBuilder("[");
        Field field = vector.getField();
        Dictionary dictionary = field.getDictionary() == null
                ? null
                : dictionaries.lookup(field.getDictionary().getId());
        for (int i = 0; i < vector.getValueCount(); i++) {
            Object value = vector.getObject(i);
            if (value instanceof byte[] bytes) {
                text.append(Arrays.toString(bytes));
            } else if (dictionary != null && value != null) {
                int index = value instanceof Character unsigned ? unsigned : ((Number) value).intValue();
                text.append(valueText(dictionary.getVector(), index));
            } else {
                text.append(value);
            }
            text.append(' ');
        }
        text.append(']');
        for (FieldVector child : vector.getChildrenFromFields()) {
            text.append(text(child, dictionaries));
        }
        return text.toString();
    }

    private static String valueText(FieldVector values, int index) {
        Object value = values.getObject(index);
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }
}
