package io.bowstring.server;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcTypeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a {@link WireClient} got: a message, copied out of its buffer, or the end of the connection. Immutable.
 *
 * @param metadata the entries of the schema, or of the batch
 * @param fields of the stream
 * @param columns of a batch whose fields are all of int64, utf8 and bool, or have a dictionary with int64 indices; of a
 *     dictionary batch its texts; else empty
 */
record Received(Kind kind, Map<String, String> metadata, List<IpcField> fields, List<List<Object>> columns) {
    enum Kind {
        SCHEMA,
        DICTIONARY,
        /** A dictionary batch that appends. */
        DELTA,
        BATCH,
        /** The end-of-stream marker. */
        END,
        /** The connection ended in order. */
        FIN,
        /** The connection was broken off. */
        RESET
    }

    static Received of(Kind kind) {
        return new Received(kind, Map.of(), List.of(), List.of());
    }

    /** Decodes replies that are whole. */
    static List<Received> all(byte[] bytes) {
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        decoder.writeInbound(Unpooled.wrappedBuffer(bytes));
        List<Received> all = new ArrayList<>();
        List<IpcField> fields = List.of();
        for (IpcMessage message = decoder.readInbound(); message != null; message = decoder.readInbound()) {
            Received received = of(message, fields);
            message.release();
            fields = received.fields();
            all.add(received);
        }
        decoder.finishAndReleaseAll();
        return all;
    }

    /** Copies a message, which is borrowed, of a stream that has {@code fields}. */
    static Received of(IpcMessage message, List<IpcField> fields) {
        if (message instanceof IpcSchema schema) {
            return new Received(Kind.SCHEMA, schema.schemaMetadata(), schema.fields(), List.of());
        }
        if (message instanceof IpcRecordBatch batch) {
            return new Received(Kind.BATCH, batch.customMetadata(), fields, columns(batch, fields));
        }
        if (message instanceof IpcDictionaryBatch dictionary) {
            Kind kind = dictionary.isDelta() ? Kind.DELTA : Kind.DICTIONARY;
            List<Object> texts =
                    List.of((Object[]) DictionaryFrames.text(dictionary).split("\\+"));
            return new Received(kind, dictionary.customMetadata(), fields, List.of(texts));
        }
        return of(Kind.END);
    }

    private static List<List<Object>> columns(IpcRecordBatch batch, List<IpcField> fields) {
        List<List<Object>> columns = new ArrayList<>();
        int buffer = 0;
        for (IpcField field : fields) {
            List<Object> values = new ArrayList<>();
            columns.add(values);
            int rows = (int) batch.rowCount();
            IpcTypeId type = field.dictionary() == null ? field.type().id() : IpcTypeId.INT;
            for (int row = 0; row < rows; row++) {
                switch (type) {
                    case INT -> values.add(batch.buffer(buffer + 1, 8 * rows).getLongLE(8 * row));
                    case BOOL ->
                        values.add((batch.buffer(buffer + 1, row / 8 + 1).getByte(row / 8) & 1 << row % 8) != 0);
                    case UTF8 ->
                        values.add(
                                text(batch, buffer, row, batch.batchMetadata().nullCount(columns.size() - 1) == 0));
                    default -> throw new AssertionError(type + " is not a type of the tests");
                }
            }
            buffer += type == IpcTypeId.UTF8 ? 3 : 2;
        }
        return columns;
    }

    private static String text(IpcRecordBatch batch, int buffer, int row, boolean hasNoNulls) {
        if (!hasNoNulls && (batch.buffer(buffer, row / 8 + 1).getByte(row / 8) & 1 << row % 8) == 0) {
            return null;
        }
        ByteBuf offsets = batch.buffer(buffer + 1, 4 * (row + 2));
        int from = offsets.getIntLE(4 * row);
        int until = offsets.getIntLE(4 * row + 4);
        return batch.buffer(buffer + 2, until).toString(from, until - from, StandardCharsets.UTF_8);
    }

    /** Returns the values of a batch of {@link Messages#FIELDS}. */
    List<Long> numbers() {
        return columns.get(0).stream().map(Long.class::cast).toList();
    }

    long offset() {
        return Long.parseLong(metadata.get("bowstring.offset"));
    }
}
