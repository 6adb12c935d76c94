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
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a file one after another, and finds where one may begin. Confined to one thread. */
final class StoredMessages {
    /** The continuation marker, and the length of the metadata. */
    static final int PREFIX_BYTES = 8;

    private static final int CONTINUATION = -1;
    private static final int MARKER_BYTES = 4;

    /** The codec writes no message with more, and reads none. */
    private static final int MAX_METADATA_BYTES = IpcLimits.UNLIMITED.maxMetadataBytes();

    /** The vtable of a message with a header: two sizes, and places for its version, the kind of its header, and its header. */
    private static final int MIN_FIELDS_BYTES = 10;

    private final DiskFile file;
    private final long size;
    private final int chunkBytes;
    private IpcStreamReader reader = newReader();
    private byte @Nullable [] schemaFrame;

    /** What has been read of the file: from the position on. */
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    private long position;
    private long workBytes;

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

    /** Returns how many bytes have been read and moved so far, to show how much work that was. */
    long workBytes() {
        return workBytes;
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

    /** As {@link #tryFind(long, LongConsumer)}, without a word. */
    boolean tryFind(long from) throws IOException {
        return tryFind(from, at -> {});
    }

    /**
     * Goes to the first place, from a position on, where a message may begin that is no schema; returns false where there is none.
     *
     * @param onRead hears how far it has come, each time before it reads more
     */
    boolean tryFind(long from, LongConsumer onRead) throws IOException {
        seek(from);
        do {
            onRead.accept(position);
            if (tryFindInBytes()) {
                reader = newReaderInStream();
                return true;
            }
        } while (readMore());
        return false;
    }

    private boolean tryFindInBytes() {
        int start = bytes.readerIndex();
        int index = start;
        boolean isFound = false;
        while (!isFound && index <= bytes.writerIndex() - PREFIX_BYTES) {
            if (bytes.getByte(index + MARKER_BYTES - 1) != -1) {
                index += MARKER_BYTES; // a marker at any of these places would have that byte
            } else if (mayBegin(index, position + index - start)) {
                isFound = true;
            } else {
                index++;
            }
        }
        position += index - start;
        bytes.readerIndex(index);
        return isFound;
    }

    /** Returns whether a message may begin at an index, as far as its prefix and the head of its metadata say. */
    private boolean mayBegin(int index, long at) {
        int metadataBytes = bytes.getIntLE(index + MARKER_BYTES);
        return bytes.getIntLE(index) == CONTINUATION
                && metadataBytes > 0
                && metadataBytes % Long.BYTES == 0
                && metadataBytes <= Math.min(MAX_METADATA_BYTES, size - at - PREFIX_BYTES)
                && mayBeMetadata(index + PREFIX_BYTES, metadataBytes);
    }

    /** Returns whether a flatbuffer may begin at an index, the table of which has a header; also where not all of that has been read. */
    private boolean mayBeMetadata(int index, int metadataBytes) {
        int readable = Math.min(metadataBytes, bytes.writerIndex() - index);
        if (readable < Integer.BYTES) {
            return true;
        }
        int table = bytes.getIntLE(index);
        if (table < Integer.BYTES || table > metadataBytes - Integer.BYTES) {
            return false;
        }
        if (table > readable - Integer.BYTES) {
            return true;
        }
        long fields = (long) table - bytes.getIntLE(index + table);
        if (fields < 0 || fields > metadataBytes - MIN_FIELDS_BYTES) {
            return false;
        }
        return fields > readable - Short.BYTES || bytes.getUnsignedShortLE(index + (int) fields) >= MIN_FIELDS_BYTES;
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
        workBytes += more.capacity();
        bytes = Unpooled.wrappedBuffer(more.flip());
        return count > 0;
    }
}
