package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;

/**
 * The end-of-stream marker: continuation and a metadata length of 0. Retaining and releasing it has no effect.
 *
 * <p>Thread-safe.
 */
public final class IpcEndOfStream extends IpcMessage {
    // Never released, which leak detection must not count.
    private static final ByteBuf MARKER = LeakPresenceDetector.staticInitializer(IpcEndOfStream::newMarker);

    /** The only one. */
    public static final IpcEndOfStream INSTANCE = new IpcEndOfStream();

    private IpcEndOfStream() {
        super(new Frame(MARKER, new MessageHeader(IpcKind.END_OF_STREAM, 0, 0, 0, 0), 0, 0));
    }

    private static ByteBuf newMarker() {
        ByteBuf marker = Unpooled.directBuffer(PREFIX_BYTES, PREFIX_BYTES);
        return Unpooled.unreleasableBuffer(
                marker.writeIntLE(CONTINUATION).writeIntLE(0).asReadOnly());
    }

    @Override
    public IpcKind kind() {
        return IpcKind.END_OF_STREAM;
    }

    @Override
    public IpcEndOfStream toKeep(ByteBufAllocator allocator) {
        return this;
    }
}
