package io.bowstring.it;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Requests and messages as bytes, for those who mean harm. Not instantiable. */
final class RequestBytes {
    /** The end-of-stream marker. */
    static final byte[] END = {-1, -1, -1, -1, 0, 0, 0, 0};

    /** One column of strings with the dictionary 0. */
    static final List<IpcField> WORDS = List.of(
            new IpcField("word", true, IpcType.UTF8, new IpcDictionaryEncoding(0, IpcType.INT64, false), List.of()));

    private RequestBytes() {}

    /** Returns fields of numbers: n0, n1, n2 ... */
    static List<IpcField> numbers(int columns) {
        return IntStream.range(0, columns)
                .mapToObj(i -> IpcField.of("n" + i, false, IpcType.INT64))
                .toList();
    }

    /** Returns a request without fields that is complete. */
    static byte[] request(String... keysAndValues) {
        return concat(schema(List.of(), keysAndValues), END);
    }

    /** Returns a request to subscribe that is complete. */
    static byte[] subscribe(String topic, String... keysAndValues) {
        return concat(schema(List.of(), and("bowstring.subscribe", topic, keysAndValues)), END);
    }

    /** Returns the schema that begins to publish. */
    static byte[] publish(List<IpcField> fields, String topic, String... keysAndValues) {
        return schema(fields, and("bowstring.publish", topic, keysAndValues));
    }

    static byte[] schema(List<IpcField> fields, String... keysAndValues) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            metadata.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return bytes(IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT));
    }

    /** Returns a batch of {@link #numbers}, all of them zero. */
    static byte[] batch(int columns, int rows) {
        BatchBytes batch = new BatchBytes(rows);
        for (int i = 0; i < columns; i++) {
            batch.node(rows, 0).range(0, 0).range(i * bodyBytes(1, rows), (long) Long.BYTES * rows);
        }
        return batch.body(new byte[(int) bodyBytes(columns, rows)]).message();
    }

    private static long bodyBytes(int columns, int rows) {
        return (long) Long.BYTES * rows * columns;
    }

    /** Returns a batch of one of {@link #numbers} with entries of its own. */
    static byte[] marked(byte[] batch, Map<String, String> entries) {
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        decoder.writeInbound(Unpooled.wrappedBuffer(publish(numbers(1), "t"), batch));
        decoder.<IpcMessage>readInbound().release();
        IpcRecordBatch decoded = decoder.readInbound();
        decoder.finishAndReleaseAll();
        return bytes(decoded.edited(new IpcMetadataEdit("bowstring.", entries), UnpooledByteBufAllocator.DEFAULT));
    }

    /** Returns a batch that sets the dictionary of {@link #WORDS} to one word. */
    static byte[] dictionary(int wordBytes) {
        byte[] body = new byte[Long.BYTES + (wordBytes + 7 & -8)];
        for (int i = 0; i < Integer.BYTES; i++) {
            body[Integer.BYTES + i] = (byte) (wordBytes >> 8 * i);
        }
        return new BatchBytes(1)
                .node(1, 0)
                .range(0, 0)
                .range(0, Long.BYTES)
                .range(Long.BYTES, wordBytes)
                .body(body)
                .dictionary(0);
    }

    /** Returns a batch of {@link #WORDS} that has one row. */
    static byte[] word() {
        return new BatchBytes(1)
                .node(1, 0)
                .range(0, 0)
                .range(0, Long.BYTES)
                .body(new byte[Long.BYTES])
                .message();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(IpcMessage message) {
        try {
            return ByteBufUtil.getBytes(message.frame());
        } finally {
            message.release();
        }
    }

    private static String[] and(String key, String value, String... more) {
        String[] all = new String[more.length + 2];
        all[0] = key;
        all[1] = value;
        System.arraycopy(more, 0, all, 2, more.length);
        return all;
    }
}
