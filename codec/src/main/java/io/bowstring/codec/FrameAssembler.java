package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the messages in a sequence of received buffers.
 *
 * <pre>
 *   PREFIX ──────────────────► METADATA ──► BODY ──► PREFIX ...
 *   FF FF FF FF, length        header       message
 * </pre>
 *
 * <p>Where framing from before Arrow 0.15 is accepted too, the first 4 bytes say which of the two it is, of each message.
 *
 * <p>A message that lies wholly inside one received buffer is a slice of it. Any other is gathered as a {@link
 * PartialMessage}, with headroom.
 *
 * <p>Confined to one decoder.
 */
final class FrameAssembler {
    private enum State {
        PREFIX,
        METADATA,
        BODY
    }

    private final IpcLimits limits;
    private final StreamState stream;
    private final PartialMessage partial;

    /** Bytes of the shortest prefix that is accepted. */
    private final int shortestPrefix;

    private State state = State.PREFIX;
    private int prefixBytes;
    private int metadataBytes;

    private @Nullable MessageHeader header;

    /** Reads the metadata of all messages in the received buffer, from this index on; null where there is none yet. */
    private @Nullable MetadataReader received;

    private int receivedIndex;

    FrameAssembler(IpcDecoderConfig config, PartialMessage partial) {
        this.partial = partial;
        this.limits = config.limits();
        this.stream = new StreamState(config.limits(), config.verification());
        this.shortestPrefix = config.legacyFraming() ? IpcMessage.LEGACY_PREFIX_BYTES : IpcMessage.PREFIX_BYTES;
        beginMessage();
    }

    /**
     * Returns the next message, owned, or null where {@code in} is used up, or where a message begins of which it does not
     * have all and there is no memory for it: then {@code in} is still readable, and is to be kept for later.
     *
     * @param in borrowed; what has been read of it is taken over
     * @throws IpcException on the first violation, after which only {@link #close()} may be called
     */
    @Nullable
    IpcMessage next(ByteBuf in, ByteBufAllocator allocator) {
        while (true) {
            boolean isWhole = partial.isEmpty() && in.readableBytes() >= partial.neededBytes();
            ByteBuf gathered = isWhole ? in : partial.gather(in, allocator);
            if (gathered == null) {
                received = null; // it reads memory that is about to be released
                return null;
            }
            switch (state) {
                case PREFIX -> {
                    if (isEndOfStream(reader(gathered, isWhole, 0, prefixBytes))) {
                        return newEndOfStream(in);
                    }
                }
                case METADATA -> readHeader(reader(gathered, isWhole, prefixBytes, metadataBytes));
                case BODY -> {
                    return newMessage(in, reader(gathered, isWhole, prefixBytes, metadataBytes));
                }
            }
        }
    }

    /** Returns access to some of the bytes that have been gathered of the current message; borrowed. */
    private MetadataReader reader(ByteBuf gathered, boolean isReceived, int offset, int bytes) {
        int index = gathered.readerIndex();
        if (!isReceived) {
            return new MetadataReader(gathered, index + offset, bytes);
        }
        if (received == null) {
            if (gathered.nioBufferCount() != 1) { // made of parts: one NIO buffer for all of them would be a copy
                return new MetadataReader(gathered, index + offset, bytes);
            }
            received = new MetadataReader(gathered, index, gathered.readableBytes());
            receivedIndex = index;
        }
        return received.moveTo(index - receivedIndex + offset, bytes);
    }

    /** Reads the prefix: a metadata length, or 0 for the end of the stream. */
    private boolean isEndOfStream(MetadataReader prefix) {
        int marker = prefix.int32AtPosition(0);
        if (prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES) {
            if (marker != IpcMessage.CONTINUATION) {
                return isEndOfStream(marker);
            }
            prefixBytes = IpcMessage.PREFIX_BYTES;
            partial.needHead(prefixBytes);
            return false;
        }
        if (marker != IpcMessage.CONTINUATION) {
            throw IpcException.notArrow(marker);
        }
        return isEndOfStream(prefix.int32AtPosition(4));
    }

    private boolean isEndOfStream(int length) {
        if (length == 0) {
            return true;
        }
        stream.requireMetadataBytes(prefixBytes, length);
        metadataBytes = length;
        partial.needHead(prefixBytes + metadataBytes);
        state = State.METADATA;
        return false;
    }

    private void readHeader(MetadataReader metadata) {
        MessageHeader read = MessageHeader.read(metadata, limits);
        stream.requireInOrder(read.kind());
        header = read;
        partial.needBody(read.bodyBytes());
        state = State.BODY;
    }

    private IpcMessage newEndOfStream(ByteBuf in) {
        boolean isLegacy = prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES;
        ByteBuf gathered = partial.detach();
        if (gathered == null) {
            in.skipBytes(prefixBytes);
        } else {
            gathered.release();
        }
        beginMessage();
        stream.end();
        return isLegacy ? IpcEndOfStream.LEGACY : IpcEndOfStream.INSTANCE;
    }

    private IpcMessage newMessage(ByteBuf in, MetadataReader metadata) {
        MessageHeader complete = Objects.requireNonNull(header);
        ByteBuf gathered = partial.complete();
        Frame frame = gathered == null
                ? new Frame(in.readRetainedSlice(partial.neededBytes()), complete, metadataBytes, 0)
                : new Frame(gathered, complete, metadataBytes, gathered.readerIndex());
        beginMessage();
        return stream.newMessage(frame, metadata);
    }

    private void beginMessage() {
        header = null;
        prefixBytes = shortestPrefix;
        partial.needHead(prefixBytes);
        state = State.PREFIX;
    }

    boolean isInStream() {
        return stream.isInStream();
    }

    /** Returns the bytes of an incomplete message, owned, and forgets the message; null where there are none. */
    @Nullable
    ByteBuf detach() {
        received = null;
        beginMessage();
        return partial.detach();
    }

    void close() {
        ByteBuf gathered = detach();
        if (gathered != null) {
            gathered.release();
        }
    }
}
