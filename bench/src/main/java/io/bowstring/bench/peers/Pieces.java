package io.bowstring.bench.peers;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message as payloads of limited length: the first begins with the length of the message, eight bytes. */
final class Pieces {
    /** Puts pieces together, in the order in which they were sent. Confined to one thread. */
    static final class Joining {
        private byte[] message = new byte[0];
        private int filled;

        /** Takes the next piece, borrowed, and returns the message once it is whole, borrowed until the next piece. */
        @Nullable
        ByteBuffer add(byte[] piece) {
            boolean isFirst = filled == message.length;
            int from = isFirst ? Long.BYTES : 0;
            if (isFirst) {
                int length = Math.toIntExact(ByteBuffer.wrap(piece).getLong());
                if (length == piece.length - from) { // whole: it need not be copied
                    return ByteBuffer.wrap(piece, from, length);
                }
                message = message.length == length ? message : new byte[length];
                filled = 0;
            }
            System.arraycopy(piece, from, message, filled, piece.length - from);
            filled += piece.length - from;
            return filled == message.length ? ByteBuffer.wrap(message) : null;
        }
    }

    private Pieces() {}

    /** Returns the pieces of a message, borrowed; none is longer than {@code maxBytes}, more than 8. */
    static List<byte[]> of(ByteBuf message, int maxBytes) {
        ByteBuffer whole = ByteBuffer.allocate(Long.BYTES + message.readableBytes());
        whole.putLong(message.readableBytes());
        message.getBytes(message.readerIndex(), whole);
        whole.flip();
        List<byte[]> pieces = new ArrayList<>();
        while (whole.hasRemaining()) {
            byte[] piece = new byte[Math.min(maxBytes, whole.remaining())];
            whole.get(piece);
            pieces.add(piece);
        }
        return pieces;
    }
}
