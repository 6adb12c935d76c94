package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts short frames together that follow one another: a write of its own costs each more than a copy. Long ones pass as they
 * are; the order stays.
 *
 * <p>Owns what it holds back. Confined to the caller's thread.
 */
final class FrameJoiner {
    private static final int MAX_SHORT_BYTES = 8 << 10;
    private static final int BUFFER_BYTES = 64 << 10;

    private final Consumer<ByteBuf> out;

    /** A short message of which it is not clear yet whether another follows. */
    private @Nullable IpcMessage alone;

    private @Nullable ByteBuf held;

    /**
     * Creates a joiner that holds nothing.
     *
     * @param out takes one or several whole frames, which are consumed
     */
    FrameJoiner(Consumer<ByteBuf> out) {
        this.out = out;
    }

    /** Adds a message, which is consumed, and held back if it is short; {@code allocator} is for what is held. */
    void add(IpcMessage message, ByteBufAllocator allocator) {
        int bytes = message.frameBytes();
        if (bytes > MAX_SHORT_BYTES || (held != null && held.writableBytes() < bytes)) {
            flush();
        }
        if (bytes > MAX_SHORT_BYTES) {
            out.accept(message.frame()); // has the reference of the message
            return;
        }
        if (alone == null && held == null) {
            alone = message;
            return;
        }
        try {
            ByteBuf to = held == null ? allocator.directBuffer(BUFFER_BYTES, BUFFER_BYTES) : held;
            held = to;
            IpcMessage first = alone;
            alone = null;
            if (first != null) {
                append(first, to);
            }
            to.writeBytes(message.frame());
        } finally {
            message.release();
        }
    }

    private static void append(IpcMessage message, ByteBuf to) {
        try {
            to.writeBytes(message.frame());
        } finally {
            message.release();
        }
    }

    /** Passes on what is held back. */
    void flush() {
        IpcMessage message = alone;
        ByteBuf frames = held;
        alone = null;
        held = null;
        if (message != null) {
            out.accept(message.frame());
        }
        if (frames != null) {
            out.accept(frames);
        }
    }

    /** Drops what is held back. */
    void clear() {
        ReferenceCountUtil.release(alone);
        ReferenceCountUtil.release(held);
        alone = null;
        held = null;
    }
}
