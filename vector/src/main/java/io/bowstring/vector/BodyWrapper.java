package io.bowstring.vector;

import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Makes the bodies of messages Arrow buffers of one allocator and counts what had to be copied for it. Owns nothing.
 * Confined to one thread.
 */
final class BodyWrapper {
    private final BufferAllocator allocator;
    private long copiedBytes;

    /** Creates one that accounts in {@code allocator}, borrowed. */
    BodyWrapper(BufferAllocator allocator) {
        this.allocator = allocator;
    }

    /** Returns how many bytes were copied since the beginning: of bodies on the heap or in several parts. */
    long copiedBytes() {
        return copiedBytes;
    }

    /**
     * Returns the body of a message, which lives until the last reference to the result is dropped.
     *
     * @param message consumed
     * @return owned; the same memory, unless that is on the heap or in several parts
     */
    ArrowBuf wrap(IpcMessage message) {
        ByteBuf body = message.body();
        if (body.isDirect() && isInOnePart(body)) {
            return ByteBufAllocation.wrap(body, allocator); // its reference is that of the message
        }
        ByteBuf copy;
        try {
            copy = body.alloc().directBuffer(body.readableBytes()).writeBytes(body);
        } finally {
            message.release();
        }
        copiedBytes += copy.readableBytes();
        return ByteBufAllocation.wrap(copy, allocator);
    }

    /** Returns whether a body is in one part, which may stand apart from the head of its frame. */
    private static boolean isInOnePart(ByteBuf body) {
        return body.nioBufferCount() == 1 || body.nioBuffers().length == 1;
    }
}
