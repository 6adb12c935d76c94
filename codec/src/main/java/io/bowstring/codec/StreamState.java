package io.bowstring.codec;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the messages of one stream so far allow next: a schema first and once, then batches that fit it, then the end,
 * after which another stream may begin. A message that is lost, for whatever reason, is the last word: the state has failed,
 * and allows nothing more. Confined to one decoder.
 */
final class StreamState {
    private final IpcLimits limits;
    private final IpcVerification verification;

    /** The dictionary ids of the current stream's schema; null between streams. */
    private @Nullable Set<Long> dictionaryIds;

    /** What the current stream's batches must look like; null where they are not verified. */
    private @Nullable IpcBatchVerifier verifier;

    /** Whether V4 and V5 are the same for the current stream. */
    private boolean isLikeV5;

    /** Why there is nothing more to come; null where there may be. */
    private @Nullable RuntimeException failure;

    StreamState(IpcLimits limits, IpcVerification verification) {
        this.limits = limits;
        this.verification = verification;
    }

    /** Throws why the stream has failed, if it has. */
    void requireSound() {
        if (failure != null) {
            throw failure;
        }
    }

    /** A message was lost: from now on {@link #requireSound} throws. */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause instanceof IpcException violation
                    ? violation
                    : new IllegalStateException("the stream has failed: a message of it was lost", cause);
        }
    }

    /** Returns whether a schema has come and the end of its stream has not. */
    boolean isInStream() {
        return dictionaryIds != null;
    }

    /** Throws {@link IpcException} where the metadata of the next message cannot or must not be so long. */
    void requireMetadataBytes(int prefixBytes, int bytes) {
        if (bytes < 0 || (prefixBytes + bytes) % 8 != 0) {
            throw IpcException.malformed("metadata bytes", bytes, ">= 0, a multiple of 8 with its prefix");
        }
        requireMetadataBytes(bytes);
    }

    /** Throws {@link IpcException} where the metadata of the next message must not be so long. */
    void requireMetadataBytes(int bytes) {
        boolean isInStream = isInStream();
        int limit = isInStream ? limits.maxMetadataBytes() : limits.maxSchemaBytes();
        if (bytes > limit) {
            throw isInStream
                    ? IpcException.tooLarge("metadata bytes", bytes, limit, "maxMetadataBytes")
                    : IpcException.tooLarge("schema bytes", bytes, limit, "maxSchemaBytes");
        }
    }

    /** Throws {@link IpcException} where the next message must not be of this kind. */
    void requireInOrder(IpcKind kind) {
        boolean isInStream = isInStream();
        if (isInStream == (kind == IpcKind.SCHEMA)) {
            String rule = isInStream ? "a batch" : "a schema";
            throw new IpcException(IpcErrorCode.OUT_OF_ORDER, "message", kind, rule);
        }
    }

    /** The end-of-stream marker has come. */
    void end() {
        requireInOrder(IpcKind.END_OF_STREAM);
        dictionaryIds = null;
        verifier = null;
        isLikeV5 = false;
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
        isLikeV5 = !hasLayoutOfV4(schema.fields());
        if (isLikeV5 && frame.header().version() == MessageHeader.V4) {
            schema = new IpcSchema(frame.likeV5(metadata), schema.fields(), schema.dictionaryIds());
        }
        if (verification == IpcVerification.STRUCTURE) {
            verifier = new IpcBatchVerifier(schema.fields(), limits);
        }
        dictionaryIds = schema.dictionaryIds();
        return schema;
    }

    /** Returns whether V4 has validity buffers for any of the fields that V5 does not have. */
    private static boolean hasLayoutOfV4(List<IpcField> fields) {
        return IpcField.withNested(fields).stream()
                .map(field -> field.type().id())
                .anyMatch(type -> type == IpcTypeId.UNION || type == IpcTypeId.RUN_END_ENCODED);
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
}
