package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of Arrow IPC streams out of memory that already holds them, one at a time and as slices of it: for
 * files that are mapped, and memory that processes share. What comes from a socket is for {@link IpcDecoder}, whose checks
 * these are.
 *
 * <pre>{@code
 * IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
 * for (IpcMessage message = reader.next(memory); message != null; message = reader.next(memory)) {
 *     consume(message);
 * }
 * }</pre>
 *
 * <p>Confined to the caller's thread.
 */
public final class IpcStreamReader {
    private static final int UNKNOWN = -1;

    private final IpcLimits limits;
    private final boolean isLegacyAccepted;
    private final int shortestPrefix;
    private final StreamState stream;

    /** How many bytes of the message must be there before more of it can be read. */
    private int neededBytes;

    private int prefixBytes;
    private int metadataBytes = UNKNOWN;
    private @Nullable MessageHeader header;

    /** Reads the metadata of all messages in the received buffer, from this index on; null where there is none yet. */
    private @Nullable MetadataReader received;

    private int receivedIndex;

    /** Creates a reader that accepts what {@code config} says, pool and budget aside. */
    public IpcStreamReader(IpcDecoderConfig config) {
        this(config, IpcMessage.LEGACY_PREFIX_BYTES);
    }

    /**
     * Creates a reader.
     *
     * @param shortestPrefix how many bytes of a message must be there before they are looked at
     */
    IpcStreamReader(IpcDecoderConfig config, int shortestPrefix) {
        this.limits = config.limits();
        this.isLegacyAccepted = config.legacyFraming();
        this.shortestPrefix = shortestPrefix;
        this.stream = new StreamState(config.limits(), config.verification());
        beginMessage();
    }

    /** Returns whether a schema has come and the end of its stream has not. */
    public boolean isInStream() {
        return stream.isInStream();
    }

    /**
     * Returns the next message.
     *
     * @param in borrowed; its reader index is moved past the message, if there is a whole one
     * @return owned, a slice of {@code in}; null where {@code in} does not hold a whole message
     * @throws IpcException on a violation, and from then on always
     * @throws IllegalStateException where a message before it was lost for another reason
     */
    public @Nullable IpcMessage next(ByteBuf in) {
        stream.requireSound();
        try {
            return isWhole(in, true) ? takeReceived(in) : null;
        } catch (Throwable e) {
            stream.fail(e);
            throw e;
        } finally {
            forget();
        }
    }

    /**
     * Returns the next message, whose metadata and body stand apart.
     *
     * @param metadata without a prefix, and padded or not; borrowed, copied
     * @param body borrowed
     * @param isCopied whether the body is copied after the metadata, else the message has a reference to it; a body that is
     *     empty is
     * @return owned
     * @throws IpcException on a violation, and from then on always
     * @throws IllegalStateException where a message before it was lost for another reason
     */
    public IpcMessage next(ByteBuf metadata, ByteBuf body, boolean isCopied, ByteBufAllocator allocator) {
        stream.requireSound();
        try {
            int bytes = metadata.readableBytes();
            stream.requireMetadataBytes(bytes);
            MessageHeader read =
                    MessageHeader.read(new MetadataReader(metadata, metadata.readerIndex(), bytes), limits);
            stream.requireInOrder(read.kind());
            if (body.readableBytes() != read.bodyBytes()) {
                throw IpcException.malformed("body bytes", body.readableBytes(), "bodyLength, " + read.bodyBytes());
            }
            Frame frame = Frame.of(metadata, body, isCopied || !body.isReadable(), read, allocator);
            return stream.newMessage(frame, frame.reader());
        } catch (Throwable e) {
            stream.fail(e);
            throw e;
        }
    }

