package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The end-of-stream marker: continuation and a metadata length of 0. Retaining and releasing it has no effect.
 *
 * <p>Thread-safe.
 */
public final class IpcEndOfStream extends IpcMessage {
    private static final ByteBuf MARKER = Unpooled.unreleasableBuffer(Unpooled.directBuffer(PREFIX_BYTES, PREFIX_BYTES)
            .writeIntLE(CONTINUATION)
            .writeIntLE(0)
            .asReadOnly());

    /** The only one. */
    public static final IpcEndOfStream INSTANCE = new IpcEndOfStream();

    private IpcEndOfStream() {
        super(new Frame(MARKER, new MessageHeader(IpcKind.END_OF_STREAM, 0, 0, 0, 0), 0, 0));
    }

    @Override
    public IpcKind kind() {
        return IpcKind.END_OF_STREAM;
    }
}
