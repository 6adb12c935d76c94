package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
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
    private static final Set<IpcTypeId> LARGER_IN_V4 = Set.of(IpcTypeId.UNION, IpcTypeId.RUN_END_ENCODED);

    private final IpcDecoderConfig config;
    private final IpcLimits limits;

    /** The dictionary ids of the current stream's schema; null between streams. */
    private @Nullable Set<Long> dictionaryIds;

    /** Verifies the current stream's batches; null where they are not verified. */
    private @Nullable IpcBatchVerifier verifier;

    /** Whether V4 and V5 are the same for the current stream. */
    private boolean isLikeV5;

    /** Why there is nothing more to come: a message was lost, for whatever reason. Null where there may be. */
    private @Nullable RuntimeException failure;

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
        this.limits = config.limits();
        this.config = config;
        beginMessage();
    }

    /** Returns whether a schema has come and the end of its stream has not. */
    public boolean isInStream() {
        return dictionaryIds != null;
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
        try {
            return unlessFailed(() -> isWhole(in, true) ? takeReceived(in) : null);
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
        return unlessFailed(() -> {
            int bytes = metadata.readableBytes();
            requireMetadataBytes(bytes);
            MessageHeader read =
                    MessageHeader.read(new MetadataReader(metadata, metadata.readerIndex(), bytes), limits);
            requireInOrder(read.kind());
            if (body.readableBytes() != read.bodyBytes()) {
                throw IpcException.malformed("body bytes", body.readableBytes(), "bodyLength, " + read.bodyBytes());
            }
            Frame frame = Frame.of(metadata, body, isCopied || !body.isReadable(), read, allocator);
            return newMessage(frame, frame.reader());
        });
    }

    /** Returns the next message; where a message is lost, nothing more is read from then on. */
    private <M extends @Nullable IpcMessage> M unlessFailed(Supplier<M> next) {
        if (failure != null) {
            throw failure;
        }
        try {
            return next.get();
        } catch (Throwable e) {
            failure = e instanceof IpcException violation
                    ? violation
                    : new IllegalStateException("the stream has failed: a message of it was lost", e);
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
            requireInOrder(header.kind());
            neededBytes += header.bodyBytes();
        }
        return metadataBytes != UNKNOWN && available >= neededBytes;
    }

    /** Reads the continuation marker, which may be missing, and the length of the metadata, 0 for the end of the stream. */
    private void readPrefix(MetadataReader prefix, int available) {
        int length = prefix.int32(0);
        if (length == IpcMessage.CONTINUATION) {
            prefixBytes = IpcMessage.PREFIX_BYTES;
            neededBytes = prefixBytes;
            if (available < prefixBytes) {
                return;
            }
            length = prefix.int32(Integer.BYTES);
        } else if (config.legacyFraming()) {
            prefixBytes = IpcMessage.LEGACY_PREFIX_BYTES;
        } else {
            String hex = String.format("0x%08X", Integer.reverseBytes(length));
            throw new IpcException(IpcErrorCode.NOT_ARROW, "continuation marker", hex, "0xFFFFFFFF");
        }
        if (length < 0 || (length != 0 && (prefixBytes + length) % 8 != 0)) {
            throw IpcException.malformed("metadata bytes", length, ">= 0, a multiple of 8 with its prefix");
        }
        requireMetadataBytes(length);
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
        MetadataReader metadata = header == null ? null : reader(in, true, prefixBytes, metadataBytes);
        return take(in.readRetainedSlice(neededBytes), metadata, 0);
    }

    /** Returns a message that is {@linkplain #isWhole whole} in a buffer of its own, with headroom; consumed. */
    IpcMessage takeGathered(ByteBuf gathered) {
        return take(gathered, null, gathered.readerIndex());
    }

    private IpcMessage take(ByteBuf bytes, @Nullable MetadataReader metadata, int headroomBytes) {
        MessageHeader complete = header;
        if (complete == null) {
            bytes.release();
            return endStream();
        }
        Frame frame = new Frame(bytes, complete, metadataBytes, headroomBytes);
        beginMessage();
        return newMessage(frame, metadata == null ? frame.reader() : metadata);
    }

    /** Throws {@link IpcException} where the metadata of the next message must not be so long. */
    private void requireMetadataBytes(int bytes) {
        if (isInStream()) {
            IpcException.requireAtMost("metadata bytes", bytes, limits.maxMetadataBytes(), "maxMetadataBytes");
        } else {
            IpcException.requireAtMost("schema bytes", bytes, limits.maxSchemaBytes(), "maxSchemaBytes");
        }
    }

    /** Throws {@link IpcException} where the next message must not be of this kind. */
    private void requireInOrder(IpcKind kind) {
        boolean isInStream = isInStream();
        if (isInStream == (kind == IpcKind.SCHEMA)) {
            String rule = isInStream ? "a batch" : "a schema";
            throw new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", kind, rule);
        }
    }

    /**
     * Makes a message of a whole frame.
     *
     * @param received of a kind that is in order; its reference is consumed, whatever is thrown
     * @param metadata the metadata of the frame; borrowed
     * @return the message, owned
     * @throws IpcException where it does not fit the stream's schema
     */
    IpcMessage newMessage(Frame received, MetadataReader metadata) {
        Frame frame = received;
        try {
            if (isLikeV5 && frame.header().version() == MessageHeader.V4) {
                frame = frame.likeV5(metadata);
            }
            return switch (frame.header().kind()) {
                case SCHEMA -> newSchema(frame, metadata);
                case DICTIONARY_BATCH -> newDictionaryBatch(frame, metadata);
                case RECORD_BATCH -> newRecordBatch(frame, metadata);
                case END_OF_STREAM -> throw new AssertionError("has no metadata");
            };
        } catch (Throwable e) {
            frame.buffer().release();
            throw e;
        }
    }

    private IpcSchema newSchema(Frame frame, MetadataReader metadata) {
        IpcSchema schema = new IpcSchema(frame, metadata, limits);
        // Else V4 has more buffers.
        isLikeV5 = IpcField.withNested(schema.fields()).stream()
                .noneMatch(field -> LARGER_IN_V4.contains(field.type().id()));
        if (isLikeV5 && frame.header().version() == MessageHeader.V4) {
            schema = new IpcSchema(frame.likeV5(metadata), schema.fields(), schema.dictionaryIds());
        }
        if (config.verification() == IpcVerification.STRUCTURE) {
            verifier = new IpcBatchVerifier(schema.fields(), limits);
        }
        dictionaryIds = schema.dictionaryIds();
        return schema;
    }

    private IpcDictionaryBatch newDictionaryBatch(Frame frame, MetadataReader metadata) {
        IpcDictionaryBatch batch = new IpcDictionaryBatch(frame, metadata);
        if (!Objects.requireNonNull(dictionaryIds).contains(batch.id())) {
            throw IpcException.malformed("dictionary id", batch.id(), "an id in the schema");
        }
        if (verifier != null) {
            verifier.verifyDictionaryBatch(batch.id(), frame, metadata);
        }
        return batch;
    }

    private IpcRecordBatch newRecordBatch(Frame frame, MetadataReader metadata) {
        IpcRecordBatch batch = new IpcRecordBatch(frame, metadata);
        if (verifier != null) {
            verifier.verifyRecordBatch(frame, metadata);
        }
        return batch;
    }

    private IpcMessage endStream() {
        boolean isLegacy = prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES;
        beginMessage();
        requireInOrder(IpcKind.END_OF_STREAM);
        dictionaryIds = null;
        verifier = null;
        isLikeV5 = false;
        return isLegacy ? IpcEndOfStream.LEGACY : IpcEndOfStream.INSTANCE;
    }

    private void beginMessage() {
        header = null;
        metadataBytes = UNKNOWN;
        neededBytes = IpcMessage.LEGACY_PREFIX_BYTES;
    }

    /** Forgets the bytes that were received, so that their memory may be released; keeps what it knows of a message. */
    void forgetReceived() {
        received = null;
    }

    /** Forgets the bytes and the message that they are the beginning of. */
    void forget() {
        received = null;
        beginMessage();
    }
}
