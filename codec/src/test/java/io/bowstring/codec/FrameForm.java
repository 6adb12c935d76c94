package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;

/** How a message may stand in memory: what takes a body has to take it in each form, with the same result. */
public enum FrameForm {
    /** In one buffer, as a decoder gathers it from a socket. */
    CONTIGUOUS,
    /** Head and body apart, as Flight brings them and a writer makes them that shares a vector's memory. */
    TWO_PARTS,
    /** The head, and a body in two pieces. */
    SEVERAL_PARTS;

    /**
     * Puts a message into this form.
     *
     * @param message with a body; consumed
     * @return the same message in memory of its own, owned
     */
    public <M extends IpcMessage> M of(M message, ByteBufAllocator allocator) {
        Frame frame = message.bytes();
        ByteBuf body = body(frame.body(), allocator);
        try {
            Frame formed = Frame.of(frame.metadata(), body, this == CONTIGUOUS, frame.header(), allocator);
            return like(message, formed);
        } finally {
            body.release();
            message.release();
        }
    }

    /** Returns a copy of a body, owned. */
    private ByteBuf body(ByteBuf body, ByteBufAllocator allocator) {
        int half = this == SEVERAL_PARTS ? body.readableBytes() / 2 : 0;
        ByteBuf rest = allocator.directBuffer().writeBytes(body, half, body.readableBytes() - half);
        if (half == 0) {
            return rest;
        }
        CompositeByteBuf pieces = allocator.compositeDirectBuffer(2);
        return pieces.addComponent(true, allocator.directBuffer().writeBytes(body, 0, half))
                .addComponent(true, rest);
    }

    /** Returns where the body of a message, borrowed, begins; of one that is in one part. */
    public static long bodyAddress(IpcMessage message) {
        ByteBuf body = message.body();
        if (message.bytes().buffer() instanceof CompositeByteBuf parts) {
            assertThat(parts.numComponents()).isEqualTo(2);
            assertThat(parts.toByteIndex(1) - parts.readerIndex())
                    .isEqualTo(message.frameBytes() - body.readableBytes());
            return parts.component(1).memoryAddress();
        }
        return body.memoryAddress() + body.readerIndex();
    }

    @SuppressWarnings("unchecked") // of the kind that it was
    private static <M extends IpcMessage> M like(M message, Frame frame) {
        return switch (message.kind()) {
            case RECORD_BATCH -> (M) new IpcRecordBatch(frame, frame.reader());
            case DICTIONARY_BATCH -> (M) new IpcDictionaryBatch(frame, frame.reader());
            default -> throw new IllegalArgumentException("message: " + message + " (expected: one with a body)");
        };
    }
}
