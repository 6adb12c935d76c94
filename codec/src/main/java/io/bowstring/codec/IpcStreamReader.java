package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
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
    private final IpcLimits limits;
    private final boolean isLegacyAccepted;
    private final StreamState stream;

    /** Creates a reader that accepts what {@code config} says, pool and budget aside. */
    public IpcStreamReader(IpcDecoderConfig config) {
        this.limits = config.limits();
        this.isLegacyAccepted = config.legacyFraming();
        this.stream = new StreamState(config.limits(), config.verification());
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
            return readNext(in);
        } catch (Throwable e) {
            stream.fail(e);
            throw e;
        }
    }

    private @Nullable IpcMessage readNext(ByteBuf in) {
        int start = in.readerIndex();
        int available = in.readableBytes();
        if (available < Integer.BYTES) {
            return null;
        }
        int prefixBytes = IpcMessage.PREFIX_BYTES;
        int metadataBytes = in.getIntLE(start);
        if (metadataBytes == IpcMessage.CONTINUATION) {
            if (available < prefixBytes) {
                return null;
            }
            metadataBytes = in.getIntLE(start + Integer.BYTES);
        } else if (isLegacyAccepted) {
            prefixBytes = IpcMessage.LEGACY_PREFIX_BYTES;
        } else {
            throw IpcException.notArrow(metadataBytes);
        }
        if (metadataBytes == 0) {
            stream.end();
            in.skipBytes(prefixBytes);
            return prefixBytes == IpcMessage.PREFIX_BYTES ? IpcEndOfStream.INSTANCE : IpcEndOfStream.LEGACY;
        }
        stream.requireMetadataBytes(prefixBytes, metadataBytes);
        return available - prefixBytes < metadataBytes ? null : newMessage(in, prefixBytes, metadataBytes);
    }

    private @Nullable IpcMessage newMessage(ByteBuf in, int prefixBytes, int metadataBytes) {
        MetadataReader metadata = new MetadataReader(in, in.readerIndex() + prefixBytes, metadataBytes);
        MessageHeader header = MessageHeader.read(metadata, limits);
        stream.requireInOrder(header.kind());
        int headBytes = prefixBytes + metadataBytes;
        if (in.readableBytes() - headBytes < header.bodyBytes()) {
            return null;
        }
        ByteBuf whole = in.readRetainedSlice(headBytes + header.bodyBytes());
        return stream.newMessage(new Frame(whole, header, metadataBytes, 0), metadata);
    }
}
