package io.bowstring.storage;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcVerification;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a file one after another, and finds where one may begin. Confined to one thread. */
final class StoredMessages {
    /** The continuation marker, and the length of the metadata. */
    static final int PREFIX_BYTES = 8;

    private static final long CONTINUATION = 0xFFFF_FFFFL;

    private final DiskFile file;
    private final long size;
    private final int chunkBytes;
    private IpcStreamReader reader = newReader();
    private byte @Nullable [] schemaFrame;

    /** What has been read of the file: from the position on. */
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    private long position;

    /**
     * Creates one that is at the beginning of a stream.
     *
     * @param file borrowed
     * @param size up to where the file is read
     * @param chunkBytes how much to read at once, at least
     */
    StoredMessages(DiskFile file, long size, int chunkBytes) {
        this.file = file;
        this.size = size;
        this.chunkBytes = chunkBytes;
    }

    private static IpcStreamReader newReader() {
        return new IpcStreamReader(
                IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED).withVerification(IpcVerification.FRAMING));
    }

    /**
     * Returns a reader that is in the middle of the stream. Where no schema has been read, it takes record batches alone: it does not
     * look at what is in them.
     */
    private IpcStreamReader newReaderInStream() {
        IpcStreamReader inStream = newReader();
        if (schemaFrame == null) {
            IpcSchema empty = IpcSchema.of(List.of(), Map.of(), UnpooledByteBufAllocator.DEFAULT);
            schemaFrame = ByteBufUtil.getBytes(empty.frame());
            empty.release();
        }
        Objects.requireNonNull(inStream.next(Unpooled.wrappedBuffer(schemaFrame)))
                .release();
        return inStream;
    }

    /** Returns where the next message begins. */
    long position() {
        return position;
    }

    /** Continues somewhere else in the same stream. */
    void seek(long to) {
        long index = bytes.readerIndex() + to - position;
        if (index < 0 || index > bytes.writerIndex()) {
            bytes = Unpooled.EMPTY_BUFFER;
        } else {
            bytes.readerIndex((int) index);
        }
        position = to;
    }

    /** Returns the next message, owned; null where there is none that is whole. */
    @Nullable
    IpcMessage next() throws IOException {
        while (true) {
            int start = bytes.readerIndex();
            try {
                IpcMessage message = reader.next(bytes);
                if (message != null) {
                    position += bytes.readerIndex() - start;
                    if (message instanceof IpcSchema) {
                        schemaFrame = ByteBufUtil.getBytes(message.frame());
                    }
                    return message;
                }
            } catch (IpcException e) {
                bytes.readerIndex(start);
                return null;
            }
            bytes.readerIndex(start);
            if (!readMore()) {
                return null;
            }
        }
    }

    /** Goes to the first place, from a position on, where a batch may begin; returns false where there is none. */
    boolean tryFind(long from) throws IOException {
        reader = newReaderInStream();
        seek(from);
        do {
            while (bytes.readableBytes() >= PREFIX_BYTES) {
                if (isPrefix(bytes.getLongLE(bytes.readerIndex()))) {
                    return true;
                }
                bytes.skipBytes(1);
                position++;
            }
        } while (readMore());
        return false;
    }

    private boolean isPrefix(long prefix) {
        int metadataBytes = (int) (prefix >>> Integer.SIZE);
        return (prefix & CONTINUATION) == CONTINUATION
                && metadataBytes > 0
                && metadataBytes % Long.BYTES == 0
                && metadataBytes <= size - position - PREFIX_BYTES;
    }

    /** Reads at least as much again as there is; returns false at the end of the file. */
    private boolean readMore() throws IOException {
        int left = bytes.readableBytes();
        long inFile = size - position - left;
        long wanted = Math.min(Math.max(left, chunkBytes), inFile);
        if (wanted <= 0 || left + wanted > Integer.MAX_VALUE) {
            return false;
        }
        ByteBuffer more = ByteBuffer.allocate(left + (int) wanted);
        bytes.getBytes(bytes.readerIndex(), more.duplicate().limit(left));
        int count = file.read(position + left, more.position(left));
        bytes = Unpooled.wrappedBuffer(more.flip());
        return count > 0;
    }
}
