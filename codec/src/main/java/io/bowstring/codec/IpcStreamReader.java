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

    /** Reads the metadata of one message after another. */
    private final MetadataReader metadata = new MetadataReader();

    /** Whether it reads that of the current message. */
    private boolean isLoaded;

    /** Of the current stream's record batches. */
    private BatchTemplates templates;

    private final IpcRecordBatchRun.Builder run = new IpcRecordBatchRun.Builder();

    /** Creates a reader that accepts what {@code config} says, pool and budget aside. */
    public IpcStreamReader(IpcDecoderConfig config) {
        this.limits = config.limits();
        this.config = config;
        this.templates = new BatchTemplates(limits.maxBodyBytes());
        forget();
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
            return unlessFailed(() -> takeWhole(in));
        } finally {
            forget();
        }
    }

    /**
     * Returns the next message, whose metadata and body stand apart.
     *
     * @param head the metadata, without a prefix, and padded or not; borrowed, copied
     * @param body borrowed
     * @param isCopied whether the body is copied after the metadata, else the message has a reference to it; a body that is
     *     empty is
     * @return owned
     * @throws IpcException on a violation, and from then on always
     * @throws IllegalStateException where a message before it was lost for another reason
     */
    public IpcMessage next(ByteBuf head, ByteBuf body, boolean isCopied, ByteBufAllocator allocator) {
        return unlessFailed(() -> {
            int bytes = head.readableBytes();
            requireMetadataBytes(bytes);
            MessageHeader read = MessageHeader.read(metadata.load(head, head.readerIndex(), bytes), limits);
            requireInOrder(read.kind());
            int bodyBytes = read.bodyBytes(metadata);
            if (body.readableBytes() != bodyBytes) {
                throw IpcException.malformed("body bytes", body.readableBytes(), "bodyLength, " + bodyBytes);
            }
            return newMessage(Frame.of(head, body, isCopied || !body.isReadable(), read, allocator));
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
     * Returns the next message if all of it is there: most often a batch that is like one before.
     *
     * @param in borrowed; its reader index is moved past the message
     * @return owned, a slice of {@code in}; null where it is not all there, and what is there has been read
     * @throws IpcException on a violation
     */
    @Nullable
    IpcMessage takeWhole(ByteBuf in) {
        BatchTemplate like = findLike(in, Integer.MAX_VALUE);
        if (like != null) {
            ByteBuf bytes = in.readRetainedSlice(like.frameBytes(metadata));
            return new IpcRecordBatch(new Frame(bytes, like.header(), 0), like.rowCount(metadata));
        }
        return isWhole(in) ? take(in.readRetainedSlice(neededBytes), 0) : null;
    }

    /**
     * Returns the record batches that come next, are all there and are small enough.
     *
     * @param in borrowed; its reader index is moved past the batches
     * @return owned, a slice of {@code in}; null where what comes next is not such a batch, and what is there has been read
     * @throws IpcException on a violation in the first batch; one in a later batch ends the run before it
     */
    @Nullable
    IpcRecordBatchRun takeRun(ByteBuf in) {
        int start = in.readerIndex();
        try {
            while (addToRun(in)) {
                // it is at the next message
            }
        } catch (Throwable e) {
            if (run.isEmpty()) {
                throw e;
            }
            forget(); // and find it again, when what came before it has been handed on
        }
        return run.isEmpty() ? null : run.take(in.readerIndex(start));
    }

    private boolean addToRun(ByteBuf in) {
        BatchTemplate like = findLike(in, IpcRecordBatchRun.MAX_FRAME_BYTES);
        if (like != null) {
            int frameBytes = like.frameBytes(metadata);
            run.add(like.header(), frameBytes, like.rowCount(metadata));
            in.skipBytes(frameBytes);
            return true;
        }
        if (!isWhole(in)
                || header == null
                || header.kind() != IpcKind.RECORD_BATCH
                || neededBytes > IpcRecordBatchRun.MAX_FRAME_BYTES) {
            return false;
        }
        IpcRecordBatch batch = (IpcRecordBatch) take(in.readRetainedSlice(neededBytes), 0);
        try {
            run.add(batch.bytes().header(), batch.frameBytes(), batch.rowCount());
        } finally {
            batch.release();
        }
        return true;
    }

    /**
     * Returns the template of the batch that begins in {@code in}, borrowed, if it is all there, not longer than {@code maxBytes}
     * and like one before; else null.
     */
    private @Nullable BatchTemplate findLike(ByteBuf in, int maxBytes) {
        int available = in.readableBytes();
        if (available < IpcMessage.PREFIX_BYTES || metadataBytes != UNKNOWN) {
            return null;
        }
        int index = in.readerIndex();
        long prefix = in.getLongLE(index);
        int length = (int) (prefix >>> Integer.SIZE);
        int most = Math.min(available - IpcMessage.PREFIX_BYTES, MetadataReader.KEPT_BYTES);
        if ((int) prefix != IpcMessage.CONTINUATION || length <= 0 || length > most) {
            return null;
        }
        BatchTemplate like = templates.find(metadata.load(in, index + IpcMessage.PREFIX_BYTES, length));
        isLoaded = like == null; // then it is read from the beginning
        return like != null && like.frameBytes(metadata) <= Math.min(available, maxBytes) ? like : null;
    }

    /**
     * Reads what is there of a message.
     *
     * @param bytes of which it is the beginning; borrowed
     * @return whether it is all there; if not, {@link #neededBytes} says how much more can be read of
     * @throws IpcException on a violation
     */
    boolean isWhole(ByteBuf bytes) {
        int available = bytes.readableBytes();
        if (metadataBytes == UNKNOWN && available >= neededBytes) {
            readPrefix(bytes, available);
        }
        if (header == null && metadataBytes > 0 && available >= neededBytes) {
            if (!isLoaded) {
                metadata.load(bytes, bytes.readerIndex() + prefixBytes, metadataBytes);
                isLoaded = true;
            }
            MessageHeader read = MessageHeader.read(metadata, limits);
            requireInOrder(read.kind());
            header = read;
            neededBytes += read.bodyBytes(metadata);
        }
        if (metadataBytes != UNKNOWN && available >= neededBytes) {
            return true;
        }
        isLoaded = false; // what is long is not kept twice while the body comes
        metadata.trim();
        return false;
    }

    /** Reads the continuation marker, which may be missing, and the length of the metadata, 0 for the end of the stream. */
    private void readPrefix(ByteBuf bytes, int available) {
        int length = bytes.getIntLE(bytes.readerIndex());
        if (length == IpcMessage.CONTINUATION) {
            prefixBytes = IpcMessage.PREFIX_BYTES;
            neededBytes = prefixBytes;
            if (available < prefixBytes) {
                return;
            }
            length = bytes.getIntLE(bytes.readerIndex() + Integer.BYTES);
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

    /** Returns a message that is {@linkplain #isWhole whole} in a buffer of its own, with headroom; consumed. */
    IpcMessage takeGathered(ByteBuf gathered) {
        return take(gathered, gathered.readerIndex());
    }

    private IpcMessage take(ByteBuf bytes, int headroomBytes) {
        MessageHeader complete = header;
        if (complete == null) {
            bytes.release();
            return endStream();
        }
        return newMessage(new Frame(bytes, complete, headroomBytes));
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
     * Makes a message of a whole frame; what comes then is another.
     *
     * @param received of a kind that is in order; its reference is consumed, whatever is thrown
     * @return the message, owned
     * @throws IpcException where it does not fit the stream's schema
     */
    IpcMessage newMessage(Frame received) {
        Frame frame = received;
        try {
            boolean isNew = isLoaded; // as it came whole, it has been compared with those before
            if (!isLoaded) {
                frame.readBy(metadata);
            }
            if (isLikeV5 && frame.header().version() == MessageHeader.V4) {
                frame = frame.likeV5(metadata);
            }
            return switch (frame.header().kind()) {
                case SCHEMA -> newSchema(frame);
                case DICTIONARY_BATCH -> newDictionaryBatch(frame);
                case RECORD_BATCH -> isNew ? newRecordBatch(frame) : newOrLikeRecordBatch(frame);
                case END_OF_STREAM -> throw new AssertionError("has no metadata");
            };
        } catch (Throwable e) {
            frame.buffer().release();
            throw e;
        } finally {
            forget();
        }
    }

    private IpcSchema newSchema(Frame frame) {
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

    private IpcDictionaryBatch newDictionaryBatch(Frame frame) {
        IpcDictionaryBatch batch = new IpcDictionaryBatch(frame, metadata);
        if (!Objects.requireNonNull(dictionaryIds).contains(batch.id())) {
            throw IpcException.malformed("dictionary id", batch.id(), "an id in the schema");
        }
        if (verifier != null) {
            verifier.verifyDictionaryBatch(batch.id(), frame, metadata);
        }
        return batch;
    }

    private IpcRecordBatch newOrLikeRecordBatch(Frame frame) {
        BatchTemplate like = templates.find(metadata);
        return like == null
                ? newRecordBatch(frame)
                : new IpcRecordBatch(frame.withHeader(like.header()), like.rowCount(metadata));
    }

    private IpcRecordBatch newRecordBatch(Frame frame) {
        IpcRecordBatch batch = new IpcRecordBatch(frame, metadata);
        boolean mayRepeat = verifier == null || verifier.verifyRecordBatch(frame, metadata);
        if (mayRepeat && templates.wants(frame.header())) {
            BatchLayout layout = verifier == null ? null : verifier.recordBatchLayout();
            templates.add(BatchTemplate.of(metadata, frame.header(), layout, limits.maxDecompressedBytes()));
        }
        return batch;
    }

    private IpcMessage endStream() {
        boolean isLegacy = prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES;
        forget();
        requireInOrder(IpcKind.END_OF_STREAM);
        dictionaryIds = null;
        verifier = null;
        templates = new BatchTemplates(limits.maxBodyBytes());
        isLikeV5 = false;
        return isLegacy ? IpcEndOfStream.LEGACY : IpcEndOfStream.INSTANCE;
    }

    /** Forgets the message of which the beginning has been read. */
    void forget() {
        header = null;
        isLoaded = false;
        metadata.trim();
        metadataBytes = UNKNOWN;
        neededBytes = IpcMessage.LEGACY_PREFIX_BYTES;
    }
}