    /**
     * Reads what is there of a message.
     *
     * @param bytes of which it is the beginning; borrowed
     * @param isReceived whether more messages may be in them: their memory stays until all is {@linkplain #forget forgotten}
     * @return whether it is all there; if not, {@link #neededBytes} says how much more can be read of
     * @throws IpcException on a violation
     */
    boolean isWhole(ByteBuf bytes, boolean isReceived) {
        int available = bytes.readableBytes();
        if (metadataBytes == UNKNOWN && available >= neededBytes) {
            readPrefix(reader(bytes, isReceived, 0, Math.min(available, IpcMessage.PREFIX_BYTES)), available);
        }
        if (header == null && metadataBytes > 0 && available >= neededBytes) {
            header = MessageHeader.read(reader(bytes, isReceived, prefixBytes, metadataBytes), limits);
            stream.requireInOrder(header.kind());
            neededBytes += header.bodyBytes();
        }
        return metadataBytes != UNKNOWN && available >= neededBytes;
    }

    /** Reads the continuation marker, which may be missing, and the length of the metadata, 0 for the end of the stream. */
    private void readPrefix(MetadataReader prefix, int available) {
        int length = prefix.int32AtPosition(0);
        if (length == IpcMessage.CONTINUATION) {
            prefixBytes = IpcMessage.PREFIX_BYTES;
            neededBytes = prefixBytes;
            if (available < prefixBytes) {
                return;
            }
            length = prefix.int32AtPosition(Integer.BYTES);
        } else if (isLegacyAccepted) {
            prefixBytes = IpcMessage.LEGACY_PREFIX_BYTES;
        } else {
            throw IpcException.notArrow(length);
        }
        if (length != 0) {
            stream.requireMetadataBytes(prefixBytes, length);
        }
        metadataBytes = length;
        neededBytes = prefixBytes + length;
    }

    /** Returns access to some of the bytes of the current message; borrowed. */
    private MetadataReader reader(ByteBuf bytes, boolean isReceived, int offset, int length) {
        int index = bytes.readerIndex();
        if (received == null) {
            if (!isReceived || bytes.nioBufferCount() != 1) { // made of parts: one NIO buffer for all of them is a copy
                return new MetadataReader(bytes, index + offset, length);
            }
            received = new MetadataReader(bytes, index, bytes.readableBytes());
            receivedIndex = index;
        }
        return isReceived
                ? received.moveTo(index - receivedIndex + offset, length)
                : new MetadataReader(bytes, index + offset, length);
    }

    /** Returns how many bytes of the message must be there before more of it can be read. */
    int neededBytes() {
        return neededBytes;
    }

    /** Returns whether they are those of the whole message, and there is a body: it may be empty. */
    boolean isBodyKnown() {
        return header != null;
    }

    /** Returns how many of them stand before the body; where that is {@linkplain #isBodyKnown known}. */
    int headBytes() {
        return prefixBytes + metadataBytes;
    }

    /** Returns a message that is {@linkplain #isWhole whole} in received bytes, borrowed: a slice of them, owned. */
    IpcMessage takeReceived(ByteBuf in) {
        MessageHeader complete = header;
        if (complete == null) {
            in.skipBytes(prefixBytes);
            return endStream();
        }
        MetadataReader metadata = reader(in, true, prefixBytes, metadataBytes);
        return newMessage(new Frame(in.readRetainedSlice(neededBytes), complete, metadataBytes, 0), metadata);
    }

    /** Returns a message that is {@linkplain #isWhole whole} in a buffer of its own, with headroom; consumed. */
    IpcMessage takeGathered(ByteBuf gathered) {
        MessageHeader complete = header;
        if (complete == null) {
            gathered.release();
            return endStream();
        }
        Frame frame = new Frame(gathered, complete, metadataBytes, gathered.readerIndex());
        return newMessage(frame, frame.reader());
    }

    private IpcMessage newMessage(Frame frame, MetadataReader metadata) {
        beginMessage();
        return stream.newMessage(frame, metadata);
    }

    private IpcMessage endStream() {
        boolean isLegacy = prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES;
        beginMessage();
        stream.end();
        return isLegacy ? IpcEndOfStream.LEGACY : IpcEndOfStream.INSTANCE;
    }

    private void beginMessage() {
        header = null;
        metadataBytes = UNKNOWN;
        neededBytes = shortestPrefix;
    }

    /** Forgets the bytes that were received, whose memory may be released now; what is known of a message stays. */
    void forgetReceived() {
        received = null;
    }

    /** Forgets the bytes and the message that they are the beginning of. */
    void forget() {
        received = null;
        beginMessage();
    }
}
