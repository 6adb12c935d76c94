package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Requests and messages as bytes, for tests that write to sockets. Not instantiable. */
final class Messages {
    /** The fields of the tests' topics: one column of numbers. */
    static final List<IpcField> FIELDS = List.of(IpcField.of("n", false, IpcType.INT64));

    /** One column of strings with a dictionary, whose indices are as wide as the numbers of {@link #FIELDS}. */
    static final List<IpcField> ENCODED = encoded(7);

    /** The end-of-stream marker. */
    static final byte[] END = {-1, -1, -1, -1, 0, 0, 0, 0};

    // Where the codec's writer puts fields of the Message table, in bytes from the start of the frame.
    private static final int BODY_LENGTH = 40;
    private static final int VERSION = 52;

    private Messages() {}

    /** Returns {@link #ENCODED} with another id. */
    static List<IpcField> encoded(long id) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.INT64, false);
        return List.of(new IpcField("s", true, IpcType.UTF8, encoding, List.of()));
    }

    /** Returns the schema of a request without fields. */
    static byte[] request(String... keysAndValues) {
        return schema(List.of(), entries(keysAndValues));
    }

    static byte[] subscribe(String topic, String... keysAndValues) {
        return concat(schema(List.of(), entries("bowstring.subscribe", topic, keysAndValues)), END);
    }

    static byte[] list(String prefix) {
        return concat(request("bowstring.list", prefix), END);
    }

    /** Returns the schema that begins to publish {@link #FIELDS}. */
    static byte[] publish(String topic, String... keysAndValues) {
        return publish(FIELDS, topic, keysAndValues);
    }

    /** Returns the schema that begins to publish. */
    static byte[] publish(List<IpcField> fields, String topic, String... keysAndValues) {
        return schema(fields, entries("bowstring.publish", topic, keysAndValues));
    }

    static byte[] schema(List<IpcField> fields, Map<String, String> metadata) {
        return bytes(IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT));
    }

    /** Returns a batch of {@link #FIELDS}. */
    static byte[] batch(long... values) {
        ByteBuf data = Unpooled.buffer();
        LongStream.of(values).forEach(data::writeLongLE);
        return bytes(PlainBatch.of(
                values.length,
                List.of(new PlainBatch.Node(values.length, 0)),
                List.of(Unpooled.EMPTY_BUFFER, data),
                UnpooledByteBufAllocator.DEFAULT));
    }

    /** Returns a batch that sets the dictionary of {@link #ENCODED} to a short text, or appends it. */
    static byte[] dictionary(boolean isDelta, String text) {
        return dictionary(7, isDelta, text);
    }

    /** Returns a batch that sets a dictionary to a short text, or appends it. */
    static byte[] dictionary(long id, boolean isDelta, String text) {
        ByteBuf frame = DictionaryFrames.frame(id, isDelta, text, UnpooledByteBufAllocator.DEFAULT);
        try {
            return ByteBufUtil.getBytes(frame);
        } finally {
            frame.release();
        }
    }

    /** Returns a batch of {@code rows} numbers that count up from {@code first}. */
    static byte[] counting(long first, int rows) {
        return batch(LongStream.range(first, first + rows).toArray());
    }

    /** Returns a batch of {@link #FIELDS} with entries of its own. */
    static byte[] marked(Map<String, String> entries, long... values) {
        IpcRecordBatch batch = (IpcRecordBatch) decode(concat(publish("t"), batch(values)), 1);
        return bytes(batch.edited(new IpcMetadataEdit("bowstring.", entries), UnpooledByteBufAllocator.DEFAULT));
    }

    /** Returns a stream that somebody else wrote as a request to publish it. */
    static byte[] published(byte[] stream, String topic) {
        IpcMetadataEdit edit = new IpcMetadataEdit("bowstring.", Map.of("bowstring.publish", topic));
        IpcSchema schema = (IpcSchema) decode(stream, 0);
        byte[] rest = Arrays.copyOfRange(stream, schema.frameBytes(), stream.length);
        return concat(bytes(schema.edited(edit, UnpooledByteBufAllocator.DEFAULT)), rest);
    }

    /** Returns a message of a stream, owned. */
    private static IpcMessage decode(byte[] stream, int index) {
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        decoder.writeInbound(Unpooled.wrappedBuffer(stream));
        for (int i = 0; i < index; i++) {
            decoder.<IpcMessage>readInbound().release();
        }
        IpcMessage message = decoder.readInbound();
        decoder.finishAndReleaseAll();
        return message;
    }

    /** Returns a message that claims another length of its body. */
    static byte[] withBodyLength(byte[] message, long bodyLength) {
        ByteBuffer copy = ByteBuffer.wrap(message.clone()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(copy.getLong(BODY_LENGTH)).isEqualTo(message.length - 8 - copy.getInt(4));
        return copy.putLong(BODY_LENGTH, bodyLength).array();
    }

    /** Returns a message that claims another metadata version; V5 is 4. */
    static byte[] withVersion(byte[] message, int version) {
        ByteBuffer copy = ByteBuffer.wrap(message.clone()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(copy.getShort(VERSION)).isEqualTo((short) 4);
        return copy.putShort(VERSION, (short) version).array();
    }

    /** Returns the eight bytes in front of metadata of a length. */
    static byte[] prefix(int metadataBytes) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(-1)
                .putInt(metadataBytes)
                .array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Returns the bytes of a message, which is consumed. */
    static byte[] bytes(IpcMessage message) {
        try {
            return ByteBufUtil.getBytes(message.frame());
        } finally {
            message.release();
        }
    }

    private static Map<String, String> entries(String key, String value, String... more) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(key, value);
        entries.putAll(entries(more));
        return entries;
    }

    private static Map<String, String> entries(String... keysAndValues) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return entries;
    }
}
