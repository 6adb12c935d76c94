package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;

/**
 * The end-of-stream marker: continuation and a metadata length of 0; where it was received in framing from before Arrow
 * 0.15 the length alone. Retaining and releasing it has no effect.
 *
 * <p>Thread-safe.
 */
public final class IpcEndOfStream extends IpcMessage {
    // Never released, which leak detection must not count.
    private static final ByteBuf MARKER = LeakPresenceDetector.staticInitializer(IpcEndOfStream::newMarker);

    /** The one to write. */
    public static final IpcEndOfStream INSTANCE = new IpcEndOfStream(MARKER);

    /** 4 zero bytes. */
    static final IpcEndOfStream LEGACY = new IpcEndOfStream(MARKER.slice(LEGACY_PREFIX_BYTES, LEGACY_PREFIX_BYTES));

    private IpcEndOfStream(ByteBuf marker) {
        super(new Frame(marker, new MessageHeader(IpcKind.END_OF_STREAM, 0, 0, 0, 0, 0), 0));
    }

    private static ByteBuf newMarker() {
        ByteBuf marker = Unpooled.directBuffer(PREFIX_BYTES, PREFIX_BYTES);
        return Unpooled.unreleasableBuffer(
                marker.writeIntLE(CONTINUATION).writeIntLE(0).asReadOnly());
    }

    @Override
    public IpcEndOfStream toKeep(ByteBufAllocator allocator) {
        return this;
    }
}
