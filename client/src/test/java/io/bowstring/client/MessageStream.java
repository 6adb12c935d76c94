package io.bowstring.client;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;

/** Makes the messages of one stream that the codec does not write, by decoding their bytes. Confined to the test's thread. */
final class MessageStream implements AutoCloseable {
    private final List<IpcField> fields;
    private final EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());

    MessageStream(List<IpcField> fields) {
        this.fields = fields;
        channel.writeInbound(schema(Map.of()).frame());
        channel.<IpcSchema>readInbound().release();
    }

    List<IpcField> fields() {
        return fields;
    }

    /** Returns the schema message, owned. */
    IpcSchema schema(Map<String, String> metadata) {
        return IpcSchema.of(fields, metadata, ByteBufAllocator.DEFAULT);
    }

    /** Returns a batch that sets a dictionary to a text of up to 8 bytes, or appends it; owned. */
    IpcDictionaryBatch dictionary(long id, boolean isDelta, String text) {
        channel.writeInbound(DictionaryFrames.frame(id, isDelta, text, ByteBufAllocator.DEFAULT));
        return channel.readInbound();
    }

    /** Returns a record batch of no columns, owned. */
    static IpcRecordBatch withoutColumns(int rows) {
        return PlainBatch.of(rows, List.of(), List.of(), ByteBufAllocator.DEFAULT);
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
