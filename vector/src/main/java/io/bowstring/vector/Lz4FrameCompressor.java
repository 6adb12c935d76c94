package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import org.jspecify.annotations.Nullable;

/**
 * Compresses into one LZ4 frame, without the copies through the heap that the library's own frames take:
 *
 * <pre>
 *   04 22 4D 18 │ 60 70 73                  │ bytes: u32, top bit: not compressed │ block │ ... │ 00 00 00 00
 *   magic       │ independent blocks of at  │ of at most 4 MiB when decompressed        │     │ end
 *               │ most 4 MiB, check of this │
 * </pre>
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md">LZ4 frame format</a>
 */
final class Lz4FrameCompressor implements BodyCompressor {
    private static final int MAGIC = 0x184D2204;
    private static final int INDEPENDENT_BLOCKS = 0x60;
    private static final int UP_TO_4_MIB = 0x70;
    private static final int HEADER_CHECK = 0x73;
    private static final int BLOCK_BYTES = 4 << 20;
    private static final int NOT_COMPRESSED = 1 << 31;
    private static final int FRAME_BYTES = 4 + 3 + 4;

    private final LZ4Compressor lz4 = LZ4Factory.fastestInstance().fastCompressor();

    @Override
    public @Nullable ByteBuf compress(ByteBuf bytes, ByteBufAllocator allocator) {
        int length = bytes.readableBytes();
        long maxBytes = FRAME_BYTES + length + length / 128L + 32; // more than blocks at their worst add
        if (maxBytes > Integer.MAX_VALUE) {
            return null;
        }
        ByteBuf frame = allocator.directBuffer((int) maxBytes, (int) maxBytes);
        try {
            writeFrame(bytes, frame);
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
        if (frame.readableBytes() >= length) {
            frame.release();
            return null;
        }
        return frame.capacity(frame.writerIndex());
    }

    /** Writes {@code bytes} to {@code frame}, which has room for them; both are borrowed. */
    private void writeFrame(ByteBuf bytes, ByteBuf frame) {
        int length = bytes.readableBytes();
        frame.writeIntLE(MAGIC)
                .writeByte(INDEPENDENT_BLOCKS)
                .writeByte(UP_TO_4_MIB)
                .writeByte(HEADER_CHECK);
        ByteBuffer source = bytes.nioBuffer();
        ByteBuffer target = frame.nioBuffer(0, frame.capacity());
        for (int start = 0; start < length; start += BLOCK_BYTES) {
            writeBlock(source.slice(start, Math.min(BLOCK_BYTES, length - start)), target, frame);
        }
        frame.writeIntLE(0);
    }

    /** Appends a block to {@code frame}, whose memory {@code target} is. */
    private void writeBlock(ByteBuffer block, ByteBuffer target, ByteBuf frame) {
        int length = block.remaining();
        int start = frame.writerIndex() + Integer.BYTES;
        int compressed = lz4.compress(block, 0, length, target, start, target.capacity() - start);
        if (compressed < length) {
            frame.writeIntLE(compressed).writerIndex(start + compressed);
        } else {
            frame.writeIntLE(length | NOT_COMPRESSED).writeBytes(block);
        }
    }
}
