package io.bowstring.bench;

import io.netty.buffer.ByteBuf;

/**
 * The least that framing has to read: the metadata length in the prefix and the body length in the {@code Message}
 * table. Checks nothing, so it is for streams of our own only.
 */
public final class TrustedFrame {
    private static final int PREFIX_BYTES = 8;
    private static final int BODY_LENGTH_SLOT = 10;

    private TrustedFrame() {}

    /** Returns the length of the message that begins at the reader index, or -1 where its head has not all arrived. */
    public static int bytes(ByteBuf in) {
        if (in.readableBytes() < PREFIX_BYTES) {
            return -1;
        }
        int start = in.readerIndex();
        int metadataBytes = in.getIntLE(start + 4);
        if (in.readableBytes() < PREFIX_BYTES + metadataBytes) {
            return -1;
        }
        int metadata = start + PREFIX_BYTES;
        int message = metadata + in.getIntLE(metadata);
        int vtable = message - in.getIntLE(message);
        boolean hasBody = in.getUnsignedShortLE(vtable) > BODY_LENGTH_SLOT;
        int field = hasBody ? in.getUnsignedShortLE(vtable + BODY_LENGTH_SLOT) : 0;
        int bodyBytes = field == 0 ? 0 : (int) in.getLongLE(message + field);
        return PREFIX_BYTES + metadataBytes + bodyBytes;
    }
}
