package io.bowstring.storage;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Messages as a segment has them. Not instantiable. */
final class StoredStream {
    private StoredStream() {}

    static byte[] schema() {
        return schema(Map.of());
    }

    /** Returns a schema with further entries in the message's metadata. */
    static byte[] schema(Map<String, String> entries) {
        IpcSchema schema =
                (IpcSchema) new IpcStreamReader(IpcDecoderConfig.DEFAULTS).next(Unpooled.copiedBuffer(Wire.SCHEMA));
        IpcMetadataEdit edit = new IpcMetadataEdit(
                "bowstring.",
                Stream.concat(entries.entrySet().stream(), Stream.of(Map.entry(FrameChecksum.KEY, FrameChecksum.UNSET)))
                        .toList());
        return marked(schema.edited(edit, UnpooledByteBufAllocator.DEFAULT));
    }

    static byte[] batch(long offset, long timeMicros) {
        IpcMetadataEdit edit = new IpcMetadataEdit(
                "bowstring.",
                List.of(
                        Map.entry("bowstring.offset", Long.toString(offset)),
                        Map.entry("bowstring.time", Long.toString(timeMicros)),
                        Map.entry(FrameChecksum.KEY, FrameChecksum.UNSET)));
        return marked(
                IpcRecordBatch.of(Unpooled.copiedBuffer(Wire.BATCH)).edited(edit, UnpooledByteBufAllocator.DEFAULT));
    }

    private static byte[] marked(IpcMessage message) {
        FrameChecksum.set(message.frame());
        byte[] bytes = ByteBufUtil.getBytes(message.frame());
        message.release();
        return bytes;
    }
}
