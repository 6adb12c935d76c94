package io.bowstring.cli;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Small Arrow IPC streams of {@code int64} columns without nulls. Not instantiable. */
final class Streams {
    /** Bytes of an end-of-stream marker. */
    static final int END_BYTES = 8;

    private Streams() {}

    /** Returns a schema, owned. */
    static IpcSchema schema(String... names) {
        List<IpcField> fields = Stream.of(names)
                .map(name -> IpcField.of(name, false, IpcType.INT64))
                .toList();
        return IpcSchema.of(fields, Map.of(), ByteBufAllocator.DEFAULT);
    }

    /** Returns a batch of one column, owned. */
    static IpcRecordBatch batch(long... values) {
        ByteBuf data = Unpooled.buffer();
        for (long value : values) {
            data.writeLongLE(value);
        }
        return PlainBatch.of(
                values.length,
                List.of(new PlainBatch.Node(values.length, 0)),
                List.of(Unpooled.EMPTY_BUFFER, data),
                ByteBufAllocator.DEFAULT);
    }

    /** Returns a dictionary batch of values that take no bytes, owned. */
    static IpcMessage emptyDictionary(long id, int values) {
        try (IpcBatchBuilder builder = new IpcBatchBuilder(null, Integer.MAX_VALUE, ByteBufAllocator.DEFAULT)) {
            builder.addNode(values, 0);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            builder.addBuffer(Unpooled.EMPTY_BUFFER);
            return builder.dictionaryBatch(id, false, values);
        }
    }

    /** Returns the bytes of a stream with its end; the messages are consumed. */
    static byte[] of(IpcMessage... messages) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Stream.concat(Stream.of(messages), Stream.of(IpcEndOfStream.INSTANCE)).forEach(message -> {
            byte[] frame = new byte[message.frameBytes()];
            message.frame().readBytes(frame);
            bytes.writeBytes(frame);
            message.release();
        });
        return bytes.toByteArray();
    }
}
