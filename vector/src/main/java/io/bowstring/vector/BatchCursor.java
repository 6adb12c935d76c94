package io.bowstring.vector;

import io.bowstring.codec.IpcBatchMetadata;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;

/**
 * Walks through the nodes and buffers of a batch in the order of the format: each field before its children. Borrows all that
 * it is made of. Confined to one thread.
 */
final class BatchCursor {
    /**
     * How many values are checked for each byte of a body. A value takes a byte or more, so that fields may share their
     * buffers, which the format allows and writers may come to do; but a thousand fields may not be the same megabyte.
     */
    private static final int CHECKS_PER_BYTE = 16;

    private static final int FREE_CHECKS = 1 << 20;

    private final IpcBatchMetadata metadata;
    private final BodyBuffers body;
    private final MissingBuffers missing;
    private final List<ArrowBuf> own = new ArrayList<>();
    private final boolean hasValidityOfUnions;
    private int nextNode;
    private int nextBuffer;
    private int nextVariadic;
    private long checks;

    BatchCursor(IpcBatchMetadata metadata, BodyBuffers body, MissingBuffers missing) {
        this.metadata = metadata;
        this.body = body;
        this.missing = missing;
        this.hasValidityOfUnions = metadata.hasValidityOfUnions();
    }

    /** Moves on to the next node; returns its index. */
    int nextNode() {
        own.clear();
        return nextNode++;
    }

    long length(int node) {
        return metadata.length(node);
    }

    long nullCount(int node) {
        return metadata.nullCount(node);
    }

    /** Returns the buffers that were added for the present node; borrowed, as they are. */
    List<ArrowBuf> own() {
        return own;
    }

    /** Adds the next buffer, of bits that say which of {@code length} values are not null, unless none may be. */
    void addValidity(long length, boolean isNullFree) {
        ArrowBuf buffer = body.get(nextBuffer++);
        own.add(isNullFree || buffer.capacity() == 0 ? missing.validity(length) : buffer);
    }

    /** Adds the next buffer, of at least one offset. */
    void addOffsets() {
        ArrowBuf buffer = body.get(nextBuffer++);
        own.add(buffer.capacity() == 0 ? missing.offset() : buffer);
    }

    /** Adds the next buffers, as many as there are for values in a view. */
    void addVariadic() {
        addBuffers(metadata.variadicCount(nextVariadic++));
    }

    /** Adds the next buffer, of decimals. */
    void addDecimals(int bits) {
        own.add(body.getDecimals(nextBuffer++, bits));
    }

    void addBuffers(long count) {
        for (long i = 0; i < count; i++) {
            own.add(body.get(nextBuffer++));
        }
    }

    /** Passes over validity that only older metadata has, and arrow-java does not. */
    void skipValidityOfUnions() {
        if (hasValidityOfUnions) {
            nextBuffer++;
        }
    }

    /** Returns whether the metadata is from before V5. */
    boolean hasValidityOfUnions() {
        return hasValidityOfUnions;
    }

    /**
     * Counts values that are to be checked next.
     *
     * @throws IpcException {@code MALFORMED} where that are too many for so short a body
     */
    void countChecks(long values) {
        checks += values;
        if (checks > CHECKS_PER_BYTE * body.bytes() + FREE_CHECKS) {
            String rule = "<= " + CHECKS_PER_BYTE + " for each of " + body.bytes() + " bytes, and " + FREE_CHECKS;
            throw new IpcException(IpcErrorCode.MALFORMED, "values that refer to others", checks, rule);
        }
    }
}
